// Calls the console's routes on the server: CBOR over POST, with the token of the person who is signed in.

import { type Route, type WireFault, decodeMessage, encodeMessage, wireFault } from "@nodoor/wire"
import { HostError } from "../host/host.ts"
import { t } from "./text/catalogue.ts"

export interface ConsoleClient {
  /** @throws HostError with a sentence for the person */
  call<Request extends object, Answer>(route: Route<Request, Answer>, request: Request): Promise<Answer>
}

export interface ConsoleClientOptions {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  /** base64url; undefined while nobody is signed in. */
  readonly token: () => string | undefined
  /** The server does not know the token that was sent. */
  readonly onUnauthorized: (token: string) => void
  /** It answered to the token. */
  readonly onUse: () => void
}

const faultMaxBytes = 4096

export function createConsoleClient(options: ConsoleClientOptions): ConsoleClient {
  return {
    async call(route, request) {
      const token = route.caller === "operator" ? options.token() : undefined
      const headers: Record<string, string> = { "Content-Type": "application/cbor" }
      if (token !== undefined) headers["Authorization"] = `Bearer ${token}`
      const body = encodeMessage(request) as Uint8Array<ArrayBuffer>
      if (body.length > route.maxRequestBytes) throw new HostError("too_large", t.frame.wrong.tooLarge)
      const init: RequestInit = { method: "POST", headers, body, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" }
      let response: Response
      let answer: Uint8Array
      try {
        response = await options.fetch(route.path, init)
        answer = new Uint8Array(await response.arrayBuffer())
      } catch {
        throw new HostError("offline", t.frame.wrong.offline)
      }
      if (!response.ok) {
        const error = faultError(answer)
        if (error.code === "unauthorized" && token !== undefined) options.onUnauthorized(token)
        throw error
      }
      if (token !== undefined) options.onUse()
      try {
        return decodeMessage(route.answer, answer, route.maxAnswerBytes)
      } catch {
        throw strangeAnswer()
      }
    },
  }
}

function faultError(answer: Uint8Array): HostError {
  try {
    const fault = decodeMessage(wireFault, answer, faultMaxBytes)
    return new HostError(fault.code, faultSentence(fault), { retryAfterMs: fault.retryAfterMs })
  } catch {
    return strangeAnswer()
  }
}

const ownSentences: Partial<Record<WireFault["code"], string>> = {
  bad_request: t.frame.wrong.badRequest,
  unauthorized: t.frame.wrong.unauthorized,
  not_found: t.frame.wrong.notFound,
  too_large: t.frame.wrong.tooLarge,
  unavailable: t.frame.wrong.unavailable,
  internal: t.frame.wrong.internal,
}

/** The server's own message if it has one. A fault whose message equals its code has none. */
export function faultSentence(fault: WireFault): string {
  if (fault.code === "rate_limited" && fault.retryAfterMs !== undefined)
    return t.frame.wrong.rateLimited(Math.max(1, Math.ceil(fault.retryAfterMs / 1000)))
  if (fault.message !== fault.code && fault.message !== "") return fault.message
  return ownSentences[fault.code] ?? t.frame.wrong.refused(fault.code.replaceAll("_", " "))
}

function strangeAnswer(): HostError {
  return new HostError("unexpected", t.frame.wrong.strange)
}
