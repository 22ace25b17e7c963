// What this server is: values under names, of which the inventory lists every one.

import type { OperationInput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"

export function setting(db: Database, { name, value }: OperationInput<"setting">): Uint8Array {
  db.run("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", name, value)
  return notedSetting(db, { name }) ?? value
}

export function notedSetting(db: Database, { name }: OperationInput<"notedSetting">): Uint8Array | undefined {
  return db.get<{ value: Uint8Array }>("SELECT value FROM settings WHERE name = ?", name)?.value
}

export function replaceSetting(db: Database, { name, value }: OperationInput<"replaceSetting">): void {
  db.run("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value)
}
