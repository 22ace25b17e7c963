import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { appendHistory, beginHistory, checkSeen, extendHistory, historyStart, seenOf } from "./history.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { type Transaction, Transactions } from "../../core/transaction.ts"

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const groupId = new Uint8Array(32).fill(3)
const member = new Uint8Array(16).fill(1)
const bodyHash = (order: number): Uint8Array => sha256(Uint8Array.of(order))

/** The chain of a member that was there from the start, after each of the first orders. */
function chainUpTo(order: number): Uint8Array {
  let chain = historyStart(sha256, groupId)
  for (let i = 1; i <= order; i++) chain = extendHistory(sha256, chain, bodyHash(i))
  return chain
}

async function device(begin: { readonly order: number; readonly chain: Uint8Array | undefined }): Promise<{
  tx<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  append(order: number, hash?: Uint8Array): Promise<boolean>
  hears(order: number, chain: Uint8Array, lastOrder: number): Promise<boolean>
}> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  await transactions.run(async (tx) => beginHistory(tx, groupId, begin))
  return {
    tx: (work) => transactions.run(work),
    append: async (order, hash = bodyHash(order)) =>
      (await transactions.run((tx) => appendHistory(tx, sha256, { groupId, order, bodyHash: hash }))).length > 0,
    hears: async (order, chain, lastOrder) =>
      (await transactions.run((tx) => checkSeen(tx, sha256, { groupId, accountId: member, lastOrder, seen: { order, chain } }))).forked,
  }
}

const fromStart = { order: 0, chain: historyStart(sha256, groupId) }

test("Two members who took in the same bodies in the same order agree, and each says so in what it sends", async () => {
  const own = await device(fromStart)
  for (const order of [1, 2, 3]) assert.equal(await own.append(order), false)
  const seen = await own.tx((tx) => seenOf(tx, groupId, 3))
  assert.equal(toHex(seen?.chain ?? new Uint8Array()), toHex(chainUpTo(3)))
  for (const order of [1, 2, 3]) assert.equal(await own.hears(order, chainUpTo(order), 3), false)
})

test("A body that was swapped, or two in another order, are found with the next message of somebody who got the others", async () => {
  const swapped = await device(fromStart)
  await swapped.append(1)
  await swapped.append(2, sha256(new Uint8Array([99])))
  assert.equal(await swapped.hears(1, chainUpTo(1), 2), false)
  assert.equal(await swapped.hears(2, chainUpTo(2), 2), true)
  const reordered = await device(fromStart)
  await reordered.append(1, bodyHash(2))
  await reordered.append(2, bodyHash(1))
  assert.equal(await reordered.hears(2, chainUpTo(2), 2), true)
})

test("A claim about bodies that have not arrived yet waits for them and is then compared", async () => {
  const honest = await device(fromStart)
  await honest.append(1)
  assert.equal(await honest.hears(2, chainUpTo(2), 1), false)
  assert.equal(await honest.append(2), false)
  const forked = await device(fromStart)
  await forked.append(1)
  assert.equal(await forked.hears(2, chainUpTo(2), 1), false)
  assert.equal(await forked.append(2, sha256(new Uint8Array([7]))), true)
})

test("A joiner takes the chain from the first member it hears, extends it over what it holds, and compares from then on", async () => {
  const joiner = await device({ order: 4, chain: undefined })
  await joiner.append(5)
  await joiner.append(6)
  assert.equal(await joiner.tx((tx) => seenOf(tx, groupId, 6)), undefined)
  assert.equal(await joiner.hears(5, chainUpTo(5), 6), false)
  assert.equal(toHex((await joiner.tx((tx) => seenOf(tx, groupId, 6)))?.chain ?? new Uint8Array()), toHex(chainUpTo(6)))
  await joiner.append(7)
  assert.equal(await joiner.hears(7, chainUpTo(7), 7), false)
  assert.equal(await joiner.hears(4, chainUpTo(4), 7), false)
  assert.equal(await joiner.hears(6, sha256(new Uint8Array()), 7), true)
})

test("What a joiner is told about the time before it joined says nothing, and two who contradict each other are found", async () => {
  const joiner = await device({ order: 4, chain: undefined })
  await joiner.append(5)
  assert.equal(await joiner.hears(2, sha256(new Uint8Array([1])), 5), false)
  assert.equal(await joiner.hears(5, chainUpTo(5), 5), false)
  assert.equal(await joiner.hears(4, sha256(new Uint8Array([2])), 5), true)
})

test("A joiner that learns the chain with a message knows it for that message too, so that the next one is compared", async () => {
  const joiner = await device({ order: 4, chain: undefined })
  await joiner.append(5)
  await joiner.tx(async (tx) => {
    await appendHistory(tx, sha256, { groupId, order: 6, bodyHash: bodyHash(6) })
    await checkSeen(tx, sha256, { groupId, accountId: member, lastOrder: 5, seen: { order: 5, chain: chainUpTo(5) } })
  })
  await joiner.append(7, sha256(new Uint8Array([9])))
  assert.equal(await joiner.hears(7, chainUpTo(7), 7), true)
})

test("A member has one claim waiting: the last it made", async () => {
  const own = await device(fromStart)
  await own.append(1)
  assert.equal(await own.hears(3, new Uint8Array(32).fill(9), 1), false)
  assert.equal(await own.hears(4, chainUpTo(4), 1), false)
  for (const order of [2, 3, 4]) assert.equal(await own.append(order), false, `${order}`)
})

test("Of a long history the last 4,096 places are kept", async () => {
  const own = await device(fromStart)
  await own.tx(async (tx) => {
    for (let order = 1; order < 4_352; order++)
      tx.write(
        "INSERT INTO history (group_id, ord, body_hash, chain) VALUES (?, ?, ?, ?)",
        groupId,
        order,
        bodyHash(order),
        bodyHash(order),
      )
  })
  await own.append(4_352)
  const [row] = await own.tx((tx) => tx.read("SELECT MIN(ord) AS first, MAX(ord) AS last FROM history"))
  assert.deepEqual({ ...row }, { first: 256, last: 4_352 })
})
