// Sessions: which token speaks for which device. Only hashes of tokens are kept.

import { WireError } from "@nodoor/wire"
import type { OperationInput, SessionRow } from "../store.ts"
import { accountStatus } from "./account-changes.ts"
import { noteSeen } from "./accounts.ts"
import type { Database } from "../../sqlite/database.ts"
import { deviceKey } from "./devices.ts"

export function openSession(db: Database, input: OperationInput<"openSession">): void {
  const device = deviceKey(db, input)
  if (device === undefined) throw new WireError("unauthorized")
  if (accountStatus(db, device.accountId) === "suspended") throw new WireError("account_suspended")
  db.run(
    "INSERT OR IGNORE INTO sessions (token_hash, device_id, expires_at_ms) VALUES (?, ?, ?)",
    input.tokenHash,
    input.deviceId,
    input.expiresAtMs,
  )
  db.run(
    "DELETE FROM sessions WHERE device_id = ? AND token_hash NOT IN (SELECT token_hash FROM sessions WHERE device_id = ? ORDER BY expires_at_ms DESC LIMIT ?)",
    input.deviceId,
    input.deviceId,
    input.maxPerDevice,
  )
  noteSeen(db, device.accountId, input.nowMs, input.address)
}

export function findSession(db: Database, { tokenHash, nowMs }: OperationInput<"findSession">): SessionRow | undefined {
  type Row = { account_id: Uint8Array; device_id: Uint8Array; expires_at_ms: number }
  const row = db.get<Row>(
    "SELECT account_id, device_id, expires_at_ms FROM sessions JOIN devices USING (device_id) WHERE token_hash = ? AND expires_at_ms > ?",
    tokenHash,
    nowMs,
  )
  if (row !== undefined && accountStatus(db, row.account_id) === "suspended") throw new WireError("account_suspended")
  return row && { accountId: row.account_id, deviceId: row.device_id, expiresAtMs: row.expires_at_ms }
}
