// Accounts: the operator's record, and the chain of signed states.

import { equal } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { AccountFound, AccountRow, NewAccount, NextAccountState, OperationInput, OperationOutput } from "../store.ts"
import { accountStatus } from "./account-changes.ts"
import type { Database } from "../../../sqlite/database.ts"
import { addDevice, removeDevice } from "./devices.ts"
import { eraseAccount } from "./erasure.ts"
import { useInvite } from "./invites.ts"
import { tokenKeys } from "./tokens.ts"

export function registerAccount(db: Database, account: NewAccount): void {
  const before = db.get<{ handle: string }>("SELECT handle FROM accounts WHERE account_id = ?", account.accountId)
  if (before !== undefined) {
    const genesis = db.get<{ state: Uint8Array }>(
      "SELECT state FROM account_states WHERE account_id = ? AND version = 0",
      account.accountId,
    )
    if (before.handle === account.handle && genesis !== undefined && equal(genesis.state, account.genesis)) return
    throw new WireError("account_exists")
  }
  if (db.get("SELECT 1 FROM accounts WHERE handle = ?", account.handle) !== undefined) throw new WireError("handle_taken")
  checkRoom(db, account.accountsMax ?? 0)
  if (account.inviteHash !== undefined) useInvite(db, account.inviteHash, account.nowMs)
  db.run(
    "INSERT INTO accounts (account_id, handle, holder_name, email, created_at_ms, last_seen_day, handle_binding, verified_state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    account.accountId,
    account.handle,
    account.holderName,
    account.email ?? null,
    dayOf(account.nowMs),
    utcDay(account.nowMs),
    account.handleBinding,
    account.verifiedState,
  )
  addState(db, { ...account, version: 0, state: account.genesis })
  for (const device of account.devices) addDevice(db, account.accountId, device)
  if (account.address !== undefined) noteAddress(db, account.accountId, account.address, dayOf(account.nowMs))
}

/** @throws WireError `server_full` */
function checkRoom(db: Database, accountsMax: number): void {
  if (accountsMax === 0) return
  const held = db.get<{ n: number }>("SELECT count(*) AS n FROM accounts WHERE state IN ('active', 'suspended')")?.n ?? 0
  if (held >= accountsMax) throw new WireError("server_full")
}

export function appendAccountState(db: Database, next: NextAccountState): readonly Uint8Array[] {
  const same = db.get<{ state: Uint8Array }>(
    "SELECT state FROM account_states WHERE account_id = ? AND version = ?",
    next.accountId,
    next.version,
  )
  if (same !== undefined && equal(same.state, next.state)) return []
  const newest = db.get<{ version: number }>(
    "SELECT version FROM account_states WHERE account_id = ? ORDER BY version DESC LIMIT 1",
    next.accountId,
  )
  if (newest === undefined) throw new WireError("account_not_found")
  const status = accountStatus(db, next.accountId)
  if (status !== "active") throw new WireError(status === "erased" ? "account_erased" : "account_suspended")
  if (next.version !== newest.version + 1) throw new WireError("account_state_stale")
  addState(db, next)
  db.run("UPDATE accounts SET verified_state = ? WHERE account_id = ?", next.verifiedState, next.accountId)

  if (next.erased) return eraseAccount(db, next.accountId, { byServer: false })

  const before = db.all<{ device_id: Uint8Array }>("SELECT device_id FROM devices WHERE account_id = ?", next.accountId)
  const gone = before.map((row) => row.device_id).filter((id) => !next.devices.some((device) => equal(device.deviceId, id)))
  for (const id of gone) removeDevice(db, id, { erased: false })
  for (const device of next.devices) if (!before.some((row) => equal(row.device_id, device.deviceId))) addDevice(db, next.accountId, device)
  return gone
}

function addState(db: Database, state: Pick<NextAccountState, "accountId" | "version" | "state" | "stateHash">): void {
  const { accountId, version } = state
  db.run(
    "INSERT INTO account_states (account_id, version, state, state_hash) VALUES (?, ?, ?, ?)",
    accountId,
    version,
    state.state,
    state.stateHash,
  )
}

export function verifiedState(db: Database, { accountId }: OperationInput<"verifiedState">): Uint8Array | undefined {
  return db.get<{ verified_state: Uint8Array }>("SELECT verified_state FROM accounts WHERE account_id = ?", accountId)?.verified_state
}

