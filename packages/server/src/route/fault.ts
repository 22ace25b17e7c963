// Refusals and failures in the form of the wire.

import { CodecError } from "@nodoor/bytes"
import { WireError, type WireFault, encodeMessage, errorCodes } from "@nodoor/wire"
import type { Log } from "../core/ports.ts"

/** A refusal in the form of the wire. Any other error is a bug of ours: it is logged by its kind and place, and answered as `internal`. */
export function faultOf(error: unknown, log: Log): WireFault {
  if (error instanceof CodecError)
    return error.code === "oversized" ? { code: "too_large", message: error.message } : { code: "bad_request", message: error.message }
  if (error instanceof WireError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.epoch === undefined ? {} : { epoch: error.epoch }),
    }
  }
  log("error", "internal", { kind: error instanceof Error ? error.name : "unknown", at: placeOf(error) })
  return { code: "internal", message: "internal" }
}

export function encodeFault(fault: WireFault): { readonly status: number; readonly body: Uint8Array } {
  return { status: errorCodes[fault.code], body: encodeMessage({ ...fault, message: fault.message.slice(0, 200) }) }
}

/** File and line of our own code where an error arose. The message is left out: it might hold data. */
function placeOf(error: unknown): string {
  const line = error instanceof Error ? error.stack?.split("\n").find((text) => text.includes("/packages/")) : undefined
  return line?.match(/packages\/[\w/.-]+:\d+/)?.[0] ?? "unknown"
}
