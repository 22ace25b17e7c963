import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { committed, created, newStoredSeat, nowHour, posted } from "../../../fixtures/delivery-store-input.ts"
import { openSegmentedStore } from "../../../fixtures/segmented-store.ts"
import { openDatabase } from "../../../sqlite/database.ts"
import { placedEntryBytes } from "../delivery-store.ts"
import { deliverySchema } from "./delivery-schema.ts"
import { hiddenHour } from "./hours.ts"

test("beside bodies only days stand on the disk, and beside a group four weeks, not the hours in which it was used", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-days-"))
  const [path, segments] = [join(directory, "delivery.db"), join(directory, "segments")]
  mkdirSync(segments)
  const store = openSegmentedStore(path, segments)
  const group = created({ hour: nowHour + 1 })
  const { groupId } = group
  await store.write({ changes: [group, posted(groupId, 1, { hour: nowHour + 2 }), posted(groupId, 2, { hour: nowHour + 3 })] })
  await store.write({ changes: [committed(groupId, 3, { hour: nowHour + 3, adds: [newStoredSeat()] })] })
  const loaded = await store.loadGroup({ groupId, placedSinceHour: 0 })
  assert.equal(loaded?.lastHour, nowHour + 3, "what is in a segment has its hour")
  store.takeOver()
  const db = new DatabaseSync(path, { readOnly: true })
  const day = nowHour - (nowHour % 24)
  assert.deepEqual(
    db
      .prepare("SELECT last_hour AS h FROM groups UNION ALL SELECT DISTINCT hour FROM placed")
      .all()
      .map(({ h }) => h),
    [nowHour - (nowHour % (28 * 24)), day],
  )
  const rows = db.prepare("SELECT entries FROM placed").all() as { entries: Uint8Array }[]
  const hours = rows.flatMap(({ entries }) =>
    Array.from({ length: entries.length / placedEntryBytes }, (_, at) =>
      Buffer.from(entries).readUInt32BE((at + 1) * placedEntryBytes - 4),
    ),
  )
  assert.deepEqual(hours, [day, day, day])
  const bodies = db.prepare("SELECT day, hidden_hour % 32 AS hour FROM bodies").all()
  assert.deepEqual(
    bodies.map((row) => row["day"]),
    [day, day, day],
  )
  db.close()
  const all = { groupId, after: 0, through: 9, maxRecords: 9, maxBytes: 1e6 }
  const shown = (await store.readBodies(all)).map(({ hour }) => hour)
  assert.deepEqual(shown, [nowHour + 2, nowHour + 3, nowHour + 3], "while the server runs it knows the hours")
  await store.close()
  const again = openSegmentedStore(path, segments)
  const after = (await again.readBodies(all)).map(({ hour }) => hour)
  assert.deepEqual(after, [day + 23, day + 23, day + 23], "one that was started anew knows the days")
  await again.close()
  rmSync(directory, { recursive: true })
})

test("what stands in place of an hour is no hour: of many bodies of one hour every number comes", async () => {
  const db = openDatabase(":memory:", { schema: deliverySchema })
  const hidden = Array.from({ length: 600 }, (_, order) => hiddenHour(db, { groupId: new Uint8Array(32), order }, nowHour) % 32)
  assert.deepEqual(
    [...new Set(hidden)].sort((a, b) => a - b),
    Array.from({ length: 24 }, (_, hour) => hour),
  )
  db.close()
})