export function accountFeed(db: Database, { after, max }: OperationInput<"accountFeed">): OperationOutput<"accountFeed"> {
  type Row = {
    global_order: number
    account_id: Uint8Array
    version: number
    state: Uint8Array
    handle: string
    handle_binding: Uint8Array
  }
  const rows = db.all<Row>(
    "SELECT s.global_order, s.account_id, s.version, s.state, a.handle, a.handle_binding FROM account_states s JOIN accounts a USING (account_id) WHERE s.global_order > ? ORDER BY s.global_order LIMIT ?",
    after,
    max,
  )
  const newest = db.get<{ newest: number | null }>("SELECT max(global_order) AS newest FROM account_states")?.newest ?? 0
  return {
    rows: rows.map((row) => ({
      order: row.global_order,
      accountId: row.account_id,
      version: row.version,
      state: row.state,
      handle: row.version === 0 ? { name: row.handle, binding: row.handle_binding } : undefined,
    })),
    newest,
    tokenKeys: tokenKeys(db),
  }
}

export function findAccount(db: Database, input: OperationInput<"findAccount">): AccountFound | undefined {
  type Row = { account_id: Uint8Array; handle: string; handle_binding: Uint8Array }
  const columns = "SELECT account_id, handle, handle_binding FROM accounts"
  const row =
    input.handle === undefined
      ? db.get<Row>(`${columns} WHERE account_id = ?`, input.accountId ?? new Uint8Array())
      : db.get<Row>(`${columns} WHERE handle = ?`, input.handle)
  if (row === undefined) return undefined
  const states = db.all<{ state: Uint8Array }>(
    "SELECT state FROM account_states WHERE account_id = ? AND version > ? ORDER BY version LIMIT ?",
    row.account_id,
    input.afterVersion,
    input.maxStates,
  )
  return { accountId: row.account_id, handle: row.handle, handleBinding: row.handle_binding, states: states.map((found) => found.state) }
}

export function accountRow(db: Database, { accountId }: OperationInput<"accountRow">): AccountRow | undefined {
  type Row = { handle: string; holder_name: string; email: string | null; created_at_ms: number; last_seen_day: string }
  const row = db.get<Row>("SELECT handle, holder_name, email, created_at_ms, last_seen_day FROM accounts WHERE account_id = ?", accountId)
  if (row === undefined) return undefined
  const devices = db.get<{ n: number }>("SELECT count(*) AS n FROM devices WHERE account_id = ?", accountId)
  type Address = { address: string; first_seen_ms: number; last_seen_ms: number }
  const addresses = db.all<Address>(
    "SELECT address, first_seen_ms, last_seen_ms FROM addresses WHERE account_id = ? ORDER BY last_seen_ms DESC LIMIT ?",
    accountId,
    addressesMax,
  )
  return {
    accountId,
    handle: row.handle,
    name: row.holder_name,
    email: row.email ?? undefined,
    createdAtMs: row.created_at_ms,
    lastSeenDay: row.last_seen_day,
    deviceCount: devices?.n ?? 0,
    addresses: addresses.map((found) => ({ address: found.address, firstSeenMs: found.first_seen_ms, lastSeenMs: found.last_seen_ms })),
  }
}

export function countAccounts(db: Database): number {
  return db.get<{ n: number }>("SELECT count(*) AS n FROM accounts")?.n ?? 0
}

export function noteSeen(db: Database, { seen }: OperationInput<"noteSeen">): void {
  for (const { accountId, periodMs, addresses, addressesMs } of seen) {
    if (db.get("SELECT 1 FROM accounts WHERE account_id = ? AND state <> 'erased'", accountId) === undefined) continue
    const day = utcDay(periodMs)
    db.run("UPDATE accounts SET last_seen_day = ?, unused_since = NULL WHERE account_id = ? AND last_seen_day < ?", day, accountId, day)
    for (const address of addresses) noteAddress(db, accountId, address, addressesMs)
  }
}

/**
 * As many as an answer about an account holds. Somebody who signs in from more, which anybody with an IPv6 network can, pushes out the oldest of
 * their own. An archive is made in one piece, so its size must be bounded.
 */
export const addressesMax = 10_000
/** So many go at once, so that not every further one has to look for the oldest. */
const addressesDropped = 100

function noteAddress(db: Database, accountId: Uint8Array, address: string, nowMs: number): void {
  const known = "UPDATE addresses SET last_seen_ms = max(last_seen_ms, ?) WHERE account_id = ? AND address = ?"
  if (db.run(known, nowMs, accountId, address) === 1) return
  const held = db.get<{ n: number }>("SELECT count(*) AS n FROM addresses WHERE account_id = ?", accountId)?.n ?? 0
  if (held >= addressesMax)
    db.run(
      "DELETE FROM addresses WHERE account_id = ?1 AND address IN (SELECT address FROM addresses WHERE account_id = ?1 ORDER BY last_seen_ms, address LIMIT ?2)",
      accountId,
      held - addressesMax + addressesDropped,
    )
  db.run("INSERT INTO addresses (account_id, address, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?)", accountId, address, nowMs, nowMs)
}

/** `YYYY-MM-DD`. */
function utcDay(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10)
}

const dayMs = 86_400_000

/** When the UTC day of a moment began: no time of day is stored. */
function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs) * dayMs
}
