// What goes with time.

import type { Database } from "../../../sqlite/database.ts"
import type { DeliveryInput, DeliveryOutput, Expired } from "../delivery-store.ts"

const nothing = new Uint8Array()

export function sweep(db: Database, input: DeliveryInput<"sweep">): DeliveryOutput<"sweep"> {
  if (input.from === undefined) db.run("DELETE FROM spent WHERE key_epoch < ?", input.spentBeforeKeyEpoch)
  const groups = db.all<{ group_id: Uint8Array }>(
    "SELECT group_id FROM groups WHERE group_id > ? ORDER BY group_id LIMIT ?",
    input.from ?? nothing,
    input.max,
  )
  const expired: Expired[] = []
  for (const { group_id: groupId } of groups) {
    const through = expireBodies(db, groupId, input.bodiesBeforeHour)
    const rejoins = db.run("DELETE FROM rejoins WHERE group_id = ? AND day < ?", groupId, Math.floor(input.bodiesBeforeHour / 24))
    if (through !== undefined || rejoins > 0) expired.push({ groupId, through: through ?? 0 })
    db.run("DELETE FROM placed WHERE group_id = ? AND hour < ?", groupId, input.placedBeforeHour)
    if (db.get("SELECT 1 FROM seats WHERE group_id = ? LIMIT 1", groupId) === undefined) eraseGroup(db, groupId)
  }
  return { next: groups.length < input.max ? undefined : groups.at(-1)?.group_id, expired }
}

/** Hours never decrease along a log, so what is too old is its beginning. */
function expireBodies(db: Database, groupId: Uint8Array, beforeHour: number): number | undefined {
  const oldest = db.get<{ hour: number }>("SELECT hour FROM bodies WHERE group_id = ? ORDER BY group_order LIMIT 1", groupId)
  if (oldest === undefined || oldest.hour >= beforeHour) return undefined
  const last = db.get<{ through: number }>(
    "SELECT max(group_order) AS through FROM bodies WHERE group_id = ? AND hour < ?",
    groupId,
    beforeHour,
  )
  const through = last?.through ?? 0
  db.run("DELETE FROM bodies WHERE group_id = ? AND group_order <= ?", groupId, through)
  db.run("DELETE FROM seats WHERE group_id = ? AND end_order <= ?", groupId, through)
  return through
}

function eraseGroup(db: Database, groupId: Uint8Array): void {
  db.run("DELETE FROM bodies WHERE group_id = ?", groupId)
  db.run("DELETE FROM placed WHERE group_id = ?", groupId)
  db.run("DELETE FROM rejoins WHERE group_id = ?", groupId)
  db.run("DELETE FROM groups WHERE group_id = ?", groupId)
}
