// Jobs that must survive a restart (core/jobs.ts).

import type { JobStore } from "../core/jobs.ts"
import type { Reader } from "./reader.ts"

export function jobStore(reader: Reader): JobStore {
  return {
    async all() {
      const rows = await reader.read("SELECT * FROM job ORDER BY due_ms")
      return rows.map((row) => ({
        kind: String(row["kind"]),
        key: String(row["key"]),
        dueMs: Number(row["due_ms"]),
        delayMs: Number(row["delay_ms"]),
        tries: Number(row["tries"]),
      }))
    },
    keep(tx, { kind, key, dueMs, delayMs, tries }, { keepSooner }) {
      tx.write(
        `INSERT INTO job (kind, key, due_ms, delay_ms, tries) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET due_ms = excluded.due_ms, delay_ms = excluded.delay_ms, tries = excluded.tries
           ${keepSooner ? "WHERE excluded.due_ms < due_ms" : ""}`,
        kind,
        key,
        dueMs,
        delayMs,
        tries,
      )
    },
    erase(tx, { kind, key }) {
      tx.write("DELETE FROM job WHERE kind = ? AND key = ?", kind, key)
    },
  }
}
