// When the own account has ended, everything that could still send or receive is erased. Messages stay.

import type { Transaction } from "../../core/transaction.ts"
import { endDevice } from "../device.ts"
import { failOutbox } from "../group/outbox-failure.ts"

/** What could send, receive or join, and what waits for it. */
const spent = [
  "outbox",
  "own_body",
  "waiting_record",
  "receipt_due",
  "key_package",
  "mls_record",
  "own_seat",
  "introduction",
  "pending_join",
  "arrived_introduction",
  "spare_key_package",
  "token_draw",
  "token",
  "pass",
  "job",
] as const

/** `groups`: every group of this device. `failure`: why what was queued is not sent. */
export function eraseEndedAccount(
  tx: Transaction,
  groups: readonly { readonly groupId: Uint8Array; readonly chatId: Uint8Array }[],
  failure: { readonly code: string; readonly message: string },
): void {
  for (const group of groups) failOutbox(tx, group, failure)
  for (const table of spent) tx.write(`DELETE FROM ${table}`)
  tx.write("UPDATE mls_group SET status = 'left', proposals = 0, profile_due = 0")
  tx.write("UPDATE chat SET state = 'left', draft = ''")
  endDevice(tx)
}
