// Reads a request's body within limits. A body that is too large, or for which there is no room, is refused before it is in memory.

import type { IncomingMessage } from "node:http"
import { WireError } from "@nodoor/wire"
import { type BodyBudget, type BodyRoom, smallMaxBytes } from "./body-budget.ts"

/** How much of a refused body is read and thrown away, and for how long, so that the client gets to read the refusal. */
const discardMaxBytes = 1_048_576
const discardMaxMs = 300

export interface BodyBounds {
  readonly maxBytes: number
  readonly address: string
  /** Somebody who is signed in to the console: everybody else shares the room of strangers. */
  readonly operator: boolean
}

/**
 * The whole body in a buffer of its own, and its room, to be ended when the answer is made.
 * @throws WireError `too_large`, at once if the headers say so; `bad_request` for a wrong type, an encoding, or a body cut short;
 * `rate_limited`, `unavailable` if there is no room, or not any more because it comes too slowly
 */
export async function readBody(
  incoming: IncomingMessage,
  budget: BodyBudget,
  { maxBytes, address, operator }: BodyBounds,
): Promise<{ readonly body: Uint8Array; readonly room: BodyRoom }> {
  if (incoming.headers["content-type"] !== "application/cbor")
    throw new WireError("bad_request", "the content type must be application/cbor")
  if (incoming.headers["content-encoding"] !== undefined) throw new WireError("bad_request", "compressed bodies are not accepted")
  const stated = incoming.headers["content-length"]
  const statedBytes = stated === undefined ? undefined : Number(stated)
  if (statedBytes !== undefined && statedBytes > maxBytes) throw new WireError("too_large")
  const pool = (statedBytes ?? maxBytes) <= smallMaxBytes ? "small" : operator ? "operator" : "large"
  const arrival = Promise.withResolvers<Uint8Array>()
  const room = budget.begin({ pool, address, chargedBytes: statedBytes ?? 0 }, arrival.reject)
  const stop = collect(incoming, { maxBytes, statedBytes, room }, arrival)
  try {
    const body = await arrival.promise
    room.complete()
    return { body, room }
  } catch (error) {
    room.end()
    throw error
  } finally {
    stop()
  }
}

/** Settles `arrival` with what comes. Returns what stops listening. */
function collect(
  incoming: IncomingMessage,
  { maxBytes, statedBytes, room }: { readonly maxBytes: number; readonly statedBytes: number | undefined; readonly room: BodyRoom },
  arrival: PromiseWithResolvers<Uint8Array>,
): () => void {
  // A body with a stated length goes straight into its buffer. Memory pages that have received nothing are not used yet.
  const whole = statedBytes === undefined ? undefined : new Uint8Array(statedBytes)
  const chunks: Buffer[] = []
  let sizeBytes = 0
  const onData = (chunk: Buffer): void => {
    const at = sizeBytes
    sizeBytes += chunk.length
    try {
      if (sizeBytes > maxBytes) throw new WireError("too_large")
      room.arrived(chunk.length)
    } catch (error) {
      return arrival.reject(error)
    }
    if (whole === undefined) chunks.push(chunk)
    else whole.set(chunk, at)
  }
  const onEnd = (): void => arrival.resolve(whole ?? new Uint8Array(Buffer.concat(chunks)))
  const onGone = (): void => arrival.reject(new WireError("bad_request", "the body ended early"))
  incoming.on("data", onData).once("end", onEnd).once("error", onGone).once("close", onGone)
  if (incoming.destroyed) onGone()
  return () => {
    incoming.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone).pause()
    // A connection that is cut later must not end the process.
    incoming.on("error", () => {})
  }
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
