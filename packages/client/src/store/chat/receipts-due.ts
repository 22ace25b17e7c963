// Receipts that others are still to get: table `receipt_due`.

import type { Transaction } from "../../core/transaction.ts"

export function deleteReceiptsDue(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM receipt_due WHERE group_id = ?", groupId)
}
