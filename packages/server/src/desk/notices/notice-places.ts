// Where each day's notice is in the public log, so that somebody who checks a slot can fetch one entry and its proof instead of the whole log.

import { parseLogEntry } from "@nodoor/keylog"
import { openLogDatabase } from "../../keylog/keeper/log-rows.ts"
import type { Clock } from "../../core/ports.ts"

/** Notices that are looked up: as many as a report has days. */
const newestMax = 1_100
/** Days that are not found make it look again, but not with every request. */
const lookEveryMs = 5_000

/** Answers the index of each day's entry among the log's leaves; a day whose entry still waits for an epoch is not in the map. */
export function noticePlaces(logDatabasePath: string, clock: Clock): (days: readonly string[]) => ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  let lookedMs = Number.NEGATIVE_INFINITY
  return (days) => {
    const nowMs = clock.nowMs()
    if (days.some((day) => !places.has(day)) && Math.abs(nowMs - lookedMs) >= lookEveryMs) {
      lookedMs = nowMs
      readNewer(logDatabasePath, places)
    }
    return places
  }
}

function readNewer(path: string, places: Map<string, number>): void {
  const known = Math.max(-1, ...places.values())
  const db = openLogDatabase(path)
  try {
    const rows = db.all<{ entry_index: number; entry: Uint8Array }>(
      "SELECT entry_index, entry FROM entries WHERE kind <> 'epoch' AND kind = 'notice' AND entry_index > ? ORDER BY entry_index DESC LIMIT ?",
      known,
      newestMax,
    )
    for (const { entry_index: index, entry } of rows) {
      const parsed = parseLogEntry(entry)
      if (parsed.kind === "notice") places.set(parsed.day, index)
    }
  } finally {
    db.close()
  }
}
