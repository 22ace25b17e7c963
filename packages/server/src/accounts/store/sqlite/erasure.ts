// What erasing an account removes, whether by the person's tombstone, by the operator, or because it was unused.

import type { OperationInput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"
import { devicesOf, removeDevice } from "./devices.ts"
import { tracesAreDue } from "../../../sqlite/traces.ts"

/**
 * Erases an account that did not end itself: its devices are told so, as no tombstone in the log tells them. Answers them.
 */
export function eraseByServer(db: Database, accountId: Uint8Array): readonly Uint8Array[] {
  return eraseAccount(db, accountId, { byServer: true })
}

/** What is left of the chain of an account whose end the log holds; an account that the server erased has none, and keeps its chain. */
export function eraseChain(db: Database, { accountId }: OperationInput<"eraseChain">): void {
  const erased = db.get("SELECT 1 FROM accounts WHERE account_id = ? AND state = 'erased'", accountId)
  if (erased === undefined) return
  db.run(
    "DELETE FROM account_states WHERE account_id = ? AND version < (SELECT max(version) FROM account_states WHERE account_id = ?)",
    accountId,
    accountId,
  )
  db.run("UPDATE accounts SET handle_binding = x'' WHERE account_id = ?", accountId)
  tracesAreDue(db)
}

/**
 * What stays is the signed chain, as a log's history does, and the handle, so that nobody takes the name over. Answers the devices that
 * are gone.
 */
export function eraseAccount(db: Database, accountId: Uint8Array, { byServer }: { readonly byServer: boolean }): readonly Uint8Array[] {
  db.run("UPDATE accounts SET holder_name = '', email = NULL, state = 'erased', unused_since = NULL WHERE account_id = ?", accountId)
  db.run("DELETE FROM addresses WHERE account_id = ?", accountId)
  tracesAreDue(db)
  const gone = devicesOf(db, accountId)
  for (const deviceId of gone) removeDevice(db, deviceId, { erased: byServer })
  return gone
}
