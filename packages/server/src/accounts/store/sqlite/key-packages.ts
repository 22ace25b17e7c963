// KeyPackages: given out once each, the last resort as often as needed.

import { equal } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { Database } from "../../../sqlite/database.ts"
import type { AccountClaim, OperationInput, OperationOutput } from "../store.ts"
import { accountStatus } from "./account-changes.ts"
import { devicesOf } from "./devices.ts"
import { spendToken } from "./tokens.ts"

/** One-time packages in memory, bytes: the oldest make room for new ones. */
export const memoryMaxBytes: number = 256 * 1024 * 1024

export function uploadKeyPackages(db: Database, input: OperationInput<"uploadKeyPackages">): number {
  const { deviceId, oneTime, lastResort, replace = false } = input
  if (replace) db.run("DELETE FROM memory.one_time_packages WHERE device_id = ?", deviceId)
  for (const { hash, keyPackage } of oneTime)
    db.run("INSERT OR IGNORE INTO memory.one_time_packages (device_id, package_hash, package) VALUES (?, ?, ?)", deviceId, hash, keyPackage)
  if (lastResort !== undefined)
    db.run(
      "INSERT OR REPLACE INTO key_packages (device_id, package_hash, package) VALUES (?, ?, ?)",
      deviceId,
      lastResort.hash,
      lastResort.keyPackage,
    )
  const held = db.get<{ n: number }>("SELECT count(*) AS n FROM memory.one_time_packages WHERE device_id = ?", deviceId)?.n ?? 0
  if (held > input.maxOneTime) throw new WireError("too_many_key_packages")
  makeRoom(db, input.memoryMaxBytes ?? memoryMaxBytes)
  return held
}

/** By the pages that SQLite holds for them, without reading them all. */
function makeRoom(db: Database, maxBytes: number): void {
  const count = (name: "page_count" | "freelist_count" | "page_size"): number =>
    db.get<Readonly<Record<string, number>>>(`PRAGMA memory.${name}`)?.[name] ?? 0
  if ((count("page_count") - count("freelist_count")) * count("page_size") <= maxBytes) return
  db.run(
    "DELETE FROM memory.one_time_packages WHERE package_order IN (SELECT package_order FROM memory.one_time_packages ORDER BY package_order LIMIT 200)",
  )
}

export function keyPackageHashes(db: Database, { deviceId }: OperationInput<"keyPackageHashes">): OperationOutput<"keyPackageHashes"> {
  type Row = { package_hash: Uint8Array }
  const oneTime = db.all<Row>("SELECT package_hash FROM memory.one_time_packages WHERE device_id = ? ORDER BY package_hash", deviceId)
  const lastResort = db.get<Row>("SELECT package_hash FROM key_packages WHERE device_id = ?", deviceId)
  return { oneTime: oneTime.map((row) => row.package_hash), lastResort: lastResort?.package_hash }
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

/** A one-time package, the oldest, which is then gone; else the last resort; else none. `from` 1: the last resort only. */
function takeKeyPackage(db: Database, deviceId: Uint8Array, { from }: { readonly from: 0 | 1 }): Uint8Array | undefined {
  type Row = { package_order: number; package: Uint8Array }
  const oneTime =
    from === 1
      ? undefined
      : db.get<Row>(
          "SELECT package_order, package FROM memory.one_time_packages WHERE device_id = ? ORDER BY package_order LIMIT 1",
          deviceId,
        )
  if (oneTime === undefined)
    return db.get<{ package: Uint8Array }>("SELECT package FROM key_packages WHERE device_id = ?", deviceId)?.package
  db.run("DELETE FROM memory.one_time_packages WHERE package_order = ?", oneTime.package_order)
  return oneTime.package
}
