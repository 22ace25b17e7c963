// What the database needs now and then: erasing what is past its time, its own health.

import type { Database } from "../../../sqlite/database.ts"
import type { OperationInput } from "../store.ts"

export function sweep(db: Database, { nowMs, addressesBeforeMs }: OperationInput<"sweep">): void {
  // Another process may have erased accounts.
  db.run("DELETE FROM memory.one_time_packages WHERE device_id NOT IN (SELECT device_id FROM devices)")
  db.run("DELETE FROM invites WHERE expires_at_ms <= ?", nowMs)
  db.run("DELETE FROM addresses WHERE last_seen_ms < ?", addressesBeforeMs)
}

export function integrity(db: Database): string {
  return db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check ?? "unknown"
}

export function newestTime(db: Database): number {
  return db.get<{ newest: number | null }>("SELECT max(created_at_ms) AS newest FROM accounts")?.newest ?? 0
}
