import assert from "node:assert/strict"
import { test } from "node:test"
import { DeliveryRefusal } from "@nodoor/wire/delivery"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertChat } from "../store/chat/chats.ts"
import { findGroup, insertGroup } from "../store/group/groups.ts"
import { listNextItems } from "../store/group/outbox.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { CreateGroup, type CreateGroupParts } from "./create-group.ts"
import { Failures } from "./failures.ts"
import { StaleEpochs } from "./stale-epochs.ts"

const groupId = new Uint8Array(32).fill(1)

/** A group whose creation the server answers with an error. Returns what then became of it. */
async function refusedWith(code: "too_large" | "epoch_stale"): Promise<{
  readonly next: string
  readonly status: string | undefined
  readonly alarms: readonly unknown[]
  readonly isStale: boolean
}> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const staleEpochs = new StaleEpochs()
  const failures = new Failures(
    { transactions, random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)), clock: { nowMs: () => 1 } },
    staleEpochs,
  )
  const kind = new CreateGroup({ transactions } as unknown as CreateGroupParts, failures)
  const policy = {
    kind: "group",
    name: "g",
    picture: undefined,
    roles: [],
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  } as const
  await transactions.run(async (tx) => {
    insertChat(tx, { chatId: groupId, kind: "group", state: "active", groupId, peer: undefined, activityMs: 0 })
    insertGroup(tx, { groupId, chatId: groupId, epoch: 0, policy, order: 0, profileDue: 0 })
    enqueue(tx, { groupId, kind: "create", payload: new Uint8Array(), rank: ranks.ordinary })
  })
  const reader = readerOf(database)
  const group = await findGroup(reader, groupId)
  const [item] = await listNextItems(reader, groupId, { held: [], passing: [], max: 1 })
  assert.ok(group && item)
  const next = await kind.failed(group, item, new DeliveryRefusal(code))
  const alarms = (await database.read("SELECT code, chat_id FROM alarm")).map((row) => row["code"])
  return { next: next.status, status: (await findGroup(reader, groupId))?.status, alarms, isStale: staleEpochs.isStale(group) }
}

test("A group that the server refuses to create stands still, and an alarm says why", async () => {
  assert.deepEqual(await refusedWith("too_large"), {
    next: "more",
    status: "halted",
    alarms: ["change_failed_too_large"],
    isStale: false,
  })
})

test("A server that calls the epoch of a new group stale is asked again later, and stops nothing for good", async () => {
  assert.deepEqual(await refusedWith("epoch_stale"), { next: "retry", status: "active", alarms: [], isStale: false })
})
