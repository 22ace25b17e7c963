// What goes with time.

import type { Database } from "../../../sqlite/database.ts"
import type { DeliveryInput, DeliveryOutput, Expired } from "../delivery-store.ts"
import { dayOf, periodOf } from "./hours.ts"

const nothing = new Uint8Array()

/** `isInUse`: something of the group is on its way into the database. */
export function sweep(
  db: Database,
  input: DeliveryInput<"sweep">,
  isInUse: (groupId: Uint8Array) => boolean = () => false,
): DeliveryOutput<"sweep"> {
  if (input.from === undefined) db.run("DELETE FROM spent WHERE key_epoch < ?", input.spentBeforeKeyEpoch)
  const groups = db.all<{ group_id: Uint8Array; last_hour: number }>(
    "SELECT group_id, last_hour FROM groups WHERE group_id > ? ORDER BY group_id LIMIT ?",
    input.from ?? nothing,
    input.max,
  )
  const expired: Expired[] = []
  for (const { group_id: groupId, last_hour: lastHour } of groups) {
    if (lastHour < periodOf(input.unusedBeforeHour) && !isInUse(groupId)) {
      endGroup(db, groupId)
      expired.push({ groupId, through: Number.MAX_SAFE_INTEGER })
      continue
    }
    const through = expireBodies(db, groupId, input.bodiesBeforeHour)
    if (through !== undefined) expired.push({ groupId, through })
    db.run("DELETE FROM placed WHERE group_id = ? AND hour < ?", groupId, dayOf(input.placedBeforeHour))
    if (db.get("SELECT 1 FROM seats WHERE group_id = ? LIMIT 1", groupId) === undefined) eraseGroup(db, groupId)
  }
  return { next: groups.length < input.max ? undefined : groups.at(-1)?.group_id, expired }
}

/** Days never decrease along a log, so what is too old is its beginning. */
function expireBodies(db: Database, groupId: Uint8Array, beforeHour: number): number | undefined {
  const before = dayOf(beforeHour)
  const oldest = db.get<{ day: number }>("SELECT day FROM bodies WHERE group_id = ? ORDER BY group_order LIMIT 1", groupId)
  if (oldest === undefined || oldest.day >= before) return undefined
  const last = db.get<{ through: number }>("SELECT max(group_order) AS through FROM bodies WHERE group_id = ? AND day < ?", groupId, before)
  const through = last?.through ?? 0
  db.run("DELETE FROM bodies WHERE group_id = ? AND group_order <= ?", groupId, through)
  db.run("DELETE FROM seats WHERE group_id = ? AND end_order <= ?", groupId, through)
  return through
}

/** Nobody has used it for so long that its devices are gone: each that is open brings new keys into its groups every day. */
function endGroup(db: Database, groupId: Uint8Array): void {
  db.run("DELETE FROM seats WHERE group_id = ?", groupId)
  eraseGroup(db, groupId)
}

function eraseGroup(db: Database, groupId: Uint8Array): void {
  db.run("DELETE FROM bodies WHERE group_id = ?", groupId)
  db.run("DELETE FROM placed WHERE group_id = ?", groupId)
  db.run("DELETE FROM groups WHERE group_id = ?", groupId)
}
