// Reading a request's body with an end to it: what is too large is refused before it is in memory.

import type { IncomingMessage } from "node:http"
import { WireError } from "@nodoor/wire"

/** Bytes of bodies that may be in memory at once, over all requests: many large commits at the same time must not be the end of the server. */
const bufferedMax = 256 * 1024 * 1024
let bufferedBytes = 0

/** How much of a refused body is read and thrown away, and for how long, so that the client gets to read the refusal. */
const discardMaxBytes = 1_048_576
const discardMaxMs = 300

/**
 * The whole body in a buffer of its own.
 * @throws WireError `too_large`, at once if the headers say so; `bad_request` for a wrong type, an encoding, or a body cut short; `unavailable`
 */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (incoming.headers["content-type"] !== "application/cbor") throw new WireError("bad_request", "the content type is application/cbor")
  if (incoming.headers["content-encoding"] !== undefined) throw new WireError("bad_request", "bodies are not compressed")
  const stated = incoming.headers["content-length"]
  if (stated !== undefined && Number(stated) > maxBytes) throw new WireError("too_large")
  const chunks: Buffer[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      bufferedBytes += chunk.length
      if (sizeBytes > maxBytes) throw new WireError("too_large")
      if (bufferedBytes > bufferedMax) throw new WireError("unavailable", "the server is busy", { retryAfterMs: 1000 })
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof WireError) throw error
    throw new WireError("bad_request", "the body ended early")
  } finally {
    bufferedBytes -= sizeBytes
  }
  const body = new Uint8Array(sizeBytes)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** Reads and forgets what still comes, within bounds. */
export function discardBody(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.readableEnded || incoming.destroyed) return resolve()
    let left = discardMaxBytes
    const timer = setTimeout(resolve, discardMaxMs)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    incoming.on("data", (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) done()
    })
    incoming.on("end", done).on("error", done).on("close", done).resume()
  })
}
