// Introductions that wait for a device. A row goes as soon as the device has taken it, so that little of who was introduced is ever on disk.

import { equal } from "@nodoor/bytes"
import type { Database } from "../../../sqlite/database.ts"
import type { OperationInput, OperationOutput } from "../store.ts"

/** That may wait for one device: 8 MB. Each is at an address of its own, and an address costs a token. */
export const introductionsPerDevice = 2_000

export function addIntroduction(db: Database, input: OperationInput<"addIntroduction">): boolean {
  const before = db.get<{ sealed: Uint8Array }>("SELECT sealed FROM introductions WHERE address_hash = ?", input.addressHash)
  if (before !== undefined) return equal(before.sealed, input.sealed)
  if (db.get("SELECT 1 FROM devices WHERE device_id = ?", input.deviceId) === undefined) return false
  const held = db.get<{ n: number }>("SELECT count(*) AS n FROM introductions WHERE device_id = ?", input.deviceId)?.n ?? 0
  if (held >= introductionsPerDevice) return false
  db.run(
    "INSERT INTO introductions (address_hash, device_id, day, introduction_id, sealed) VALUES (?, ?, ?, ?, ?)",
    input.addressHash,
    input.deviceId,
    input.day,
    input.id,
    input.sealed,
  )
  return true
}

export function takeIntroductions(db: Database, input: OperationInput<"takeIntroductions">): OperationOutput<"takeIntroductions"> {
  for (const id of input.done) db.run("DELETE FROM introductions WHERE device_id = ? AND introduction_id = ?", input.deviceId, id)
  const rows = db.all<{ introduction_id: Uint8Array; sealed: Uint8Array }>(
    "SELECT introduction_id, sealed FROM introductions WHERE device_id = ? ORDER BY introduction_id LIMIT ?",
    input.deviceId,
    input.max,
  )
  return rows.map(({ introduction_id: id, sealed }) => ({ id, sealed }))
}
