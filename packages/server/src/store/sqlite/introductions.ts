// Addresses for introductions, and what was left there. A row goes as soon as the device has taken its introduction, so that little of who
// was introduced is ever on disk.

import { equal } from "@nodoor/bytes"
import { sha256 } from "../../core/crypto.ts"
import type { Database } from "../../sqlite/database.ts"
import type { OperationInput, OperationOutput } from "../store.ts"

/** Rows of one device. Beyond, addresses that were not used make room, the oldest first; 8 MB of introductions may wait. */
export const introductionsPerDevice = 2_000

/** Whether there is room for one more address of the device. Makes some if there is none. */
export function hasRoom(db: Database, deviceId: Uint8Array): boolean {
  const held = db.get<{ n: number }>("SELECT count(*) AS n FROM introductions WHERE device_id = ?", deviceId)?.n ?? 0
  return held < introductionsPerDevice || dropUnused(db, deviceId)
}

function dropUnused(db: Database, deviceId: Uint8Array): boolean {
  const oldest = db.get<{ address_hash: Uint8Array }>(
    "SELECT address_hash FROM introductions WHERE device_id = ? AND introduction_id IS NULL ORDER BY day LIMIT 1",
    deviceId,
  )
  return oldest !== undefined && db.run("DELETE FROM introductions WHERE address_hash = ?", oldest.address_hash) === 1
}

export function addAddress(
  db: Database,
  { deviceId, address, day }: { readonly deviceId: Uint8Array; readonly address: Uint8Array; readonly day: number },
): void {
  db.run("INSERT INTO introductions (address_hash, device_id, day) VALUES (?, ?, ?)", sha256(address), deviceId, day)
}

export function addIntroduction(db: Database, input: OperationInput<"addIntroduction">): OperationOutput<"addIntroduction"> {
  type Row = { device_id: Uint8Array; day: number; sealed: Uint8Array | null }
  const addressHash = sha256(input.address)
  const row = db.get<Row>("SELECT device_id, day, sealed FROM introductions WHERE address_hash = ?", addressHash)
  if (row === undefined || row.day < input.overBefore) return undefined
  if (row.sealed !== null) return equal(row.sealed, input.sealed) ? row.device_id : undefined
  db.run("UPDATE introductions SET introduction_id = ?, sealed = ? WHERE address_hash = ?", input.id, input.sealed, addressHash)
  return row.device_id
}

export function takeIntroductions(db: Database, input: OperationInput<"takeIntroductions">): OperationOutput<"takeIntroductions"> {
  for (const id of input.done) db.run("DELETE FROM introductions WHERE device_id = ? AND introduction_id = ?", input.deviceId, id)
  const rows = db.all<{ introduction_id: Uint8Array; sealed: Uint8Array }>(
    "SELECT introduction_id, sealed FROM introductions WHERE device_id = ? AND introduction_id IS NOT NULL ORDER BY introduction_id LIMIT ?",
    input.deviceId,
    input.max,
  )
  return rows.map(({ introduction_id: id, sealed }) => ({ id, sealed }))
}
