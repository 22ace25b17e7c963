import assert from "node:assert/strict"
import { test } from "node:test"
import type { ClientEvent } from "../view/event.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { Transactions } from "./transaction.ts"

const chat = new Uint8Array([1])

async function database(): Promise<Awaited<ReturnType<typeof openMemoryDatabase>>> {
  const opened = await openMemoryDatabase()
  await opened.commit([{ sql: "CREATE TABLE note (text TEXT)", values: [] }])
  return opened
}

test("A turn that is on disk resolves, whatever its effects and listeners throw, and the rest of them still runs", async () => {
  const store = await database()
  const shown: ClientEvent["type"][] = []
  const faults: string[] = []
  const transactions = new Transactions(
    store,
    (event) => {
      shown.push(event.type)
      throw new RangeError("a listener")
    },
    (error) => faults.push(String(error)),
  )
  let ran = false
  const value = await transactions.run(async (tx) => {
    tx.write("INSERT INTO note VALUES ('kept')")
    tx.messageChanged(chat, chat)
    tx.after(() => {
      throw new TypeError("an effect")
    })
    tx.after(() => void (ran = true))
    return 7
  })
  assert.equal(value, 7)
  assert.deepEqual(await store.read("SELECT text FROM note"), [{ text: "kept" }])
  assert.ok(ran)
  assert.deepEqual(shown, ["messages", "chats"])
  assert.deepEqual(faults, ["TypeError: an effect", "RangeError: a listener", "RangeError: a listener"])
})

test("A turn that rejects has written nothing and shown nothing", async () => {
  const store = await database()
  const shown: ClientEvent[] = []
  const transactions = new Transactions(store, (event) => shown.push(event))
  let ran = false
  const failing = transactions.run(async (tx) => {
    tx.write("INSERT INTO note VALUES ('kept')")
    tx.write("INSERT INTO nowhere VALUES (1)")
    tx.messageChanged(chat, chat)
    tx.after(() => void (ran = true))
  })
  await assert.rejects(failing, /nowhere/)
  assert.deepEqual(await store.read("SELECT text FROM note"), [])
  assert.equal(ran, false)
  assert.deepEqual(shown, [])
})
