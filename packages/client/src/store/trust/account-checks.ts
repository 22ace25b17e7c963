// How the log last showed each account: tables `account_check` and `account_failure`.

import type { AccountId } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

/** The last lookup of an account that the log answered. */
export interface AccountCheck {
  readonly checkedMs: number
  /** Size of the log then. */
  readonly size: number
  /** Version of the hard reset whose devices are or were held. */
  readonly resetVersion: number | undefined
  readonly heldUntilMs: number | undefined
  /** Whether the log proved when the hold began; otherwise it counts from when the reset was first seen. */
  readonly heldExact: boolean
}

/** The last lookup of an account that gave no result, or a wrong one. */
export interface AccountFailure {
  readonly status: "failed" | "unavailable"
  readonly code: string
  readonly atMs: number
}

export async function findAccountCheck(reader: Reader, accountId: Uint8Array): Promise<AccountCheck | undefined> {
  const [row] = await reader.read("SELECT * FROM account_check WHERE account_id = ?", accountId)
  return (
    row && {
      checkedMs: Number(row["checked_ms"]),
      size: Number(row["size"]),
      resetVersion: optionalNumber(row["reset_version"]),
      heldUntilMs: optionalNumber(row["held_until_ms"]),
      heldExact: row["held_exact"] === 1,
    }
  )
}

/** A lookup that was answered ends an earlier failure. */
export function saveAccountCheck(tx: Transaction, accountId: Uint8Array, check: AccountCheck): void {
  tx.write(
    "INSERT OR REPLACE INTO account_check (account_id, checked_ms, size, reset_version, held_until_ms, held_exact) VALUES (?, ?, ?, ?, ?, ?)",
    accountId,
    check.checkedMs,
    check.size,
    check.resetVersion ?? null,
    check.heldUntilMs ?? null,
    check.heldExact ? 1 : 0,
  )
  tx.write("DELETE FROM account_failure WHERE account_id = ?", accountId)
}

export async function findAccountFailure(reader: Reader, accountId: Uint8Array): Promise<AccountFailure | undefined> {
  const [row] = await reader.read("SELECT status, code, at_ms FROM account_failure WHERE account_id = ?", accountId)
  return row && { status: row["status"] === "failed" ? "failed" : "unavailable", code: String(row["code"]), atMs: Number(row["at_ms"]) }
}

export function saveAccountFailure(tx: Transaction, accountId: Uint8Array, { status, code, atMs }: AccountFailure): void {
  tx.write("INSERT OR REPLACE INTO account_failure (account_id, status, code, at_ms) VALUES (?, ?, ?, ?)", accountId, status, code, atMs)
}

/** The failure that an alarm tells of. */
export function saveFailureOfAlarm(tx: Transaction, accountId: Uint8Array, alarmId: Uint8Array): void {
  tx.write(
    "INSERT OR REPLACE INTO account_failure (account_id, status, code, at_ms) SELECT ?, 'failed', code, at_ms FROM alarm WHERE id = ?",
    accountId,
    alarmId,
  )
}

/** Members of active groups that were last looked up before `beforeMs`, or before `staleMs` under a smaller log; longest ago first. */
export async function listAccountsToCheck(
  reader: Reader,
  due: { readonly except: Uint8Array; readonly beforeMs: number; readonly staleMs: number; readonly size: number },
): Promise<readonly AccountId[]> {
  const rows = await reader.read(
    `SELECT DISTINCT m.account_id, COALESCE(k.checked_ms, 0) AS checked_ms FROM member m
       JOIN mls_group g ON g.group_id = m.group_id LEFT JOIN account_check k ON k.account_id = m.account_id
     WHERE g.status = 'active' AND m.account_id != ?
       AND (k.account_id IS NULL OR k.checked_ms < ? OR (k.checked_ms < ? AND k.size < ?)) ORDER BY checked_ms`,
    due.except,
    due.beforeMs,
    due.staleMs,
    due.size,
  )
  return rows.map((row) => row["account_id"] as AccountId)
}

/** Some members of accepted chats whose handle is not proven yet, the ones looked up longest ago first. */
export async function listAccountsWithoutHandle(
  reader: Reader,
  { except, max }: { readonly except: Uint8Array; readonly max: number },
): Promise<readonly AccountId[]> {
  const rows = await reader.read(
    `SELECT DISTINCT m.account_id, COALESCE(k.checked_ms, 0) AS checked_ms FROM member m
       JOIN mls_group g ON g.group_id = m.group_id JOIN chat c ON c.chat_id = g.chat_id
       LEFT JOIN account_check k ON k.account_id = m.account_id
     WHERE g.status = 'active' AND c.state = 'active' AND m.account_id != ?
       AND NOT EXISTS (SELECT 1 FROM log_handle h WHERE h.account_id = m.account_id) ORDER BY checked_ms LIMIT ?`,
    except,
    max,
  )
  return rows.map((row) => row["account_id"] as AccountId)
}
