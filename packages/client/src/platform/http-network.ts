// The network port over fetch and WebSocket, which Node and browsers both have.

import { CodecError, concat, decodeCbor, toBase64Url } from "@nodoor/bytes"
import {
  WireError,
  type WireFault,
  cutToGraphemes,
  decodeMessage,
  encodeMessage,
  errorCodes,
  streamFrame,
  streamFrameBytes,
  streamPath,
} from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import type { Network, Stream, StreamHandlers } from "../core/ports.ts"

/** CBOR over HTTP POST; requests that take longer than this fail, and their callers try again. */
const requestTimeoutMs = 30_000
const faultBytes = 4096

export interface Exchange {
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** Whether the request names this device. One that does and one that does not never share a connection: it would name the other one too. */
  readonly named: boolean
  readonly signal: AbortSignal
}

export interface ExchangeAnswer {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

/** One request and its answer, without following redirects. Rejects for no answer. */
export type HttpExchange = (url: URL, exchange: Exchange) => Promise<ExchangeAnswer>

/** With `fetch`: a browser keeps connections for requests with and without credentials apart. */
export const httpNetwork: Network = networkOver(async (url, { method, headers, body, named, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    ...(body && { body }),
    credentials: named ? "include" : "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal,
  })
  return { status: response.status, body: response.body ?? noBody() }
})

export function networkOver(exchange: HttpExchange): Network {
  return {
    async call(serverUrl, route, request, token) {
      let status: number
      let body: Uint8Array
      try {
        const answer = await exchange(new URL(route.path, serverUrl), {
          method: "POST",
          headers: { "content-type": "application/cbor", ...(token && { authorization: `Bearer ${toBase64Url(token)}` }) },
          body: encodeMessage(request) as Uint8Array<ArrayBuffer>,
          named: token !== undefined,
          signal: AbortSignal.timeout(requestTimeoutMs),
        })
        status = answer.status
        body = await readBounded(answer, isGood(status) ? route.maxAnswerBytes : faultBytes)
      } catch (error) {
        throw new NetworkError("no answer", { maybeDone: true, cause: error })
      }
      if (!isGood(status)) throw faultOf(body)
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
        const answer = await exchange(new URL(path, serverUrl), { method: "GET", headers: {}, body: undefined, named: false, signal })
        status = answer.status
        if (isGood(status)) return await readUpTo(answer, maxBytes + 1)
        await readUpTo(answer, faultBytes)
      } catch (error) {
        throw new NetworkError("no answer", { maybeDone: true, cause: error })
      }
      if (status === 404) return undefined
      throw new NetworkError("a refusal of another form", { maybeDone: true })
    },
    openStream: openWebSocket,
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300
}

async function* noBody(): AsyncIterable<Uint8Array> {}

function openWebSocket(serverUrl: string, handlers: StreamHandlers): Stream {
  const url = new URL(streamPath, serverUrl)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  const socket = new WebSocket(url)
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
    try {
      if (!(event.data instanceof ArrayBuffer)) throw new CodecError("invalid_value", "stream frame")
      handlers.frame(decodeMessage(streamFrame, new Uint8Array(event.data), streamFrameBytes))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      socket.close()
      end()
    }
  })
  socket.addEventListener("error", end)
  socket.addEventListener("close", end)
  return {
    send: (request) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeMessage(request) as Uint8Array<ArrayBuffer>)
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

function faultOf(body: Uint8Array): Error {
  try {
    const fault = decodeCbor(body, { maxBytes: faultBytes }) as unknown as WireFault
    if (!Object.hasOwn(errorCodes, fault.code)) return new NetworkError("a refusal of another form", { maybeDone: true })
    return new WireError(fault.code, cutToGraphemes(String(fault.message), 200), {
      ...(typeof fault.retryAfterMs === "number" && { retryAfterMs: fault.retryAfterMs }),
      ...(typeof fault.epoch === "number" && { epoch: fault.epoch }),
    })
  } catch {
    return new NetworkError("a refusal of another form", { maybeDone: true })
  }
}
