import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeCbor, toHex } from "@nodoor/bytes"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertHistoryDue, insertHistoryPart, listHistoryDue, listHistoryParts } from "../store/history-transfer.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { mimeTypes, singlePart } from "./body.ts"
import { history } from "./history.ts"
import { historyRequest } from "./history-request.ts"

const [here, sibling, third] = [1, 2, 3].map((n) => new Uint8Array(16).fill(n)) as [Uint8Array, Uint8Array, Uint8Array]

async function store() {
  const database = await openMemoryDatabase()
  await migrate(database)
  return { database, transactions: new Transactions(database) }
}

interface Arriving {
  readonly isOwn?: boolean
  readonly kind?: "self" | "group"
  readonly content?: Uint8Array
}

test("The history is handed over to the own device that asks this one for it, and to nobody else", async () => {
  const { database, transactions } = await store()
  let wanted = 0
  const arrives = async ({ isOwn = true, kind = "self", content = here }: Arriving = {}): Promise<number> => {
    const arrival = {
      group: { policy: { kind } },
      sender: { deviceId: sibling },
      ownDeviceId: here,
      isOwn,
      part: singlePart(mimeTypes.historyRequest, content),
      historyWanted: () => wanted++,
    }
    await transactions.run(async (tx) => await historyRequest.receive?.({ ...arrival, tx } as never))
    return (await listHistoryDue(readerOf(database))).length
  }
  assert.equal(await arrives({ isOwn: false }), 0, "somebody else's device")
  assert.equal(await arrives({ kind: "group" }), 0, "in another group")
  assert.equal(await arrives({ content: third }), 0, "asks another one")
  assert.equal(await arrives({ content: here.subarray(1) }), 0)
  assert.equal(wanted, 0)
  assert.equal(await arrives(), 1)
  assert.equal(wanted, 1)
  assert.deepEqual((await listHistoryDue(readerOf(database))).map(toHex), [toHex(sibling)])
})

test("A device that was asked need not give what another one has given, and only own devices say so", async () => {
  const { database, transactions } = await store()
  await transactions.run(async (tx) => insertHistoryDue(tx, third))
  const key = new Uint8Array(32)
  const told = async ({
    isOwn = true,
    kind = "self",
    last = true,
  }: { isOwn?: boolean; kind?: string; last?: boolean } = {}): Promise<number> => {
    const part = singlePart(mimeTypes.history, encodeCbor([third, key, 0, key, 10, last]))
    const arrival = { group: { policy: { kind } }, ownDeviceId: here, isOwn, part, historyArrived: () => assert.fail() }
    await transactions.run(async (tx) => await history.receive?.({ ...arrival, tx } as never))
    return (await listHistoryDue(readerOf(database))).length
  }
  assert.equal(await told({ isOwn: false }), 1)
  assert.equal(await told({ kind: "group" }), 1)
  assert.equal(await told({ last: false }), 1, "not all of it")
  assert.equal(await told(), 0)
})

test("An archive that is here whole is not replaced by another one, and one that is not whole is", async () => {
  const { database, transactions } = await store()
  const part = (of: number, number: number, last: boolean) => ({
    archiveKey: new Uint8Array(32).fill(of),
    blobId: new Uint8Array(32),
    size: 1,
    number,
    last,
  })
  const take = (one: ReturnType<typeof part>): Promise<boolean> => transactions.run((tx) => insertHistoryPart(tx, one))
  assert.equal(await take(part(1, 0, false)), true)
  assert.equal(await take(part(2, 0, false)), true)
  assert.equal(await take(part(1, 1, true)), false)
  assert.equal(await take(part(2, 1, true)), true)
  assert.equal(await take(part(3, 0, true)), false)
  assert.deepEqual(
    (await listHistoryParts(readerOf(database))).map(({ number }) => number),
    [0, 1],
  )
})
