// What erasing an account takes away, whoever asks for it: the person by a tombstone, the operator, or disuse.

import type { Database } from "./database.ts"
import { devicesOf, removeDevice } from "./devices.ts"

/**
 * Erases an account that did not end itself: its devices are told so, as no tombstone in the log tells them. Answers them.
 */
export function eraseByServer(db: Database, accountId: Uint8Array): readonly Uint8Array[] {
  const gone = eraseAccount(db, accountId)
  for (const deviceId of gone) db.run("INSERT INTO erased_devices (device_id) VALUES (?)", deviceId)
  return gone
}

/**
 * What stays is the signed chain, as a log's history does, and the handle, so that nobody takes the name over. Answers the devices that
 * are gone.
 */
export function eraseAccount(db: Database, accountId: Uint8Array): readonly Uint8Array[] {
  db.run("UPDATE accounts SET holder_name = '', email = NULL, state = 'erased', unused_since = NULL WHERE account_id = ?", accountId)
  db.run("DELETE FROM addresses WHERE account_id = ?", accountId)
  db.run("DELETE FROM blocks WHERE account_id = ?", accountId)
  const gone = devicesOf(db, accountId)
  for (const deviceId of gone) removeDevice(db, deviceId)
  return gone
}
