// Handles that the log proved: table `log_handle`.

import { bytes } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface KnownHandle {
  readonly version: number
  readonly binding: Uint8Array
  readonly accountId: AccountId
}

export async function findHandle(reader: Reader, handle: string): Promise<KnownHandle | undefined> {
  const [row] = await reader.read("SELECT * FROM log_handle WHERE handle = ?", handle)
  return (
    row && {
      version: Number(row["version"]),
      binding: row["binding"] as Uint8Array,
      accountId: bytes<"AccountId">(row["account_id"] as Uint8Array),
    }
  )
}

/** The handle that the log proved to be the account's. */
export async function findHandleOf(reader: Reader, accountId: Uint8Array): Promise<string | undefined> {
  const [row] = await reader.read("SELECT handle FROM log_handle WHERE account_id = ?", accountId)
  return row && String(row["handle"])
}

export function saveHandle(tx: Transaction, handle: string, known: KnownHandle): void {
  tx.write(
    "INSERT OR REPLACE INTO log_handle (handle, version, binding, account_id) VALUES (?, ?, ?, ?)",
    handle,
    known.version,
    known.binding,
    known.accountId,
  )
}
