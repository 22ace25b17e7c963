// KeyPackages: given out once each, the last resort as often as needed.

import { equal } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { Database } from "../../../sqlite/database.ts"
import type { AccountClaim, OperationInput, OperationOutput } from "../store.ts"
import { accountStatus } from "./account-changes.ts"
import { devicesOf } from "./devices.ts"
import { spendToken } from "./tokens.ts"

const insert = "INSERT OR IGNORE INTO key_packages (device_id, last_resort, package_hash, package) VALUES (?, ?, ?, ?)"

export function uploadKeyPackages(db: Database, input: OperationInput<"uploadKeyPackages">): number {
  for (const { hash, keyPackage } of input.oneTime) db.run(insert, input.deviceId, 0, hash, keyPackage)
  if (input.lastResort !== undefined) {
    db.run("DELETE FROM key_packages WHERE device_id = ? AND last_resort = 1", input.deviceId)
    db.run(insert, input.deviceId, 1, input.lastResort.hash, input.lastResort.keyPackage)
  }
  const held =
    db.get<{ n: number }>("SELECT count(*) AS n FROM key_packages WHERE device_id = ? AND last_resort = 0", input.deviceId)?.n ?? 0
  if (held > input.maxOneTime) throw new WireError("too_many_key_packages")
  return held
}

export function keyPackageHashes(db: Database, { deviceId }: OperationInput<"keyPackageHashes">): OperationOutput<"keyPackageHashes"> {
  const hashes = (lastResort: 0 | 1): Uint8Array[] =>
    db
      .all<{ package_hash: Uint8Array }>(
        "SELECT package_hash FROM key_packages WHERE device_id = ? AND last_resort = ? ORDER BY package_hash",
        deviceId,
        lastResort,
      )
      .map((row) => row.package_hash)
  return { oneTime: hashes(0), lastResort: hashes(1)[0] }
}

export function claimDevices(db: Database, { token, accounts }: OperationInput<"claimDevices">): OperationOutput<"claimDevices"> {
  spendToken(db, token)
  const claims: OperationOutput<"claimDevices">["claims"][number][] = []
  const refused: OperationOutput<"claimDevices">["refused"][number][] = []
  for (const account of accounts) {
    try {
      claims.push(...claimOfAccount(db, account))
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      refused.push({ accountId: account.accountId, code: error.code })
    }
  }
  return { claims, refused }
}

/** @throws WireError `account_not_found`, `account_unavailable` */
function claimOfAccount(db: Database, { accountId, deviceIds, lastResortOnly }: AccountClaim): OperationOutput<"claimDevices">["claims"] {
  if (accountStatus(db, accountId) !== "active") throw new WireError("account_unavailable")
  const wanted = devicesOf(db, accountId).filter((id) => deviceIds === undefined || deviceIds.some((one) => equal(one, id)))
  return wanted.flatMap((deviceId) => {
    const keyPackage = takeKeyPackage(db, deviceId, { from: lastResortOnly ? 1 : 0 })
    return keyPackage === undefined ? [] : [{ accountId, deviceId, keyPackage }]
  })
}

/** A one-time package, which is then gone; else the last resort; else none. `from` 1: the last resort only. */
function takeKeyPackage(db: Database, deviceId: Uint8Array, { from }: { readonly from: 0 | 1 }): Uint8Array | undefined {
  type Row = { last_resort: number; package_hash: Uint8Array; package: Uint8Array }
  const row = db.get<Row>(
    "SELECT last_resort, package_hash, package FROM key_packages WHERE device_id = ? AND last_resort >= ? ORDER BY last_resort, package_hash LIMIT 1",
    deviceId,
    from,
  )
  if (row === undefined) return undefined
  if (row.last_resort === 0)
    db.run("DELETE FROM key_packages WHERE device_id = ? AND last_resort = 0 AND package_hash = ?", deviceId, row.package_hash)
  return row.package
}
