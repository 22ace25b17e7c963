import assert from "node:assert/strict"
import { test } from "node:test"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate } from "../store/schema.ts"
import { Passes } from "./passes.ts"

const hourMs = 3_600_000

async function world() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const state = { nowMs: 1_000 * hourMs, taken: 0 }
  const session = {
    get serverNowMs() {
      return state.nowMs
    },
  }
  const tokens = { take: async (use: string) => (assert.equal(use, "pass"), new Uint8Array(354).fill(++state.taken)) }
  const open = async (): Promise<Passes> => {
    const passes = new Passes({ session, transactions, tokens, fault: assert.fail })
    await passes.open()
    return passes
  }
  return { open, state, idle: () => transactions.idle() }
}

const openedWith = (byte: number, expiryHour = 1_020) =>
  ({ type: "opened", pass: Uint8Array.of(byte), expiryHour, hour: 1_000, postsLeft: 9 }) as const

test("A token buys a pass, which opens every stream of its kind until it expires, also after a restart", async () => {
  const { open, state, idle } = await world()
  const passes = await open()
  assert.deepEqual(await passes.forReading.take(), { type: "open", with: "token", data: new Uint8Array(354).fill(1) })
  passes.forReading.opened(openedWith(7))
  await idle()
  for (const one of [passes, await open()]) {
    const { with: shown, data } = await one.forReading.take()
    assert.deepEqual([shown, [...data]], ["pass", [7]])
  }
  state.nowMs = 1_020 * hourMs
  assert.equal((await (await open()).forReading.take()).with, "token")
  assert.equal(state.taken, 2)
})

test("Reading and posting have passes of their own, and one that the server gave out for both is not kept", async () => {
  const { open, state, idle } = await world()
  const passes = await open()
  await passes.forReading.take()
  passes.forReading.opened(openedWith(7))
  await passes.forPosting.take()
  passes.forPosting.opened(openedWith(7))
  assert.equal((await passes.forPosting.take()).with, "token")
  passes.forPosting.opened(openedWith(8))
  assert.deepEqual((await passes.forPosting.take()).data, Uint8Array.of(8))
  assert.deepEqual((await passes.forReading.take()).data, Uint8Array.of(7))
  await idle()
  assert.deepEqual([...(await (await open()).forPosting.take()).data], [8])
  assert.equal(state.taken, 3)
})

test("A token that got no answer is shown again; one that was refused is not", async () => {
  const { open, state } = await world()
  const { forPosting } = await open()
  const first = await forPosting.take()
  assert.deepEqual(await forPosting.take(), first)
  assert.equal(state.taken, 1)
  for (const code of ["token_spent", "token_invalid"] as const) {
    const before = await forPosting.take()
    forPosting.refused(code)
    assert.notDeepEqual(await forPosting.take(), before)
  }
})

test("A pass that is used up or not accepted gives way to a token", async () => {
  const { open } = await world()
  const { forPosting } = await open()
  for (const [nth, code] of (["pass_invalid", "pass_used_up"] as const).entries()) {
    await forPosting.take()
    forPosting.opened(openedWith(7 + nth))
    assert.equal((await forPosting.take()).with, "pass")
    forPosting.refused(code)
    assert.equal((await forPosting.take()).with, "token")
  }
})

test("A server that refuses every pass gets four tokens in twelve hours and no more; it is shown the last pass instead", async () => {
  const { open, state } = await world()
  const { forPosting } = await open()
  for (let nth = 0; nth < 20; nth++) {
    const { with: shown } = await forPosting.take()
    if (shown === "token") forPosting.opened(openedWith(7 + nth))
    forPosting.refused("pass_used_up")
  }
  assert.equal(state.taken, 4)
  assert.deepEqual((await forPosting.take()).data, Uint8Array.of(10))
  state.nowMs += 12 * hourMs
  assert.equal((await forPosting.take()).with, "token")
})
