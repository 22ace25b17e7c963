// Accounts as an operator manages them: listed without names, suspended, resumed, erased.

import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { AccountStatus, AccountSummary, OperationInput, OperationOutput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"
import { devicesOf, wasErased } from "./devices.ts"
import { eraseByServer } from "./erasure.ts"
import { notedSetting, replaceSetting } from "./settings.ts"

/** Counts what was changed, so that another process learns of it. */
const changesSetting = "account_changes"

interface Row {
  readonly account_id: Uint8Array
  readonly handle: string
  readonly created_at_ms: number
  readonly last_seen_day: string
  readonly state: AccountStatus
}
const columns = "SELECT account_id, handle, created_at_ms, last_seen_day, state FROM accounts"

export function accountsPage(db: Database, { after, prefix, max }: OperationInput<"accountsPage">): OperationOutput<"accountsPage"> {
  // Handles are of a-z 0-9 . _ -, all of which stand before "~".
  const rows = db.all<Row>(
    `${columns} WHERE handle > ? AND handle >= ? AND handle < ? ORDER BY handle LIMIT ?`,
    after ?? "",
    prefix ?? "",
    `${prefix ?? ""}~`,
    max + 1,
  )
  return { accounts: rows.slice(0, max).map((row) => summaryOf(db, row)), more: rows.length > max }
}

export function accountCounts(db: Database): OperationOutput<"accountCounts"> {
  const rows = db.all<{ state: AccountStatus; n: number }>("SELECT state, count(*) AS n FROM accounts GROUP BY state")
  return { active: 0, suspended: 0, erased: 0, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) }
}

export function changeAccount(db: Database, { accountId, change }: OperationInput<"changeAccount">): OperationOutput<"changeAccount"> {
  const state = accountStatus(db, accountId)
  const next = { suspend: "suspended", resume: "active", erase: "erased" } as const
  let refused: readonly Uint8Array[] = []
  if (state !== next[change]) {
    if (state === "erased") throw new WireError("account_erased")
    if (change === "erase") refused = eraseByServer(db, accountId)
    // The count of unused days starts again, because nobody could sign in meanwhile.
    else db.run("UPDATE accounts SET state = ?, unused_since = NULL WHERE account_id = ?", next[change], accountId)
    replaceSetting(db, { name: changesSetting, value: toUtf8(String(accountChanges(db) + 1)) })
  }
  if (change === "suspend") refused = devicesOf(db, accountId)
  return { account: summaryOf(db, db.get<Row>(`${columns} WHERE account_id = ?`, accountId) as Row), refused }
}

export function accountChanges(db: Database): number {
  return Number(fromUtf8(notedSetting(db, { name: changesSetting }) ?? toUtf8("0")))
}

export function refusedDevices(db: Database, { deviceIds }: OperationInput<"refusedDevices">): OperationOutput<"refusedDevices"> {
  const refused: OperationOutput<"refusedDevices">[0][] = []
  for (const deviceId of deviceIds) {
    const device = db.get<{ account_id: Uint8Array }>("SELECT account_id FROM devices WHERE device_id = ?", deviceId)
    if (device === undefined && wasErased(db, deviceId)) refused.push({ deviceId, code: "account_erased" })
    if (device !== undefined && accountStatus(db, device.account_id) === "suspended") refused.push({ deviceId, code: "account_suspended" })
  }
  return refused
}

/** @throws WireError `account_not_found` */
export function accountStatus(db: Database, accountId: Uint8Array): AccountStatus {
  const row = db.get<{ state: AccountStatus }>("SELECT state FROM accounts WHERE account_id = ?", accountId)
  if (row === undefined) throw new WireError("account_not_found")
  return row.state
}

function summaryOf(db: Database, row: Row): AccountSummary {
  const devices = devicesOf(db, row.account_id)
  return {
    accountId: row.account_id,
    handle: row.handle,
    createdAtMs: row.created_at_ms,
    lastSeenDay: row.last_seen_day,
    deviceCount: devices.length,
    state: row.state,
  }
}
