import assert from "node:assert/strict"
import { test } from "node:test"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Changes } from "./changes.ts"
import { StoreError } from "./store-error.ts"
import { Transactions } from "./transaction.ts"

const chat = new Uint8Array([1])

async function database(): Promise<Awaited<ReturnType<typeof openMemoryDatabase>>> {
  const opened = await openMemoryDatabase()
  await opened.commit([{ sql: "CREATE TABLE note (text TEXT)", values: [] }])
  return opened
}

const idsOf = (changes: Changes): readonly string[] => [...(changes.messages.get("01")?.ids ?? [])]
const message = (transactions: Transactions, id: number): Promise<void> =>
  transactions.run(async (tx) => tx.messageChanged(chat, new Uint8Array([id]), { incoming: id > 1 }))

test("A transaction that is on disk resolves, whatever its effects and listeners throw, and the rest of them still runs", async () => {
  const store = await database()
  const shown: Changes[] = []
  const faults: string[] = []
  const transactions = new Transactions(store, {
    show: (changes) => {
      shown.push(changes)
      throw new RangeError("a listener")
    },
    fault: (error) => faults.push(String(error)),
  })
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
  assert.deepEqual(shown.map(idsOf), [["01"]])
  assert.deepEqual([...(shown[0]?.chats ?? [])], ["01"])
  assert.deepEqual(faults, ["TypeError: an effect", "RangeError: a listener"])
})

test("A transaction that rejects has written nothing and shown nothing", async () => {
  const store = await database()
  const shown: Changes[] = []
  const transactions = new Transactions(store, { show: (changes) => void shown.push(changes) })
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

test("What is stored while something is being shown is shown together by the next call, and idle waits for it", async () => {
  const shown: Changes[] = []
  const open: (() => void)[] = []
  const transactions = new Transactions(await database(), {
    show: (changes) => {
      shown.push(changes)
      return new Promise<void>((resolve) => open.push(resolve))
    },
  })
  for (const id of [1, 2, 3]) await message(transactions, id)
  assert.deepEqual(shown.map(idsOf), [["01"]])
  let idle = false
  const waiting = transactions.idle().then(() => (idle = true))
  open.shift()?.()
  await new Promise<void>((resolve) => setImmediate(resolve))
  assert.deepEqual(shown.map(idsOf), [["01"], ["02", "03"]])
  assert.deepEqual([...(shown[1]?.messages.get("01")?.incoming ?? [])], ["02", "03"])
  assert.equal(idle, false)
  open.shift()?.()
  await waiting
})

test("What could not be shown because the store failed is shown with the next change, or when it is asked for", async () => {
  const shown: Changes[] = []
  const faults: unknown[] = []
  let failing = true
  const transactions = new Transactions(await database(), {
    show: async (changes) => {
      if (failing) throw new StoreError("store_failing")
      shown.push(changes)
    },
    fault: (error) => faults.push(error),
  })
  await message(transactions, 1)
  await transactions.idle()
  assert.equal(faults.length, 1)
  await message(transactions, 2)
  await transactions.idle()
  failing = false
  transactions.showChanges()
  await transactions.idle()
  assert.deepEqual(shown.map(idsOf), [["01", "02"]])
  assert.equal(faults.length, 2)
})
