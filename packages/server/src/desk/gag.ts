// A gag that changes after the case has ended: extended by whoever ordered it, or lifted early. What has been told or opened already stays so.

import { type Json, canonicalJson, fromUtf8 } from "@nodoor/bytes"
import type { Clock } from "../ports.ts"
import { ServerError } from "../server-error.ts"
import type { Database } from "../store/sqlite/database.ts"
import type { Actor } from "./actor.ts"
import { readCase } from "./case.ts"
import { auditedStep } from "./desk-database.ts"
import { isDay } from "./desk-request.ts"

export interface GagChanged {
  /** Accounts that had heard of it before. */
  readonly knowAlready: number
  /** Whether the public notice had been opened before. */
  readonly opened: boolean
}

/**
 * `until`: the last UTC day on which nobody may be told; undefined lifts it. From then on the people named who have not asked yet, and the
 * public notice if it is still closed, follow the new day.
 * @throws ServerError `desk_refused` for a case that is open or a day that is over, `operator_unknown`, `operator_forbidden`
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
  const today = new Date(clock.nowMs()).toISOString().slice(0, 10)
  if (until !== undefined && (!isDay(until) || until < today))
    throw refused("A gag ends on a day as YYYY-MM-DD that is not over, or is none.")
  const facts = { until: until ?? null }
  return auditedStep(db, { clock, event: "gag_changed", caseId, facts }, () => {
    const { name } = actor.may(db, "handle")
    if (readCase(db, caseId).outcome === undefined)
      throw refused("The case is open, and its request says until when. Withdraw it and write the request down anew.")
    const day = until ?? ""
    const slot = db.get<{ body: Uint8Array; slot_day: string | null; opened_day: string | null }>(
      "SELECT n.body, n.slot_day, s.opened_day FROM notices n LEFT JOIN slots s ON s.day = n.slot_day WHERE n.case_id = ?",
      caseId,
    )
    const opened = (slot?.opened_day ?? null) !== null
    db.run("UPDATE notices SET gag_until = ? WHERE case_id = ?", day, caseId)
    // What the slot of a day stands for is fixed; until then the notice says what is the case.
    if (slot?.slot_day === null) db.run("UPDATE notices SET body = ? WHERE case_id = ?", toldAnew(slot.body, until), caseId)
    // A slot that holds several is closed until the last of their gags.
    else
      db.run(
        "UPDATE slots SET open_after = (SELECT max(gag_until) FROM notices WHERE slot_day = slots.day) WHERE day = ?",
        slot?.slot_day ?? "",
      )
    const all = db.get<{ n: number }>("SELECT count(*) AS n FROM told WHERE case_id = ?", caseId)?.n ?? 0
    const changed = db.run("UPDATE told SET tell_after = ? WHERE case_id = ? AND fetched_day IS NULL", day, caseId)
    return { actor: name, result: { knowAlready: all - changed, opened } }
  })
}

function toldAnew(body: Uint8Array, until: string | undefined): Uint8Array {
  const said = JSON.parse(fromUtf8(body)) as { readonly [name: string]: Json }
  const telling = said["told"] === "told" || said["told"] === "later"
  return canonicalJson(telling ? { ...said, told: until === undefined ? "told" : "later" } : said)
}

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
