// What the public log says about a case (docs/transparency.md, "Lawful requests"), and the 32 bytes of each day that prove when it was said.

import { type Json, canonicalJson, toUtf8 } from "@nodoor/bytes"
import { serverCrypto } from "../../core/crypto.ts"
import type { Random } from "../../core/ports.ts"
import type { Database } from "../../sqlite/database.ts"
import type { DeskCase } from "../cases/case.ts"
import type { HeldClass, Outcome } from "../cases/desk-request.ts"

/**
 * Whether the people concerned are told in their app. `told`: at once. `later`: after the gag. `no`: the people who decided said no, or the
 * request was withdrawn. `nobody`: none of the accounts exists.
 */
export const tellingChoices = ["told", "later", "no", "nobody"] as const
export type Telling = (typeof tellingChoices)[number]

export interface Decision {
  readonly outcome: Outcome
  readonly disclosed: readonly HeldClass[]
  /** SHA-256 of the archive, hexadecimal; undefined if nothing was handed over. */
  readonly exportDigest: string | undefined
  readonly told: Telling
}

/** Closed lists and counts: nothing of a person, an authority or a file number. */
export function noticeBody({ caseId, request }: DeskCase, { outcome, disclosed, exportDigest, told }: Decision): Json {
  return {
    format: "nodoor-notice/v1",
    id: caseId,
    received: request.received.slice(0, 7),
    country: request.country,
    instrument: request.instrument,
    sought: request.classes.toSorted(),
    accounts: request.accounts.length,
    outcome,
    disclosed: disclosed.toSorted(),
    export: exportDigest ?? null,
    told,
  }
}

export interface DaySlot {
  readonly day: string
  readonly slot: Uint8Array
  /** Slots of earlier days that may now be read. */
  readonly opened: readonly { readonly day: string; readonly key: Uint8Array; readonly body: Uint8Array }[]
}

/**
 * The slot of a day and what it opens, on the disk before anybody sees it; asked again for the same day, the same. A slot holds what
 * waits: all notices without a gag, or else those whose gag ends with the oldest one's, so that opening one gives away no other.
 * `about` goes into every slot that is not random: which server and inventory made it.
 */
export function slotOfDay(
  db: Database,
  { day, random, about }: { readonly day: string; readonly random: Random; readonly about: { readonly [name: string]: Json } },
): DaySlot {
  if (db.get("SELECT 1 FROM slots WHERE day = ?", day) === undefined) fillSlot(db, day, random, about)
  db.run(
    "UPDATE slots SET opened_day = ? WHERE day IN (SELECT day FROM slots WHERE opened_day IS NULL AND body IS NOT NULL AND logged = 1 AND day < ? AND open_after < ? ORDER BY day LIMIT ?)",
    day,
    day,
    day,
    openedPerDay - (db.get<{ n: number }>("SELECT count(*) AS n FROM slots WHERE opened_day = ?", day)?.n ?? 0),
  )
  const { slot } = db.get<{ slot: Uint8Array }>("SELECT slot FROM slots WHERE day = ?", day) as { slot: Uint8Array }
  const opened = db.all<{ day: string; key: Uint8Array; body: Uint8Array }>(
    "SELECT day, slot_key AS key, body FROM slots WHERE opened_day = ? ORDER BY day",
    day,
  )
  return { day, slot, opened }
}

/** Notes that the log holds the day's slot. */
export function slotIsLogged(db: Database, day: string): void {
  db.run("UPDATE slots SET logged = 1 WHERE day = ?", day)
}

/** Takes back a slot that never came into the log: what it held waits for another day, and what its entry would have opened stays closed. */
export function dropSlot(db: Database, day: string): void {
  db.run("UPDATE notices SET slot_day = NULL WHERE slot_day = ?", day)
  db.run("UPDATE slots SET opened_day = NULL WHERE opened_day = ?", day)
  db.run("DELETE FROM slots WHERE day = ? AND logged = 0", day)
}

/** Slots that have not been seen in the log. */
export function unloggedSlots(db: Database): readonly { readonly day: string; readonly slot: Uint8Array }[] {
  return db.all("SELECT day, slot FROM slots WHERE logged = 0 ORDER BY day")
}

function fillSlot(db: Database, day: string, random: Random, about: { readonly [name: string]: Json }): void {
  type Waiting = { case_id: string; gag_until: string; body: Uint8Array }
  const waiting = db.all<Waiting>(
    "SELECT n.case_id, n.gag_until, n.body FROM notices n JOIN cases c USING (case_id) WHERE n.body IS NOT NULL AND n.slot_day IS NULL ORDER BY n.gag_until <> '', c.closed_at_ms, n.case_id",
  )
  const said = db.get<{ body: Uint8Array }>("SELECT body FROM slots WHERE open_after = '' ORDER BY day DESC LIMIT 1")
  const [first] = waiting
  const changed = said === undefined || !Buffer.from(said.body).includes(toUtf8(`"about":${Buffer.from(canonicalJson(about)).toString()}`))
  if (first === undefined && !changed) {
    db.run("INSERT INTO slots (day, slot) VALUES (?, ?)", day, random(32))
    return
  }
  const together = waiting.filter((notice) => notice.gag_until === first?.gag_until).slice(0, noticesPerSlot)
  const notices = together.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Json)
  const body = canonicalJson({ format: "nodoor-slot/v1", day, about, notices })
  const key = random(32)
  const slot = serverCrypto.hmacSha256(key, body)
  db.run("INSERT INTO slots (day, slot, slot_key, body, open_after) VALUES (?, ?, ?, ?, ?)", day, slot, key, body, first?.gag_until ?? "")
  for (const { case_id: caseId } of together) db.run("UPDATE notices SET slot_day = ? WHERE case_id = ?", day, caseId)
}

/** So that an entry that opens slots stays within the 64 KiB of the log: about 500 bytes each, before base64. The rest waits a day. */
const noticesPerSlot = 20
const openedPerDay = 4
