// Calls the console's routes on the server: CBOR over POST, with the token of the person who is signed in.

import { type Route, type WireFault, decodeMessage, encodeMessage, wireFault } from "@nodoor/wire"
import { HostError } from "../host/host.ts"

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
      if (body.length > route.maxRequestBytes) throw new HostError("too_large", "This is more than the server takes at once.")
      const init: RequestInit = { method: "POST", headers, body, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" }
      let response: Response
      let answer: Uint8Array
      try {
        response = await options.fetch(route.path, init)
        answer = new Uint8Array(await response.arrayBuffer())
      } catch {
        throw new HostError("offline", "The server did not answer. If you were changing something, look first whether it was done.")
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
  bad_request: "The server does not understand this page. Reload it: they may be of different versions.",
  unauthorized: "You are not signed in any more.",
  not_found: "That is not there, or not any more.",
  too_large: "This is more than the server takes at once.",
  unavailable: "The server cannot write just now. Nothing was done; try again in a moment.",
  internal: "Something went wrong in the server; its log says what. Nothing is known to have been done.",
}

/** The server's own words where it has some: a fault whose message is its code has none. */
export function faultSentence(fault: WireFault): string {
  if (fault.code === "rate_limited" && fault.retryAfterMs !== undefined)
    return `Too many tries. Wait ${Math.max(1, Math.ceil(fault.retryAfterMs / 1000))} s.`
  if (fault.message !== fault.code && fault.message !== "") return fault.message
  return ownSentences[fault.code] ?? `The server refused: ${fault.code.replaceAll("_", " ")}.`
}

function strangeAnswer(): HostError {
  return new HostError(
    "unexpected",
    "The answer is not this server’s, or of another version. Reload the page; if it stays so, look at what stands before the server.",
  )
}
