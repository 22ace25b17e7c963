// The network port over fetch and WebSocket, which Node and browsers both have.

import { CodecError, concat, toBase64Url } from "@nodoor/bytes"
import { decodeMessage, encodeMessage, limits } from "@nodoor/wire"
import { blobDownloadPath, blobHeaders, postPath, readPath } from "@nodoor/wire/delivery"
import { NetworkError, faultBytes, refusalOf } from "../core/client-error.ts"
import type { ConnectionClass, Network, Stream, StreamHandlers, StreamKind } from "../core/ports.ts"

/** CBOR over HTTP POST; requests that take longer than this fail, and their callers try again. */
const requestTimeoutMs = 30_000
/** A part of a blob has some megabytes. The server gives up after as long. */
const blobTimeoutMs = 60_000
/** What is taken from the head of an answer about a blob. */
const blobAnswerHeaders: readonly string[] = [...Object.values(blobHeaders), "content-range", "retry-after"]
const streamPaths: Readonly<Record<StreamKind, string>> = { reading: readPath, posting: postPath }

export interface Exchange {
  readonly method: "GET" | "POST" | "HEAD" | "PATCH" | "PUT" | "DELETE"
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  readonly class: ConnectionClass
  readonly alone?: true | undefined
  readonly signal: AbortSignal
}

export interface ExchangeAnswer {
  readonly status: number
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** One request and its answer, without following redirects. Rejects for no answer. */
export type HttpExchange = (url: URL, exchange: Exchange) => Promise<ExchangeAnswer>

/** Opens a WebSocket, on a connection of its own. */
export type OpenSocket = (url: URL, kind: StreamKind) => WebSocket

/**
 * With `fetch`: a browser keeps connections and TLS sessions for requests with and without credentials apart. It has no way to ask for a
 * connection of its own. The streams are apart if the operator gave them host names of their own.
 */
const fetchExchange: HttpExchange = async (url, { method, headers, body, class: kind, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    ...(body && { body }),
    credentials: kind === "session" ? "include" : "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal,
  })
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: response.body ?? noBody() }
}

export const httpNetwork: Network = networkOver(fetchExchange, (url) => new WebSocket(url))

export function networkOver(exchange: HttpExchange, openSocket: OpenSocket): Network {
  return {
    async call(serverUrl, route, request, { token, alone, named, unwanted } = {}) {
      let status: number
      let body: Uint8Array
      try {
        const answer = await exchange(new URL(route.path, serverUrl), {
          method: "POST",
          headers: { "content-type": "application/cbor", ...(token && { authorization: `Bearer ${toBase64Url(token)}` }) },
          body: encodeMessage(request) as Uint8Array<ArrayBuffer>,
          class: token || named ? "session" : "anonymous",
          alone,
          signal: givenUp(unwanted),
        })
        status = answer.status
        body = await readBounded(answer, isGood(status) ? route.maxAnswerBytes : faultBytes)
      } catch (error) {
        throw new NetworkError("no answer", { maybeDone: true, cause: error })
      }
      if (!isGood(status)) throw refusalOf(body)
      try {
        return decodeMessage(route.answer, body, route.maxAnswerBytes)
      } catch (error) {
        if (error instanceof CodecError) throw new NetworkError("an answer of another form", { maybeDone: true, cause: error })
        throw error
      }
    },
    async file(serverUrl, path, maxBytes) {
      let status: number
      try {
        const signal = AbortSignal.timeout(requestTimeoutMs)
        const answer = await exchange(new URL(path, serverUrl), { method: "GET", headers: {}, body: undefined, class: "anonymous", signal })
        status = answer.status
        if (isGood(status)) return await readUpTo(answer, maxBytes + 1)
        await readUpTo(answer, faultBytes)
      } catch (error) {
        throw new NetworkError("no answer", { maybeDone: true, cause: error })
      }
      if (status === 404) return undefined
      throw new NetworkError("a refusal of another form", { maybeDone: true })
    },
    async blob(hostUrl, { method, path, headers, body, maxAnswerBytes, unwanted }) {
      try {
        const answer = await exchange(new URL(path, hostUrl), {
          method,
          headers,
          body: body as Uint8Array<ArrayBuffer> | undefined,
          class: path === blobDownloadPath ? "reading" : "posting",
          signal: givenUp(unwanted, blobTimeoutMs),
        })
        const found = blobAnswerHeaders.flatMap((name) => {
          const value = answer.header(name)
          return value === undefined ? [] : [[name, value] as const]
        })
        const maxBytes = isGood(answer.status) ? maxAnswerBytes : faultBytes
        return { status: answer.status, headers: Object.fromEntries(found), body: await readBounded(answer, maxBytes) }
      } catch (error) {
        throw new NetworkError("no answer", { maybeDone: true, cause: error })
      }
    },
    openStream: (hostUrl, kind, handlers) => {
      const url = new URL(streamPaths[kind], hostUrl)
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
      return streamOver(openSocket(url, kind), handlers)
    },
  }
}

/** Ends a request after its time, or once its answer is not wanted any more. */
function givenUp(unwanted: Promise<unknown> | undefined, timeoutMs: number = requestTimeoutMs): AbortSignal {
  const late = AbortSignal.timeout(timeoutMs)
  if (!unwanted) return late
  const control = new AbortController()
  unwanted.then(
    () => control.abort(),
    () => control.abort(),
  )
  return AbortSignal.any([late, control.signal])
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300
}

async function* noBody(): AsyncIterable<Uint8Array> {}

function streamOver(socket: WebSocket, handlers: StreamHandlers): Stream {
  socket.binaryType = "arraybuffer"
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    handlers.closed()
  }
  socket.addEventListener("open", () => {
    if (!ended) handlers.opened()
  })
  socket.addEventListener("message", (event: MessageEvent) => {
    if (ended) return
    const data: unknown = event.data
    if (data instanceof ArrayBuffer && data.byteLength <= limits.frameBytes) return handlers.frame(new Uint8Array(data))
    socket.close()
    end()
  })
  socket.addEventListener("error", end)
  socket.addEventListener("close", end)
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>)
    },
    close: () => {
      ended = true
      socket.close()
    },
  }
}

/** @throws CodecError above the bound, so that a server cannot fill memory */
async function readBounded(answer: ExchangeAnswer, maxBytes: number): Promise<Uint8Array> {
  const out = await readUpTo(answer, maxBytes + 1)
  if (out.length > maxBytes) throw new CodecError("oversized", "answer")
  return out
}

/** The beginning of the body; the rest is not fetched. */
async function readUpTo({ body }: ExchangeAnswer, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of body) {
    parts.push(part.subarray(0, maxBytes - sizeBytes))
    sizeBytes = Math.min(sizeBytes + part.length, maxBytes)
    if (sizeBytes === maxBytes) break
  }
  return concat(...parts)
}
