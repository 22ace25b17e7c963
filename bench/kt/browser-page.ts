// The part of the transparency benchmark that runs in a browser: bundled, loaded into a page, and asked for its figures.

import { fromBase64 } from "@nodoor/bytes"
import { browserProvider } from "@nodoor/mls/browser"
import { nobleLogCrypto } from "@nodoor/keylog"
import { type Timing, measureInTurn } from "../measurement.ts"
import { clientOf } from "./client.ts"

/** Bytes in base64. */
export interface PageRequest {
  readonly config: string
  readonly nowMs: number
  readonly cold: { readonly request: string; readonly response: string }
  readonly warm: { readonly request: string; readonly response: string }
  readonly count: number
}

/** Timings by name. */
export type PageAnswer = Readonly<Record<string, Timing>>

async function measure(request: PageRequest): Promise<PageAnswer> {
  const look = (one: PageRequest["cold"]): { request: Uint8Array; response: Uint8Array } => ({
    request: fromBase64(one.request),
    response: fromBase64(one.response),
  })
  const looks = { config: fromBase64(request.config), nowMs: request.nowMs, cold: look(request.cold), warm: look(request.warm) }
  const provider = clientOf(await browserProvider(), looks)
  const plain = clientOf(nobleLogCrypto, looks)
  const timings = await measureInTurn(
    [
      { name: "cold, WebAssembly Ed25519", run: provider.cold },
      { name: "cold, JavaScript only", run: plain.cold },
      { name: "warm, WebAssembly Ed25519", run: provider.warm },
      { name: "warm, JavaScript only", run: plain.warm },
    ],
    { count: request.count, maxMs: 10_000, warmUps: Math.ceil(request.count / 4) },
  )
  return Object.fromEntries(timings)
}

;(globalThis as unknown as { measure: typeof measure }).measure = measure
