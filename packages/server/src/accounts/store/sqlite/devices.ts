// Devices: which of them may sign in, and what is erased with one that no longer may.

import { WireError } from "@nodoor/wire"
import { sha256 } from "../../../core/crypto.ts"
import type { DeviceKey, OperationInput, OperationOutput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"

export function deviceKey(db: Database, { deviceId }: OperationInput<"deviceKey">): OperationOutput<"deviceKey"> {
  type Row = { account_id: Uint8Array; signature_key: Uint8Array; state: string }
  const row = db.get<Row>(
    "SELECT account_id, signature_key, state FROM devices JOIN accounts USING (account_id) WHERE device_id = ?",
    deviceId,
  )
  if (row === undefined && wasErased(db, deviceId)) throw new WireError("account_erased")
  return row && { accountId: row.account_id, signatureKey: row.signature_key, suspended: row.state === "suspended" }
}

/** Those of an account, in the order of their ids. */
export function devicesOf(db: Database, accountId: Uint8Array): Uint8Array[] {
  const rows = db.all<{ device_id: Uint8Array }>("SELECT device_id FROM devices WHERE account_id = ? ORDER BY device_id", accountId)
  return rows.map((row) => row.device_id)
}

/** Whether the device was of an account that the server erased, not its owner. */
export function wasErased(db: Database, deviceId: Uint8Array): boolean {
  return retired(db, deviceId)?.erased === 1
}

function retired(db: Database, deviceId: Uint8Array): { readonly erased: number } | undefined {
  return db.get<{ erased: number }>("SELECT erased FROM retired_devices WHERE id_hash = ?", sha256(deviceId))
}

export function addDevice(db: Database, accountId: Uint8Array, device: DeviceKey): void {
  const taken = db.get("SELECT 1 FROM devices WHERE device_id = ?", device.deviceId) ?? retired(db, device.deviceId)
  if (taken !== undefined) throw new WireError("account_state_invalid", "the device id is or was in use")
  db.run("INSERT INTO devices (device_id, account_id, signature_key) VALUES (?, ?, ?)", device.deviceId, accountId, device.signatureKey)
}

/** `erased`: by the server, with its account. */
export function removeDevice(db: Database, deviceId: Uint8Array, { erased }: { readonly erased: boolean }): void {
  db.run("DELETE FROM key_packages WHERE device_id = ?", deviceId)
  db.run("DELETE FROM memory.one_time_packages WHERE device_id = ?", deviceId)
  db.run("DELETE FROM devices WHERE device_id = ?", deviceId)
  db.run("INSERT INTO retired_devices (id_hash, erased) VALUES (?, ?)", sha256(deviceId), erased ? 1 : 0)
}
