// What others ask of this device because they missed it: tables `resend_due` and `resend_done`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"
import { type Range, decodeRanges, encodeRanges } from "./ranges.ts"

export interface ResendDue {
  readonly requestId: Uint8Array
  /** In which it was asked. */
  readonly groupId: Uint8Array
  /** The group that it is about. */
  readonly about: Uint8Array
  readonly accountId: Uint8Array
  readonly kemKey: Uint8Array
  readonly ranges: readonly Range[]
  readonly arrivedMs: number
}

export function insertResendDue(tx: Transaction, due: ResendDue): void {
  tx.write(
    "INSERT OR IGNORE INTO resend_due (request_id, group_id, about, account_id, kem_key, ranges, arrived_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    due.requestId,
    due.groupId,
    due.about,
    due.accountId,
    due.kemKey,
    encodeRanges(due.ranges),
    due.arrivedMs,
  )
}

export async function findResendDue(reader: Reader, requestId: Uint8Array): Promise<ResendDue | undefined> {
  const [row] = await reader.read("SELECT * FROM resend_due WHERE request_id = ?", requestId)
  return (
    row && {
      requestId: row["request_id"] as Uint8Array,
      groupId: row["group_id"] as Uint8Array,
      about: row["about"] as Uint8Array,
      accountId: row["account_id"] as Uint8Array,
      kemKey: row["kem_key"] as Uint8Array,
      ranges: decodeRanges(row["ranges"] as Uint8Array),
      arrivedMs: Number(row["arrived_ms"]),
    }
  )
}

export async function listResendsDue(reader: Reader): Promise<readonly Uint8Array[]> {
  return (await reader.read("SELECT request_id FROM resend_due ORDER BY arrived_ms")).map((row) => row["request_id"] as Uint8Array)
}

export function deleteResendDue(tx: Transaction, requestId: Uint8Array): void {
  tx.write("DELETE FROM resend_due WHERE request_id = ?", requestId)
}

/** It was answered, by this device or another one of the account. Older ones are forgotten: their bodies are gone from the server. */
export function noteResent(
  tx: Transaction,
  done: Pick<ResendDue, "requestId" | "about" | "accountId"> & { readonly atMs: number; readonly forgetBeforeMs: number },
): void {
  deleteResendDue(tx, done.requestId)
  tx.write("DELETE FROM resend_done WHERE at_ms < ?", done.forgetBeforeMs)
  tx.write(
    "INSERT OR IGNORE INTO resend_done (request_id, about, account_id, at_ms) VALUES (?, ?, ?, ?)",
    done.requestId,
    done.about,
    done.accountId,
    done.atMs,
  )
}

export async function isResent(reader: Reader, requestId: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM resend_done WHERE request_id = ?", requestId)).length > 0
}

/** What this account has asked about a group since then. */
export async function countAsked(
  reader: Reader,
  { about, accountId, sinceMs }: Pick<ResendDue, "about" | "accountId"> & { readonly sinceMs: number },
): Promise<number> {
  const [row] = await reader.read(
    `SELECT (SELECT COUNT(*) FROM resend_due WHERE about = ? AND account_id = ?)
       + (SELECT COUNT(*) FROM resend_done WHERE about = ? AND account_id = ? AND at_ms > ?) AS n`,
    about,
    accountId,
    about,
    accountId,
    sinceMs,
  )
  return Number(row?.["n"] ?? 0)
}
