// Whom this device let into a group and still owes what was written before: table `earlier_due`.

import type { AccountId } from "@nodoor/keylog"
import { decodeCbor, encodeCbor } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface EarlierDue {
  readonly groupId: Uint8Array
  /** Of the commit that let them in. */
  readonly order: number
  readonly accounts: readonly AccountId[]
}

export function oweEarlier(tx: Transaction, { groupId, order, accounts }: EarlierDue): void {
  tx.write("INSERT OR REPLACE INTO earlier_due (group_id, ord, accounts) VALUES (?, ?, ?)", groupId, order, encodeCbor(accounts))
}

/** The first of a group. */
export async function findEarlierDue(reader: Reader, groupId: Uint8Array): Promise<EarlierDue | undefined> {
  const [row] = await reader.read("SELECT * FROM earlier_due WHERE group_id = ? ORDER BY ord LIMIT 1", groupId)
  if (!row) return undefined
  const accounts = decodeCbor(row["accounts"] as Uint8Array, { maxBytes: 65_536 }) as unknown as readonly AccountId[]
  return { groupId, order: Number(row["ord"]), accounts }
}

export function deleteEarlierDue(tx: Transaction, { groupId, order }: Pick<EarlierDue, "groupId" | "order">): void {
  tx.write("DELETE FROM earlier_due WHERE group_id = ? AND ord = ?", groupId, order)
}

/** Of these accounts, whether each has a leaf that this account let in, as far as this device was there to see it. */
export async function wereAddedBy(
  reader: Reader,
  groupId: Uint8Array,
  { accounts, adder }: { readonly accounts: readonly Uint8Array[]; readonly adder: Uint8Array },
): Promise<boolean> {
  for (const account of accounts) {
    const rows = await reader.read(
      `SELECT 1 AS one FROM member m JOIN seat s ON s.group_id = m.group_id AND s.leaf_index = m.leaf_index
       WHERE m.group_id = ? AND m.account_id = ? AND s.adder_account = ? LIMIT 1`,
      groupId,
      account,
      adder,
    )
    if (rows.length === 0) return false
  }
  return true
}
