import assert from "node:assert/strict"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { DeliveryRefusal } from "@nodoor/wire/delivery"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertChat } from "../store/chat/chats.ts"
import { insertGroup } from "../store/group/groups.ts"
import { deleteItem, requeue, setPlaced, setPrepared } from "../store/group/outbox.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { migrate } from "../store/schema.ts"
import { Outbox, type OutboxParts } from "./outbox.ts"
import type { OutgoingKind, Waits } from "./outgoing-kind.ts"
import type { OutgoingKinds } from "./outgoing-kinds.ts"
import { StaleEpochs } from "./stale-epochs.ts"

const groupId = new Uint8Array(32).fill(1)
const policy = {
  kind: "group",
  name: "g",
  picture: undefined,
  roles: [],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
} as const

/** An outbox whose table has one made-up kind in it, and what that kind was asked to do. */
async function outboxOf(
  waits: Waits,
  answers: readonly ("ok" | "fails" | "stale")[],
  { many, showing = false }: { readonly many?: true; readonly showing?: boolean } = {},
): Promise<{ readonly did: readonly string[]; readonly left: number }> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database, showing ? { show: () => new Promise(() => undefined) } : {})
  const did: string[] = []
  const left = [...answers]
  const kind: OutgoingKind = {
    waits,
    prepare: async (_, item) => {
      did.push(`prepare ${item.id}`)
      await transactions.run(async (tx) => setPrepared(tx, item, { request: toUtf8(`request ${item.id}`), epoch: 0, bodyHash: undefined }))
    },
    post: async (request) => {
      did.push(`post ${new TextDecoder().decode(request)}`)
      const answer = left.shift()
      if (answer === "fails") throw new TypeError("made up")
      if (answer === "stale") throw new DeliveryRefusal("epoch_stale")
    },
    placed: (tx, _, item) => {
      did.push(`placed ${item.id}`)
      setPlaced(tx, item)
    },
    ...(many && {
      prepareMany: async (_, items) => {
        did.push(`prepare ${items.map(({ id }) => id).join(" ")}`)
        await transactions.run(async (tx) => {
          for (const item of items) setPrepared(tx, item, { request: toUtf8(`request ${item.id}`), epoch: 0, bodyHash: undefined })
        })
      },
    }),
    failed: async (_, item, error) => {
      did.push(`failed ${item.id}`)
      await transactions.run(async (tx) => (error instanceof DeliveryRefusal ? requeue(tx, item) : deleteItem(tx, item)))
      return { status: "more" }
    },
  }
  const kinds: OutgoingKinds = { byName: { "made-up": kind }, commits: {} as OutgoingKinds["commits"], staleEpochs: new StaleEpochs() }
  const parts = { transactions, jobs: fakeJobs().jobs, fault: (error: unknown) => assert.fail(String(error)) }
  const outbox = new Outbox(parts as unknown as OutboxParts, kinds)
  await transactions.run(async (tx) => {
    insertChat(tx, { chatId: groupId, kind: "group", state: "active", groupId, peer: undefined, activityMs: 0 })
    insertGroup(tx, { groupId, chatId: groupId, epoch: 0, policy, order: 0, profileDue: 0 })
    for (let i = 0; i < 2; i++) enqueue(tx, { groupId, kind: "made-up", payload: new Uint8Array(), rank: ranks.ordinary })
  })
  outbox.online()
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
  outbox.close()
  const [row] = await database.read("SELECT COUNT(*) AS n FROM outbox")
  return { did, left: Number(row?.["n"]) }
}

const free: Waits = { forRemovals: false, forStops: true, forOwnCopy: false }

test("A kind that is only in the table is prepared, posted as it was stored, and placed, in order", async () => {
  const { did, left } = await outboxOf(free, ["ok", "ok"])
  assert.deepEqual(did, ["prepare 1", "post request 1", "placed 1", "prepare 2", "post request 2", "placed 2"])
  assert.equal(left, 2)
})

test("The next item waits for the own copy of one whose kind says so", async () => {
  const { did } = await outboxOf({ ...free, forOwnCopy: true }, ["ok"])
  assert.deepEqual(did, ["prepare 1", "post request 1", "placed 1"])
})

test("What an error means is the kind's to say, and the next item goes on", async () => {
  const { did, left } = await outboxOf(free, ["fails", "ok"])
  assert.deepEqual(did, ["prepare 1", "post request 1", "failed 1", "prepare 2", "post request 2", "placed 2"])
  assert.equal(left, 1)
})

test("What may go together is prepared in one transaction, posted in order, and placed in one", async () => {
  const { did, left } = await outboxOf(free, ["ok", "ok"], { many: true })
  assert.deepEqual(did, ["prepare 1 2", "post request 1", "post request 2", "placed 1", "placed 2"])
  assert.equal(left, 2)
})

test("Of those that went together, what failed is told of itself and keeps its place; what the server has stays placed", async () => {
  const { did, left } = await outboxOf(free, ["ok", "fails"], { many: true })
  assert.deepEqual(did, ["prepare 1 2", "post request 1", "post request 2", "placed 1", "failed 2"])
  assert.equal(left, 1)
})

test("Of those that went together in an epoch that is over, the rest is prepared anew, in the same order", async () => {
  const { did, left } = await outboxOf(free, ["stale", "stale", "ok", "ok"], { many: true })
  assert.deepEqual(did.slice(0, 4), ["prepare 1 2", "post request 1", "post request 2", "failed 1"])
  assert.deepEqual(did.slice(4), ["prepare 1 2", "post request 1", "post request 2", "placed 1", "placed 2"])
  assert.equal(left, 2)
})

test("What is sent does not wait until what came before is shown", async () => {
  const { did } = await outboxOf(free, ["ok", "ok"], { many: true, showing: true })
  assert.deepEqual(did, ["prepare 1 2", "post request 1", "post request 2", "placed 1", "placed 2"])
})
