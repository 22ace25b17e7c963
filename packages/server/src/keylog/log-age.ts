// What devices conclude from the time of the newest epoch, explained to the operator. The clock may have been ahead once. The log's times
// only rise, so its epochs are dated ahead until the clock catches up.

import { existsSync } from "node:fs"
import { clockSkewMs, maxEpochAheadMs, parseLogEntry } from "@nodoor/keylog"
import type { Finding } from "../core/finding.ts"
import { openLogDatabase } from "./keeper/log-rows.ts"

/** There is an epoch at least every 20 hours; whether one is due is looked at every ten minutes. */
const usualMs = 21 * 3_600_000

/** `publishedAtMs`: the time that the newest epoch states; undefined before the first. */
export function logAgeFinding({ publishedAtMs, nowMs }: { readonly publishedAtMs: number | undefined; readonly nowMs: number }): Finding {
  const what = "key log"
  if (publishedAtMs === undefined) return { what, level: "note", text: "begins with the first start" }
  const aheadMs = publishedAtMs - nowMs
  if (aheadMs > maxEpochAheadMs) {
    const until = minuteOf(publishedAtMs - maxEpochAheadMs)
    return {
      what,
      level: "bad",
      text: `is dated ${minuteOf(publishedAtMs)}, as this clock once was: devices let nobody in before ${until}`,
    }
  }
  if (aheadMs > clockSkewMs) {
    const text = `is dated ${minuteOf(publishedAtMs)}, as this clock once was: it goes on, and devices tell people so until then`
    return { what, level: "warn", text }
  }
  if (-aheadMs > usualMs) {
    const text = `has not grown since ${minuteOf(publishedAtMs)}: devices warn after 26 hours, and let nobody in after 3 days`
    return { what, level: "warn", text }
  }
  return { what, level: "ok", text: `grew last at ${minuteOf(publishedAtMs)}` }
}

/** The time that the newest epoch states, read from the file of a log that may be running. */
export function newestEpochMs(databasePath: string): number | undefined {
  if (!existsSync(databasePath)) return undefined
  const db = openLogDatabase(databasePath)
  try {
    const row = db.get<{ entry: Uint8Array }>("SELECT entry FROM entries WHERE kind = 'epoch' ORDER BY entry_index DESC LIMIT 1")
    const entry = row && parseLogEntry(row.entry)
    return entry?.kind === "epoch" ? entry.timeMs : undefined
  } finally {
    db.close()
  }
}

export function minuteOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`
}
