import assert from "node:assert/strict"
import { test } from "node:test"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { noteMismatch } from "../history/history-mismatch.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { erasePrepared } from "../../store/group/outbox-failure.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"

const [groupId, chatId] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

test("A group in which nothing is sent any more keeps no request and no commit's secrets, and still knows its own messages", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  await transactions.run(async (tx) => {
    for (const [at, staged] of [new Uint8Array([9]), null].entries()) {
      const hash = new Uint8Array(32).fill(at)
      tx.write("INSERT INTO own_body (group_id, body_hash, outbox_id, epoch, staged) VALUES (?, ?, ?, 1, ?)", groupId, hash, at + 1, staged)
      tx.write(
        "INSERT INTO outbox (group_id, kind, payload, status, request, rank, attempts) VALUES (?, 'content', ?, ?, ?, 2, 0)",
        groupId,
        new Uint8Array(),
        at === 0 ? "prepared" : "placed",
        new Uint8Array([8]),
      )
    }
  })
  await transactions.run(async (tx) => erasePrepared(tx, groupId))
  const rows = async (sql: string): Promise<readonly unknown[]> => (await database.read(sql)).map((row) => ({ ...row }))
  assert.deepEqual(await rows("SELECT outbox_id, staged FROM own_body"), [{ outbox_id: 2, staged: null }])
  assert.deepEqual(await rows("SELECT status, request FROM outbox ORDER BY id"), [
    { status: "queued", request: null },
    { status: "placed", request: null },
  ])
})

test("A server that keeps delivering to others than the members raises one alarm in a chat until it is acknowledged", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  let counter = 0
  const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(++counter)
  const own = { accountId: new Uint8Array(16) } as OwnDevice
  const parts = { own, random, crypto: deterministicProvider(random), clock: { nowMs: () => 1_790_000_000_000 } }
  const other = new Uint8Array(32).fill(3)
  for (const [at, chat] of [chatId, chatId, other].entries()) {
    const place = { order: at + 1, timeMs: 0 }
    await transactions.run(async (tx) => await noteMismatch(parts, tx, { groupId, chatId: chat }, { place, code: "fanout" }))
  }
  assert.equal((await database.read("SELECT 1 FROM alarm WHERE code = 'history_fanout'")).length, 2)
})
