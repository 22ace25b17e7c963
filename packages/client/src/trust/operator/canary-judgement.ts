// Comparing what the server shows with the canary that this device has pinned. A renewal takes its place; anything else is a change, which
// stands until a person has read it.

import { canonicalText } from "@nodoor/bytes"
import { type LogCrypto, canaryBeginMs, canaryContentChanges, verifyCanary } from "@nodoor/keylog"
import type { CanaryRow } from "../../store/trust/canary.ts"
import type { CanaryChangeView } from "../../store/trust/canary-view.ts"
import type { FoundCanary } from "./canary-fetch.ts"

/** The day of a server whose clock is a little ahead may have begun already. */
const skewMs = 86_400_000

/** While one of these stands, reading it changes nothing about what later canaries are compared with: least of all that there is none. */
const neverPinned: readonly CanaryChangeView["kind"][] = ["gone", "invalid", "origin", "not_yet"]

export interface CanaryJudge {
  readonly crypto: LogCrypto
  readonly own: { readonly origin: string }
}

/** What is known after this look. */
export function judgeCanary(judge: CanaryJudge, row: CanaryRow, found: FoundCanary, nowMs: number): CanaryRow {
  switch (found.kind) {
    case "absent":
      return { ...row, changes: row.held === undefined ? [] : [{ kind: "gone" }, ...brokenOrder(row)] }
    case "invalid":
      return { ...row, changes: [{ kind: "invalid", code: found.code }, ...brokenOrder(row)] }
    case "canary":
      return compare(judge, row, found, nowMs)
  }
}

/** The newest canary is pinned from now on, if it verifies by itself and is this server's. */
export function acceptCanary(row: CanaryRow): CanaryRow | undefined {
  const { latest, changes } = row
  const isAcceptable = latest !== undefined && !changes.some(({ kind }) => neverPinned.includes(kind))
  return isAcceptable ? { ...row, held: latest, latest: undefined, changes: [], read: undefined } : undefined
}

function compare({ crypto, own }: CanaryJudge, row: CanaryRow, found: FoundCanary & { readonly kind: "canary" }, nowMs: number): CanaryRow {
  const { file, canary, between } = found
  const { origin } = own
  if (canary.origin !== origin) return { ...row, changes: [{ kind: "origin", was: origin, now: canary.origin }, ...brokenOrder(row)] }
  if (canaryBeginMs(canary) > nowMs + skewMs) return { ...row, changes: [{ kind: "not_yet", now: canary.issued }, ...brokenOrder(row)] }
  if (row.held === undefined) return { ...row, held: file, latest: undefined, changes: [] }
  const held = verifyCanary(crypto, row.held)
  if (canary.hash === held.hash && row.latest === undefined) return { ...row, changes: [] }
  const order = canary.hash === held.hash ? undefined : found.order
  const content = [...between, canary].flatMap((one) => canaryContentChanges(held, one))
  const changes = distinct([...content, ...(order === undefined ? [] : [order]), ...brokenOrder(row)])
  return changes.length === 0 ? { ...row, held: file, latest: undefined, changes } : { ...row, latest: file, changes }
}

/** A broken order stays broken until a person has read it, however well the next canary follows. */
function brokenOrder({ changes }: CanaryRow): readonly CanaryChangeView[] {
  return changes.filter(({ kind }) => kind === "older" || kind === "not_following")
}

function distinct(changes: readonly CanaryChangeView[]): readonly CanaryChangeView[] {
  return [...new Map(changes.map((change) => [canonicalText({ ...change }), change])).values()]
}
