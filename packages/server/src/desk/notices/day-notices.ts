// Every UTC day one `kt-notice/v1` entry goes into the log, whether there was a request or not. The log decides: a slot that
// did not get into it on its day is taken back and never logged late.

import { equal } from "@nodoor/bytes"
import { formatLogEntry, parseLogEntry } from "@nodoor/keylog"
import { inventoryHash } from "../../inventory/inventory.ts"
import { openLogDatabase } from "../../keylog/keeper/log-rows.ts"
import type { Keeper } from "../../keylog/keeper/log-keeper.ts"
import type { Clock, Random } from "../../core/ports.ts"
import type { Database } from "../../sqlite/database.ts"
import { version } from "../../core/version.ts"
import { inTransaction } from "../store/desk-database.ts"
import { dropSlot, slotIsLogged, slotOfDay, unloggedSlots } from "./notice.ts"

export interface DayNoticePorts {
  /** The desk's. */
  readonly db: Database
  readonly keeper: Pick<Keeper, "status" | "enqueue">
  /** Asks for an epoch. */
  readonly changed: () => void
  readonly clock: Clock
  readonly random: Random
  readonly logDatabasePath: string
}

/** Puts today's notice into the log, if it is not there and the log has begun. The same call again does nothing. */
export async function logToday(ports: DayNoticePorts): Promise<void> {
  const { db, keeper, clock, random, changed } = ports
  const { publishedSize, ended } = await keeper.status({})
  if (publishedSize === 0 || ended) return
  const day = new Date(clock.nowMs()).toISOString().slice(0, 10)
  const logged = loggedSlots(ports.logDatabasePath)
  const slot = inTransaction(db, () => {
    for (const { day: before, slot: own } of unloggedSlots(db)) {
      const inLog = logged.get(before)
      if (inLog !== undefined && equal(inLog, own)) slotIsLogged(db, before)
      else if (inLog !== undefined || before !== day) dropSlot(db, before)
    }
    // A clock that was set back waits until it has caught up with the log.
    const past = [...logged.keys()].some((one) => one >= day)
    return past ? undefined : slotOfDay(db, { day, random, about: { server: version, inventory: inventoryHash() } })
  })
  if (slot === undefined) return
  await keeper.enqueue({ entry: formatLogEntry({ kind: "notice", ...slot }) })
  changed()
}

/** The newest notices of the log, those that wait for the next epoch too. */
function loggedSlots(path: string): ReadonlyMap<string, Uint8Array> {
  const db = openLogDatabase(path)
  try {
    const rows = db.all<{ entry: Uint8Array }>(
      "SELECT entry FROM (SELECT entry, entry_index FROM entries WHERE kind = 'notice' ORDER BY entry_index DESC LIMIT 400) UNION ALL SELECT entry FROM pending",
    )
    const slots = new Map<string, Uint8Array>()
    for (const { entry } of rows) {
      const parsed = parseLogEntry(entry)
      if (parsed.kind === "notice") slots.set(parsed.day, parsed.slot)
    }
    return slots
  } finally {
    db.close()
  }
}
