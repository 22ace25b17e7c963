import assert from "node:assert/strict"
import { test } from "node:test"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Changes } from "./changes.ts"
import type { Row } from "./ports.ts"
import { StoreError } from "./store-error.ts"
import { type Transaction, Transactions } from "./transaction.ts"

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

test("A transaction sees its own writes, others see them once it is stored, and it can be read from outside meanwhile", async () => {
  const store = await database()
  const transactions = new Transactions(store)
  const texts = (rows: readonly Row[]): readonly unknown[] => rows.map((row) => row["text"])
  const all = "SELECT text FROM note ORDER BY text"
  await transactions.run(async (tx) => {
    tx.write("INSERT INTO note VALUES ('a')")
    assert.deepEqual(texts(await tx.read(all)), ["a"])
    tx.write("INSERT INTO note SELECT text || 'b' FROM note")
    assert.deepEqual(texts(await store.read(all)), [])
    assert.deepEqual(texts(await tx.read(all)), ["a", "ab"])
    tx.write("DELETE FROM note WHERE text = 'a'")
  })
  assert.deepEqual(texts(await store.read(all)), ["ab"])
})

test("A transaction that stops after it has read what it wrote leaves nothing, and the next one runs", async () => {
  const store = await database()
  const transactions = new Transactions(store)
  const insert = (tx: Transaction, text: string): void => tx.write("INSERT INTO note VALUES (?)", text)
  const stopping = transactions.run(async (tx) => {
    insert(tx, "lost")
    await tx.read("SELECT text FROM note")
    throw new RangeError("stop")
  })
  const following = transactions.run(async (tx) => {
    insert(tx, "kept")
    assert.deepEqual(await tx.read("SELECT text FROM note"), [{ text: "kept" }])
  })
  await assert.rejects(stopping, /stop/)
  await following
  assert.deepEqual(await store.read("SELECT text FROM note"), [{ text: "kept" }])
})

test("A transaction that catches the failure of one of its statements is not stored in part", async () => {
  const store = await database()
  const transactions = new Transactions(store)
  const running = transactions.run(async (tx) => {
    tx.write("INSERT INTO note VALUES ('before')")
    tx.write("INSERT INTO nowhere VALUES (1)")
    await tx.read("SELECT text FROM note").catch(() => undefined)
    tx.write("INSERT INTO note VALUES ('after')")
  })
  await assert.rejects(running, /nowhere/)
  assert.deepEqual(await store.read("SELECT text FROM note"), [])
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

test("What a transaction leaves for its end is written there once, as it is then, and not at all when it fails", async () => {
  const database = await openMemoryDatabase()
  await database.commit([{ sql: "CREATE TABLE t (v INTEGER)", values: [] }])
  const transactions = new Transactions(database)
  let value = 0
  await transactions.run(async (tx) => {
    tx.atEnd(() => tx.write("INSERT INTO t VALUES (?)", value))
    value = 1
    assert.deepEqual(await tx.read("SELECT v FROM t"), [])
    value = 2
  })
  await assert.rejects(
    transactions.run(async (tx) => {
      tx.atEnd(() => tx.write("INSERT INTO t VALUES (3)"))
      throw new TypeError("a bug")
    }),
  )
  assert.deepEqual(await database.read("SELECT v FROM t"), [{ v: 2 }])
})

test("Work that waits at the same time is committed at once, each sees what came before it, and all is told in order", async () => {
  const store = await database()
  let commits = 0
  const counting = {
    ...store,
    commit: async (statements: Parameters<typeof store.commit>[0]) => (commits++, await store.commit(statements)),
  }
  const shown: Changes[] = []
  const transactions = new Transactions(counting, { show: (changes) => void shown.push(changes) })
  const told: number[] = []
  const one = (nth: number): Promise<number> =>
    transactions.runTogether(async (tx) => {
      const [row] = await tx.read("SELECT COUNT(*) AS n FROM note")
      tx.write("INSERT INTO note VALUES (?)", String(nth))
      tx.messageChanged(chat, new Uint8Array([nth]))
      tx.after(() => void told.push(nth))
      return Number(row?.["n"])
    })
  const before = message(transactions, 9)
  assert.deepEqual(await Promise.all([one(0), one(1), one(2)]), [0, 1, 2])
  await before
  assert.deepEqual([commits, told], [1, [0, 1, 2]])
  assert.deepEqual(shown.map(idsOf).flat(), ["09", "00", "01", "02"])
})

test("Of work that is committed together, what throws has written nothing, and the others are stored", async () => {
  const store = await database()
  const transactions = new Transactions(store)
  const one = (nth: number): Promise<void> =>
    transactions.runTogether(async (tx) => {
      tx.write("INSERT INTO note VALUES (?)", String(nth))
      await tx.read("SELECT 1")
      if (nth === 1) throw new TypeError("this one")
    })
  const ends = await Promise.allSettled([one(0), one(1), one(2)])
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  )
  assert.deepEqual(await store.read("SELECT text FROM note"), [{ text: "0" }, { text: "2" }])
})

test("When what is committed together cannot be stored, none of it is, and each is told", async () => {
  const store = await database()
  const transactions = new Transactions({ ...store, commit: async () => Promise.reject(new StoreError("store_full")) })
  const told: number[] = []
  const one = (nth: number): Promise<void> =>
    transactions.runTogether(async (tx) => {
      tx.write("INSERT INTO note VALUES (?)", String(nth))
      tx.after(() => void told.push(nth))
    })
  const ends = await Promise.allSettled([one(0), one(1)])
  assert.ok(ends.every((end) => end.status === "rejected" && end.reason instanceof StoreError))
  assert.deepEqual([told, await store.read("SELECT text FROM note")], [[], []])
})

test("What is to be done in between keeps its place among work that is committed together", async () => {
  const store = await database()
  const transactions = new Transactions(store)
  const order: string[] = []
  const say = (word: string) => async (): Promise<void> => void order.push(word)
  await Promise.all([
    transactions.run(say("first")),
    transactions.runTogether(say("a")),
    transactions.runTogether(say("b")),
    transactions.run(say("between")),
    transactions.runTogether(say("c")),
  ])
  assert.deepEqual(order, ["first", "a", "b", "between", "c"])
})
