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
import { NetworkError } from "../client-error.ts"
import type { Network, Stream, StreamHandlers } from "../ports.ts"

/** CBOR over HTTP POST; requests that take longer than this are given up and tried again by whoever made them. */
const requestTimeoutMs = 30_000
const faultBytes = 4096

export const httpNetwork: Network = {
  async call(serverUrl, route, request, token) {
    let response: Response
    let body: Uint8Array
    try {
      response = await fetch(new URL(route.path, serverUrl), {
        method: "POST",
        headers: { "content-type": "application/cbor", ...(token && { authorization: `Bearer ${toBase64Url(token)}` }) },
        body: encodeMessage(request) as Uint8Array<ArrayBuffer>,
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      body = await readBounded(response, response.ok ? route.maxAnswerBytes : faultBytes)
    } catch (error) {
      throw new NetworkError("no answer", { maybeDone: true, cause: error })
    }
    if (!response.ok) throw faultOf(body)
    try {
      return decodeMessage(route.answer, body, route.maxAnswerBytes)
    } catch (error) {
      if (error instanceof CodecError) throw new NetworkError("an answer of another form", { maybeDone: true, cause: error })
      throw error
    }
  },
  async file(serverUrl, path, maxBytes) {
    try {
      const response = await fetch(new URL(path, serverUrl), {
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      if (response.ok) return await readUpTo(response, maxBytes + 1)
      await response.body?.cancel()
      if (response.status === 404) return undefined
    } catch (error) {
      throw new NetworkError("no answer", { maybeDone: true, cause: error })
    }
    throw new NetworkError("a refusal of another form", { maybeDone: true })
  },
  openStream: openWebSocket,
}

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
async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const out = await readUpTo(response, maxBytes + 1)
  if (out.length > maxBytes) throw new CodecError("oversized", "answer")
  return out
}

/** The beginning of the body; the rest is not fetched. */
async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of response.body ?? []) {
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
