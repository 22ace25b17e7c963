// The server's canary as this device knows it (docs/transparency.md, "Lawful requests"). Who signs it, how many must, and what they said
// are pinned when it is first seen; a renewal takes the place of what is pinned, anything else is shown until a person has read it. It is a
// statement of people about their server: it raises no alarm and stops nothing. A look that could not be done changes nothing.

import { canonicalJson, canonicalText, toHex } from "@nodoor/bytes"
import {
  type CanaryChange,
  KeylogError,
  type VerifiedCanary,
  canaryBeginMs,
  canaryContentChanges,
  canaryEndMs,
  canaryMaxBytes,
  canaryOrderChange,
  verifyCanary,
} from "@nodoor/keylog"
import type { CanaryChangeView, CanaryFacts, CanaryView } from "../../store/trust/canary-view.ts"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { Kernel } from "../../core/kernel.ts"
import { Later } from "../../core/later.ts"
import { type CanaryRow, readCanaryRow, writeCanaryRow } from "../../store/trust/canary.ts"
import type { Transaction } from "../../core/transaction.ts"
import { noticeTexts } from "../../texts/en.ts"
import { readerOf } from "../../store/reader.ts"

const everyMs = 6 * 3_600_000
/** A device that is opened again and again does not ask each time. */
const againAfterMs = 600_000
/** A server whose clock is a little ahead may have begun its day already. */
const skewMs = 86_400_000
/** Canaries between the one that is known and the present one that are fetched: three years of months. */
const betweenMax = 36

export type CanaryParts = Pick<Kernel, "own" | "clock" | "timers" | "crypto" | "transactions" | "session" | "fault">

/** What a look found. `between`: those that were published since the one that is known, oldest first. */
type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly code: string }
  | {
      readonly kind: "canary"
      readonly file: Uint8Array
      readonly canary: VerifiedCanary
      readonly base: string | undefined
      readonly between: readonly VerifiedCanary[]
      readonly order: CanaryChange | undefined
    }

export class CanaryWatch {
  readonly #parts: CanaryParts
  #online = false
  #closed = false
  #signedIn = false
  #reconnected = false
  #looking: Promise<void> | undefined
  readonly #timer: Later

  constructor(parts: CanaryParts) {
    this.#parts = parts
    this.#timer = new Later(parts.timers)
  }

  /** Looks soon: when signing in, when the last look failed, or when six hours have passed since the last time. */
  online(): void {
    this.#online = true
    this.#reconnected = true
    this.#schedule()
  }

  offline(): void {
    this.#online = false
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    this.#timer.cancel()
  }

