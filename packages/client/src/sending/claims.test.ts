import assert from "node:assert/strict"
import { test } from "node:test"
import { type Bytes, bytes, toHex } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import { Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { replaceSpare } from "../store/group/spare-key-packages.ts"
import { migrate } from "../store/schema.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { type ClaimParts, Claims } from "./claims.ts"

const dm = new Uint8Array(32).fill(9)
const account = (nth: number): Bytes<"AccountId"> => bytes<"AccountId">(new Uint8Array(16).fill(nth & 255, 0, 8).fill(nth >> 8, 8))
const device = (nth: number): Uint8Array => new Uint8Array(16).fill(nth)

interface Asked {
  readonly alone: boolean
  readonly token: number
  readonly accounts: readonly string[]
}

/** An account service that has a KeyPackage of one device of everybody. `refuses`: how often it refuses a token first, and with which code. */
async function world({ refuses = [] }: { readonly refuses?: readonly ("token_spent" | "token_invalid")[] } = {}) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const asked: Asked[] = []
  const refusals = [...refuses]
  let tokens = 0
  let underWay = 0
  let most = 0
  const ask =
    (alone: boolean) =>
    async (
      _: unknown,
      { token, accounts }: { readonly token: Uint8Array; readonly accounts: readonly { readonly accountId: Uint8Array }[] },
    ) => {
      asked.push({ alone, token: (token[0] ?? 0) * 256 + (token[1] ?? 0), accounts: accounts.map(({ accountId }) => toHex(accountId)) })
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
      const refusal = refusals.shift()
      if (refusal) throw new WireError(refusal)
      const foreign = { accountId: account(60_000), deviceId: device(1), keyPackage: new Uint8Array(1), address: new Uint8Array(32) }
      const claims = accounts.map(({ accountId }) => ({ ...foreign, accountId }))
      return { claims: [...claims, foreign], refused: [] }
    }
  const devices = new Map<string, readonly Uint8Array[]>()
  const claims = new Claims({
    clock: { nowMs: () => 86 * 86_400_000 },
    session: { call: ask(false), alone: ask(true) },
    transactions,
    own: { accountId: account(61_000), deviceId: device(99) },
    tokens: { take: async () => Uint8Array.of(++tokens >> 8, tokens & 255) },
    trust: { latest: async (id: Uint8Array) => ({ state: { devices: (devices.get(toHex(id)) ?? []).map((deviceId) => ({ deviceId })) } }) },
  } as unknown as ClaimParts)
  const leave = (accountId: Uint8Array, deviceId: Uint8Array, arrivedMs = 2 * 86_400_000): Promise<void> =>
    transactions.run(async (tx) => {
      tx.write(
        `INSERT OR IGNORE INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
         VALUES (?, ?, 'active', 1, zeroblob(0), 0, 0, 0, 0, 0)`,
        dm,
        dm,
      )
      const leaf = deviceId[0] ?? 0
      tx.write(
        "INSERT OR IGNORE INTO member (group_id, leaf_index, account_id, device_id) VALUES (?, ?, ?, ?)",
        dm,
        leaf,
        accountId,
        deviceId,
      )
      replaceSpare(tx, { accountId, deviceId, groupId: dm, keyPackage: Uint8Array.of(leaf), arrivedMs })
    })
  const end = (): Promise<void> => transactions.run(async (tx) => tx.write("UPDATE mls_group SET status = 'left'"))
  return { claims, asked, devices, leave, end, most: () => most }
}

const someGroup = { groupId: new Uint8Array(32), policy: { kind: "group" } } as unknown as GroupRow

test("Up to sixteen people are asked for apart from each other, each with a token of its own", async () => {
  const { claims, asked } = await world()
  const answer = await claims.claim(
    someGroup,
    Array.from({ length: 16 }, (_, nth) => account(nth)),
  )
  assert.equal(answer.claims.length, 16)
  assert.ok(asked.every(({ alone, accounts }) => alone && accounts.length === 1))
  assert.deepEqual([asked.length, new Set(asked.map(({ token }) => token)).size], [16, 16])
})

test("A thousand and twenty-one are asked for with 32 requests, eight at a time, nobody twice", async () => {
  const { claims, asked, most } = await world()
  const answer = await claims.claim(
    someGroup,
    Array.from({ length: 1_021 }, (_, nth) => account(nth)),
  )
  assert.equal(answer.claims.length, 1_021)
  assert.deepEqual([asked.length, most(), new Set(asked.flatMap(({ accounts }) => accounts)).size], [32, 8, 1_021])
  assert.ok(asked.every(({ alone }) => !alone))
})

test("A device that nobody asked for is left out of the answer", async () => {
  const { claims } = await world()
  const answer = await claims.claim(someGroup, [account(1)])
  assert.deepEqual(
    answer.claims.map(({ accountId }) => toHex(accountId)),
    [toHex(account(1))],
  )
})

test("A token that is not good is replaced by another, and not for ever", async () => {
  const { claims, asked } = await world({ refuses: ["token_spent", "token_invalid"] })
  assert.equal((await claims.claim(someGroup, [account(1)])).claims.length, 1)
  assert.deepEqual(
    asked.map(({ token }) => token),
    [1, 2, 3],
  )
  const worse = await world({ refuses: ["token_spent", "token_spent", "token_spent"] })
  await assert.rejects(worse.claims.claim(someGroup, [account(1)]), { code: "token_spent" })
})

test("Somebody whose devices have all left a KeyPackage in a chat of two is added without asking anybody, once", async () => {
  const { claims, asked, devices, leave } = await world()
  devices.set(toHex(account(1)), [device(1), device(2)])
  await leave(account(1), device(1))
  await claims.claim(someGroup, [account(1)])
  assert.equal(asked.length, 1, "the second device has left none")
  await leave(account(1), device(2))
  const answer = await claims.claim(someGroup, [account(1)])
  assert.equal(asked.length, 1)
  assert.deepEqual(
    answer.claims.map(({ viaGroup, keyPackage }) => [viaGroup && toHex(viaGroup), keyPackage[0]]),
    [
      [toHex(dm), 1],
      [toHex(dm), 2],
    ],
  )
  await claims.claim(someGroup, [account(1)])
  assert.equal(asked.length, 2)
})

test("A spare KeyPackage is of no use when it is old, or when the chat of two is over", async () => {
  const old = await world()
  old.devices.set(toHex(account(1)), [device(1)])
  await old.leave(account(1), device(1), 1)
  await old.claims.claim(someGroup, [account(1)])
  assert.equal(old.asked.length, 1)
  const over = await world()
  over.devices.set(toHex(account(1)), [device(1)])
  await over.leave(account(1), device(1))
  await over.end()
  await over.claims.claim(someGroup, [account(1)])
  assert.equal(over.asked.length, 1)
})
