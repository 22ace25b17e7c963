import assert from "node:assert/strict"
import { test } from "node:test"
import { enqueue, enqueueIntent, enqueueLeave, enqueueProposals, ranks } from "./outbox-item.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../schema.ts"
import { type Transaction, Transactions } from "../../core/transaction.ts"

const groupId = new Uint8Array(32).fill(1)

/** Kinds and ranks in the order in which they are sent, after each step in a transaction of its own. */
async function sent(...steps: readonly ((tx: Transaction) => Promise<void> | void)[]): Promise<string[]> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  for (const step of steps) await transactions.run(async (tx) => await step(tx))
  const rows = await database.read("SELECT kind, rank FROM outbox ORDER BY rank, id")
  return rows.map((row) => `${String(row["kind"])} ${String(row["rank"])}`)
}

const content = (rank: 1 | 2) => (tx: Transaction) => enqueue(tx, { groupId, kind: "content", payload: new Uint8Array(), rank })

test("What others proposed is committed before a profile that was due, and both before what people wrote, however late they come", async () => {
  const order = await sent(content(ranks.ordinary), content(ranks.introduction), (tx) => enqueueProposals(tx, groupId))
  assert.deepEqual(order, ["commit 0", "content 1", "content 2"])
})

test("Changes of a group and messages keep the order in which people made them", async () => {
  const change = (tx: Transaction): void => enqueueIntent(tx, groupId, { type: "rename", name: "x" })
  assert.deepEqual(await sent(content(ranks.ordinary), change, content(ranks.ordinary)), ["content 2", "commit 2", "content 2"])
})

test("The wish to leave and a commit of proposals are queued once, however often they are asked for", async () => {
  const leave = (tx: Transaction): Promise<void> => enqueueLeave(tx, groupId)
  const proposals = (tx: Transaction): Promise<void> => enqueueProposals(tx, groupId)
  assert.deepEqual(await sent(leave, proposals, leave, proposals), ["proposal 0", "commit 0"])
})

test("A transaction that fails has written nothing and shown nothing, and the next one runs", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const shown: string[] = []
  const transactions = new Transactions(database, { show: ({ chats }) => void shown.push(`${chats.size} chats`) })
  const failing = transactions.run(async (tx) => {
    content(ranks.ordinary)(tx)
    tx.chatChanged(groupId)
    tx.after(() => shown.push("effect"))
    tx.write("INSERT INTO outbox (group_id) VALUES (?)", groupId) // breaks NOT NULL: the whole transaction is given up
  })
  const following = transactions.run(async (tx) => {
    content(ranks.ordinary)(tx)
    tx.chatChanged(groupId)
  })
  await assert.rejects(failing)
  await following
  assert.deepEqual(shown, ["1 chats"])
  assert.equal((await database.read("SELECT COUNT(*) AS n FROM outbox"))[0]?.["n"], 1)
})