  async view(): Promise<CanaryView> {
    return viewOf(await this.#row(), this.#parts.clock.nowMs(), this.#parts)
  }

  /** Looks now, or waits for the look that is under way. What could not be done is said by the view. */
  async look(): Promise<CanaryView> {
    await (this.#looking ??= this.#look().finally(() => this.#looked()))
    return this.view()
  }

  /** The person has read this: what differs is pinned from now on, where it can be. @throws ClientError `not_found` if it is something else by now */
  async acknowledge(readingId: string): Promise<void> {
    const { transactions, clock, crypto } = this.#parts
    await transactions.run(async (tx) => {
      const row = await readCanaryRow(tx)
      const nowMs = clock.nowMs()
      const { status } = viewOf(row, nowMs, this.#parts)
      const isIt = (status === "changed" || status === "expired") && readingOf(crypto, row) === readingId
      if (!isIt) throw new ClientError("not_found", noticeTexts.canaryChanged)
      const next: CanaryRow =
        status === "changed" && isAcceptable(row)
          ? { ...row, held: row.latest, latest: undefined, changes: [], read: undefined }
          : { ...row, read: { what: readingId, atMs: nowMs } }
      writeCanaryRow(tx, next)
      tx.canaryChanged()
    })
    this.#schedule()
  }

  #row(): Promise<CanaryRow> {
    return readCanaryRow(readerOf(this.#parts.transactions.database))
  }

  #schedule(): void {
    this.#timer.cancel()
    if (this.#closed || this.#looking) return
    this.#next().catch((error: unknown) => this.#parts.fault(error))
  }

  /** Waits for the next look, or for the day on which the present one ends. */
  async #next(): Promise<void> {
    const { clock } = this.#parts
    const row = await this.#row()
    if (this.#closed || this.#looking) return
    this.#timer.cancel()
    const nowMs = clock.nowMs()
    const triedMs = Math.max(row.checkedMs ?? Number.NEGATIVE_INFINITY, row.failedMs ?? Number.NEGATIVE_INFINITY)
    const soon = !this.#signedIn || (this.#reconnected && row.failedMs !== undefined)
    // A clock that was set back does not put it off for longer than six hours.
    const dueMs = triedMs > nowMs ? nowMs + everyMs : triedMs + (soon ? againAfterMs : everyMs)
    if (this.#online && dueMs <= nowMs) return void this.look().catch((error: unknown) => this.#parts.fault(error))
    const endMs = row.held === undefined ? undefined : canaryEndMs(this.#verified(row.held))
    const waitMs = [this.#online ? dueMs : undefined, endMs !== undefined && endMs > nowMs ? endMs : undefined]
      .filter((ms) => ms !== undefined)
      .map((ms) => Math.min(ms - nowMs, everyMs))
    if (waitMs.length > 0) this.#timer.set(Math.min(...waitMs), () => this.#tick())
  }

  /** Time has passed: what was fresh may have ended. */
  #tick(): void {
    if (this.#closed) return
    this.#parts.transactions
      .run(async (tx) => tx.canaryChanged())
      .then(() => this.#schedule())
      .catch((error: unknown) => this.#parts.fault(error))
  }

  #looked(): void {
    this.#looking = undefined
    this.#schedule()
  }

  async #look(): Promise<void> {
    this.#signedIn = true
    this.#reconnected = false
    const { transactions, clock } = this.#parts
    let found: Found | undefined
    try {
      found = await this.#fetch(await this.#row())
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
    }
    if (this.#closed) return
    await transactions.run(async (tx) => {
      const row = await readCanaryRow(tx)
      // The person accepted another one while this look was under way: the next look compares with that.
      const known = row.latest ?? row.held
      if (found?.kind === "canary" && found.base !== (known && this.#verified(known).hash)) return
      const nowMs = clock.nowMs()
      const next: CanaryRow =
        found === undefined ? { ...row, failedMs: nowMs } : { ...this.#judged(row, found, nowMs), checkedMs: nowMs, failedMs: undefined }
      this.#write(tx, next)
    })
  }

  #write(tx: Transaction, row: CanaryRow): void {
    writeCanaryRow(tx, row)
    tx.canaryChanged()
  }

  /** @throws NetworkError when the server, or something that pretends to be it, does not answer: then nothing is known */
  async #fetch(row: CanaryRow): Promise<Found> {
    const file = await this.#parts.session.file("/canary.json", canaryMaxBytes)
    if (file === undefined) return { kind: "absent" }
    try {
      const canary = this.#verified(file)
      const known = row.latest ?? row.held
      const base = known && this.#verified(known)
      const found = { kind: "canary" as const, file, canary, base: base?.hash }
      const order = base && canaryOrderChange(base, canary)
      if (base === undefined || order?.kind !== "not_following") return { ...found, between: [], order }
      const between = await this.#between(base, canary)
      return between === undefined ? { ...found, between: [], order } : { ...found, between, order: undefined }
    } catch (error) {
      if (error instanceof KeylogError) return { kind: "invalid", code: error.code }
      throw error
    }
  }

  /** Those that lie between two, by the hashes that each names; undefined if they do not lead from one to the other. @throws NetworkError */
  async #between(older: VerifiedCanary, newer: VerifiedCanary): Promise<readonly VerifiedCanary[] | undefined> {
    const chain: VerifiedCanary[] = []
    let after = newer
    while (chain.length < betweenMax && after.previous !== null) {
      const hash = after.previous
      const file = await this.#parts.session.file(`/canary/${hash}.json`, canaryMaxBytes)
      if (file === undefined) return undefined
      let before: VerifiedCanary
      try {
        before = this.#verified(file)
      } catch (error) {
        if (error instanceof KeylogError) return undefined
        throw error
      }
      if (before.hash !== hash || canaryOrderChange(before, after) !== undefined) return undefined
      chain.unshift(before)
      if (before.previous === older.hash) return canaryOrderChange(older, before) === undefined ? chain : undefined
      after = before
    }
    return undefined
  }

  #verified(file: Uint8Array): VerifiedCanary {
    return verifyCanary(this.#parts.crypto, file)
  }

  #judged(row: CanaryRow, found: Found, nowMs: number): CanaryRow {
    switch (found.kind) {
      case "absent":
        return { ...row, changes: row.held === undefined ? [] : [{ kind: "gone" }, ...brokenOrder(row)] }
      case "invalid":
        return { ...row, changes: [{ kind: "invalid", code: found.code }, ...brokenOrder(row)] }
      case "canary":
        return this.#compared(row, found, nowMs)
    }
  }

  #compared(row: CanaryRow, found: Found & { readonly kind: "canary" }, nowMs: number): CanaryRow {
    const { file, canary, between } = found
    const { origin } = this.#parts.own
    if (canary.origin !== origin) return { ...row, changes: [{ kind: "origin", was: origin, now: canary.origin }, ...brokenOrder(row)] }
    if (canaryBeginMs(canary) > nowMs + skewMs) return { ...row, changes: [{ kind: "not_yet", now: canary.issued }, ...brokenOrder(row)] }
    if (row.held === undefined) return { ...row, held: file, latest: undefined, changes: [] }
    const held = this.#verified(row.held)
    if (canary.hash === held.hash && row.latest === undefined) return { ...row, changes: [] }
    const order = canary.hash === held.hash ? undefined : found.order
    const said = [...between, canary].flatMap((one) => canaryContentChanges(held, one))
    const changes = distinct([...said, ...(order === undefined ? [] : [order]), ...brokenOrder(row)])
    return changes.length === 0 ? { ...row, held: file, latest: undefined, changes } : { ...row, latest: file, changes }
  }
}

function viewOf(row: CanaryRow, nowMs: number, { crypto }: Pick<CanaryParts, "crypto">): CanaryView {
  const { checkedMs: checkedAtMs, failedMs: failedAtMs } = row
  const looked = { checkedAtMs, failedAtMs }
  const held = row.held && verifyCanary(crypto, row.held)
  const readingId = readingOf(crypto, row)
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

function factsOf({ issued, expires, statements, threshold, keys, signatures }: VerifiedCanary): CanaryFacts {
  return { issued, expires, statements, threshold, keys, signedBy: signatures.map(({ key }) => key) }
}

/** What was broken in the order stays broken until a person has read it, however well the next one follows. */
function brokenOrder({ changes }: CanaryRow): readonly CanaryChangeView[] {
  return changes.filter(({ kind }) => kind === "older" || kind === "not_following")
}

/** While one of these stands, reading it changes nothing about what later ones are compared with: least of all that there is none. */
const neverPinned: readonly CanaryChangeView["kind"][] = ["gone", "invalid", "origin", "not_yet"]

/** Whether the latest one holds for itself and for this server, so that a person may take it for the one they know from now on. */
function isAcceptable({ latest, changes }: CanaryRow): boolean {
  return latest !== undefined && !changes.some(({ kind }) => neverPinned.includes(kind))
}

/** Names what a person reads; when it becomes something else, it is to be read again. */
function readingOf(crypto: CanaryParts["crypto"], { held, changes }: CanaryRow): string {
  const what = changes.length > 0 ? canonicalJson(changes.map((change) => ({ ...change }))) : (held ?? new Uint8Array())
  return toHex(crypto.sha256(what).slice(0, 16))
}

function distinct(changes: readonly CanaryChangeView[]): readonly CanaryChangeView[] {
  return [...new Map(changes.map((change) => [canonicalText({ ...change }), change])).values()]
}
