// A gag that changes after the case has ended: the authority extends it, or it is lifted early. What has been told or opened stays so.

import { type Json, assert, canonicalJson, fromUtf8 } from "@nodoor/bytes"
import { gagDaysMax, gagLastDay } from "@nodoor/wire/operator"
import type { Clock } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import type { Actor } from "../people/actor.ts"
import { readCase } from "./case.ts"
import { auditedStep } from "../store/desk-database.ts"
import { isDay } from "./desk-request.ts"

export interface GagChanged {
  /** Accounts that had heard of it before. */
  readonly knowAlready: number
  /** Whether the public notice had been opened before. */
  readonly opened: boolean
  /**
   * Set if the day's slot that the public notice stands in holds other notices too and opens before the new day is over: the last UTC day on
   * which it is closed, or empty if no gag keeps it closed.
   */
  readonly sharedUntil: string | undefined
}

/**
 * `until`: the last UTC day on which nobody may be told, at most `gagLastDay` of today; undefined lifts it. From then on the people named who
 * have not asked yet, and the public notice if it is still closed, follow the new day. A notice whose day's slot holds others too is never
 * kept longer than those: one case's gag silences no other. It names nobody.
 * @throws ServerError `desk_refused` for a case that is open, or a day that is over or too far; `operator_unknown`, `operator_forbidden`
 */
export function changeGag(
  db: Database,
  {
    clock,
    caseId,
    until,
    actor,
  }: { readonly clock: Clock; readonly caseId: string; readonly until: string | undefined; readonly actor: Actor },
): GagChanged {
  if (until !== undefined) {
    if (!isDay(until) || until < dayOf(clock)) throw refused("Give the gag's last day as YYYY-MM-DD, today or later, or none.")
    requireNearGag(until, clock)
  }
  const facts = { until: until ?? null }
  return auditedStep(db, { clock, event: "gag_changed", caseId, facts }, () => {
    const { name } = actor.may(db, "handle")
    if (readCase(db, caseId).outcome === undefined)
      throw refused("The case is still open, and its request sets the gag. Withdraw the case and record the request again.")
    const day = until ?? ""
    const slot = db.get<{ body: Uint8Array; slot_day: string | null; opened_day: string | null; open_after: string | null; n: number }>(
      "SELECT n.body, n.slot_day, s.opened_day, s.open_after, (SELECT count(*) FROM notices o WHERE o.slot_day = n.slot_day) AS n FROM notices n LEFT JOIN slots s ON s.day = n.slot_day WHERE n.case_id = ?",
      caseId,
    )
    assert(slot !== undefined, "every case has its place in the log")
    const opened = slot.opened_day !== null
    let sharedUntil: string | undefined
    db.run("UPDATE notices SET gag_until = ? WHERE case_id = ?", day, caseId)
    // What the slot of a day stands for is fixed; until then the notice says what is the case.
    if (slot.slot_day === null) db.run("UPDATE notices SET body = ? WHERE case_id = ?", rewrittenNotice(slot.body, until), caseId)
    else if (!opened) {
      const last = db.get<{ day: string }>("SELECT max(gag_until) AS day FROM notices WHERE slot_day = ?", slot.slot_day)?.day ?? ""
      // Alone, it waits for its own day. Several can be opened only together: when the last of their gags ends, as they were when the slot was made.
      const together = slot.n > 1 && last > (slot.open_after ?? "") ? (slot.open_after ?? "") : last
      db.run("UPDATE slots SET open_after = ? WHERE day = ?", together, slot.slot_day)
      if (together < day) sharedUntil = together
    }
    const all = db.get<{ n: number }>("SELECT count(*) AS n FROM told WHERE case_id = ?", caseId)?.n ?? 0
    const changed = db.run("UPDATE told SET tell_after = ? WHERE case_id = ? AND fetched_day IS NULL", day, caseId)
    return { actor: name, result: { knowAlready: all - changed, opened, sharedUntil } }
  })
}

/**
 * No gag lasts forever, not even one of a request with a future date.
 * @throws ServerError `desk_refused`
 */
export function requireNearGag(until: string, clock: Clock): void {
  const last = gagLastDay(dayOf(clock))
  if (until > last)
    throw refused(`A gag can last at most ${gagDaysMax} days, until ${last}. Extend it again later with nodoor-server desk gag.`)
}

function dayOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString().slice(0, 10)
}

function rewrittenNotice(body: Uint8Array, until: string | undefined): Uint8Array {
  const said = JSON.parse(fromUtf8(body)) as { readonly [name: string]: Json }
  const telling = said["told"] === "told" || said["told"] === "later"
  return canonicalJson(telling ? { ...said, told: until === undefined ? "told" : "later" } : said)
}

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
