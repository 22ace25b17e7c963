import assert from "node:assert/strict"
import { test } from "node:test"
import type { CborValue } from "@nodoor/bytes"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { findChat, insertChat } from "../chat/chats.ts"
import { type NewMessage, insertMessage } from "../chat/messages.ts"
import { readerOf } from "../reader.ts"
import { migrate } from "../schema.ts"
import { findContact, insertContact } from "../trust/contacts.ts"
import { putEntry } from "./entries.ts"
import { syncKeys } from "./sync-entry.ts"

const id = (nth: number): Uint8Array => new Uint8Array(32).fill(nth)
const account = new Uint8Array(16).fill(9)

async function store(marks: readonly (readonly [key: string, value: CborValue])[]) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const shown: (readonly string[])[] = []
  const transactions = new Transactions(database, {
    show: ({ messages }) => void shown.push([...messages.values()].flatMap(({ incoming }) => [...incoming])),
  })
  const stamp = { ms: 1, counter: 0, deviceId: account }
  await transactions.run(async (tx) => {
    for (const [key, value] of marks) putEntry(tx, { key, value, stamp, due: false, shared: stamp, open: false })
  })
  const reader = readerOf(database)
  return { reader, transactions, shown }
}

const message = (order: number): NewMessage => ({
  chatId: id(1),
  groupId: id(1),
  messageId: id(100 + order),
  order,
  timeMs: 1,
  accountId: account,
  kind: "content",
  parts: [{ kind: "text", text: `message ${order}` }],
})

test("a message that was deleted for me elsewhere does not come, and one that was read elsewhere is read and not announced", async () => {
  const { reader, transactions, shown } = await store([
    [syncKeys.cleared(id(1)), 3],
    [syncKeys.deleted(id(1), id(104)), true],
    [syncKeys.read(id(1)), 5],
  ])
  await transactions.run(async (tx) =>
    insertChat(tx, { chatId: id(1), kind: "group", state: "active", groupId: id(1), peer: undefined, activityMs: 0 }),
  )
  const fresh: boolean[] = []
  for (const order of [2, 3, 4, 5, 6]) fresh.push(await transactions.run((tx) => insertMessage(tx, message(order), { incoming: true })))
  await transactions.idle()
  assert.deepEqual(fresh, [false, false, false, true, true])
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM message WHERE position > (SELECT read_position FROM chat)")
  assert.equal(row?.["n"], 1)
  assert.deepEqual(shown.flat(), [Uint8Array.from(id(106)).toHex()])
})

test("a contact that was blocked or accepted elsewhere is so from the start, and only then", async () => {
  const contact = { accountId: account, mark: "", resets: 0, checkedMs: 0 }
  for (const value of [true, false]) {
    const { reader, transactions } = await store([
      [syncKeys.contact(account, "blocked"), value],
      [syncKeys.contact(account, "accepted"), value],
    ])
    await transactions.run(async (tx) => insertContact(tx, contact))
    const found = await findContact(reader, account)
    assert.deepEqual([found?.blocked, found?.accepted], [value, value])
  }
})

test("a chat that was muted, pinned, archived or accepted elsewhere is so from the start: a chat of two by its other person", async () => {
  const chat = { kind: "dm", state: "request", groupId: id(1), peer: account, activityMs: 0 } as const
  for (const value of [true, false]) {
    const name = account.toHex()
    const marks = (["muted", "pinned", "archived", "accepted"] as const).map((option) => [syncKeys.chat(name, option), value] as const)
    const { reader, transactions } = await store(marks)
    await transactions.run(async (tx) => insertChat(tx, { ...chat, chatId: id(1), peer: chat.peer as never }))
    const [row] = await reader.read("SELECT muted, pinned, archived FROM chat")
    assert.deepEqual(Object.values(row ?? {}), value ? [1, 1, 1] : [0, 0, 0])
    assert.equal((await findChat(reader, id(1)))?.state, value ? "active" : "request")
  }
})

test("what came after somebody said that they had read or deleted everything is neither, whatever order they named", async () => {
  const { reader, transactions, shown } = await store([
    [syncKeys.cleared(id(1)), Number.MAX_SAFE_INTEGER],
    [syncKeys.read(id(1)), Number.MAX_SAFE_INTEGER],
  ])
  await transactions.run(async (tx) =>
    insertChat(tx, { chatId: id(1), kind: "group", state: "active", groupId: id(1), peer: undefined, activityMs: 0 }),
  )
  const hourMs = 3_600_000
  // What was placed in that hour may have been seen; of the last hour of a day only the day is known.
  const times = [0, 23 * hourMs, hourMs, 47 * hourMs]
  const fresh: boolean[] = []
  for (const [at, timeMs] of times.entries())
    fresh.push(await transactions.run((tx) => insertMessage(tx, { ...message(at + 1), timeMs }, { incoming: true })))
  await transactions.idle()
  assert.deepEqual(fresh, [false, false, true, true])
  assert.equal(shown.flat().length, 2)
  const [row] = await reader.read("SELECT COUNT(*) AS n FROM message WHERE position > (SELECT read_position FROM chat)")
  assert.equal(row?.["n"], 2)
})
