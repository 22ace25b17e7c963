import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import { StoreError } from "../core/store-error.ts"
import { Transactions } from "../core/transaction.ts"
import type { Changes } from "../core/changes.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { raiseAlarm } from "../store/trust/alarms.ts"
import { changedEvents } from "./changed-events.ts"
import { Decoded } from "./view-parts.ts"

const id = new Uint8Array(16).fill(1)

/** Events of a transaction that changed one thing of each sort, when reading anything but an alarm fails. */
async function eventsWhen(error: Error): Promise<{ readonly events: Promise<readonly string[]>; readonly faults: unknown[] }> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const shown: Changes[] = []
  const transactions = new Transactions(database, { show: (changes) => void shown.push(changes) })
  await transactions.run(async (tx) => {
    tx.chatChanged(id)
    tx.contactChanged(id)
    tx.noticesChanged()
    tx.canaryChanged()
    raiseAlarm(tx, () => id, { level: "red", code: "split_view", text: "The server lies.", atMs: 1 })
  })
  const [changes] = shown
  assert.ok(changes)
  const stored = readerOf(database)
  const reader: Reader = {
    read: async (sql, ...values) => {
      if (!/^SELECT \*.* FROM alarm WHERE/.test(sql)) throw error
      return await stored.read(sql, ...values)
    },
  }
  const own = { accountId: bytes<"AccountId">(id), deviceId: bytes<"DeviceId">(id), handle: "me", origin: "chat.example" }
  const trust = { hasEnded: async () => false, heldUntilMs: async () => undefined }
  const faults: unknown[] = []
  const events = changedEvents(
    {
      parts: { reader, own, trust, decoded: new Decoded(nodeProvider), clock: { nowMs: () => 0 } } as Parameters<
        typeof changedEvents
      >[0]["parts"],
      notices: () => Promise.reject(error),
      recovery: async () => [],
      canary: async () => ({ status: "none", checkedAtMs: 1, failedAtMs: undefined }),
      fault: (fault) => faults.push(fault),
    },
    changes,
  ).then((all) => all.map(({ type }) => type))
  return { events, faults }
}

test("What cannot be shown of a change is told as a fault, and keeps back neither a red alarm nor anything else", async () => {
  const error = new RangeError("a view")
  const { events, faults } = await eventsWhen(error)
  assert.deepEqual(await events, ["alarm", "canary"])
  assert.deepEqual(faults, [error, error, error])
})

test("A store that fails while events are made keeps all of them for the next time", async () => {
  const error = new StoreError("store_busy")
  const { events, faults } = await eventsWhen(error)
  await assert.rejects(events, error)
  assert.deepEqual(faults, [])
})
