// What a person reads of the server's canary.

import { canonicalJson, toHex } from "@nodoor/bytes"
import { type LogCrypto, type VerifiedCanary, canaryEndMs, verifyCanary } from "@nodoor/keylog"
import type { CanaryRow } from "../../store/trust/canary.ts"
import type { CanaryFacts, CanaryView } from "../../store/trust/canary-view.ts"

export function canaryView(crypto: LogCrypto, row: CanaryRow, nowMs: number): CanaryView {
  const { checkedMs: checkedAtMs, failedMs: failedAtMs } = row
  const looked = { checkedAtMs, failedAtMs }
  const held = row.held && verifyCanary(crypto, row.held)
  const readingId = canaryReadingId(crypto, row)
  const reading = { readingId, acknowledgedAtMs: row.read?.what === readingId ? row.read.atMs : undefined }
  if (row.changes.length > 0) {
    const latest = row.latest === undefined ? undefined : factsOf(verifyCanary(crypto, row.latest))
    return { status: "changed", changes: row.changes, known: held && factsOf(held), latest, ...reading, ...looked }
  }
  if (held === undefined) return checkedAtMs === undefined ? { status: "not_checked", ...looked } : { status: "none", ...looked }
  const untilMs = canaryEndMs(held)
  return nowMs < untilMs
    ? { status: "fresh", untilMs, known: factsOf(held), ...looked }
    : { status: "expired", sinceMs: untilMs, known: factsOf(held), ...reading, ...looked }
}

/** Names what there is to read. When that changes, it has to be read again. */
export function canaryReadingId(crypto: LogCrypto, { held, changes }: CanaryRow): string {
  const what = changes.length > 0 ? canonicalJson(changes.map((change) => ({ ...change }))) : (held ?? new Uint8Array())
  return toHex(crypto.sha256(what).slice(0, 16))
}

function factsOf({ issued, expires, statements, threshold, keys, signatures }: VerifiedCanary): CanaryFacts {
  return { issued, expires, statements, threshold, keys, signedBy: signatures.map(({ key }) => key) }
}
