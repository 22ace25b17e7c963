import assert from "node:assert/strict"
import { test } from "node:test"
import { compare, concat, toHex } from "@nodoor/bytes"
import { generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { keyPackageDigest, uploadKeyPackages } from "@nodoor/wire"
import { productSuite } from "../../core/suite.ts"
import { type KeyPackageParts, replenishKeyPackages } from "./key-packages.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"

const dayMs = 86_400_000
const hash = (id: number): Uint8Array => new Uint8Array(32).fill(id)
const env = { crypto: nodeProvider, timeMs: 1_790_000_000_000 }
const signer = generateSigner(env, { suite: productSuite, identity: new Uint8Array(3) })

interface Upload {
  readonly oneTime: readonly Uint8Array[]
  readonly lastResort?: Uint8Array
  readonly replace?: true
}

/** A device that left 30 KeyPackages and one of the last resort at a server, which holds those with these hashes now. */
async function device(held: readonly number[], { takes = true }: { readonly takes?: boolean } = {}) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const server = { nowMs: env.timeMs, oneTime: held.map(hash), lastResort: hash(100), uploads: 0 }
  const take = ({ oneTime, lastResort, replace }: Upload): void => {
    server.uploads++
    if (!takes) return
    server.oneTime = [...(replace ? [] : server.oneTime), ...oneTime.map((one) => nodeProvider.sha256(one))]
    if (lastResort) server.lastResort = nodeProvider.sha256(lastResort)
  }
  const parts = {
    transactions,
    crypto: nodeProvider,
    random: nodeProvider.random,
    clock: { nowMs: () => server.nowMs },
    own: { signer },
    states: { environment: () => env },
    session: {
      call: async (route: unknown, asked: unknown) => {
        if (route === uploadKeyPackages) return take(asked as Upload)
        assert.equal(route, keyPackageDigest)
        const digest = nodeProvider.sha256(concat(...server.oneTime.toSorted(compare), server.lastResort))
        return { oneTimeCount: server.oneTime.length, digest }
      },
    },
  } as unknown as KeyPackageParts
  await transactions.run(async (tx) => {
    for (let id = 1; id <= 31; id++)
      tx.write(
        "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, ?, NULL, ?, ?)",
        hash(id),
        new Uint8Array(1),
        id === 31 ? hash(100) : hash(id),
        id === 31 ? 1 : 0,
        id,
        server.nowMs,
      )
  })
  return {
    server,
    replenish: async (): Promise<readonly string[]> => {
      await replenishKeyPackages(parts)
      return (await database.read("SELECT code FROM alarm")).map((row) => String(row["code"]))
    },
  }
}

const newest = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => 30 - at)
/** What was left there and something else, fewer of the newest, and more than there were. */
const others: readonly (readonly number[])[] = [[...newest(24), 77], newest(30).slice(2), [...newest(30), 77]]

test("A server that holds the newest of the KeyPackages that were left there holds the right ones, however many it gave out", async () => {
  for (const count of [30, 25, 20]) {
    const { server, replenish } = await device(newest(count))
    assert.deepEqual([await replenish(), server.uploads], [[], 0], `${count}`)
  }
})

test("A server that was put back, or had an upload twice, is given others in the place of all that it holds, and nobody is told", async () => {
  for (const held of others) {
    const { server, replenish } = await device(held)
    assert.deepEqual(await replenish(), [])
    assert.equal(server.oneTime.length, 40)
    assert.equal(new Set([...server.oneTime.map(toHex), ...held.map((id) => toHex(hash(id)))]).size, 40 + held.length)
    server.oneTime.splice(0, 7)
    assert.deepEqual([await replenish(), server.uploads], [[], 1], "which are the right ones from then on")
  }
})

test("A server that holds others all the same is told of, once a day, and is given no more meanwhile", async () => {
  for (const held of others) {
    const { server, replenish } = await device(held, { takes: false })
    assert.deepEqual(await replenish(), ["key_packages_differ"])
    server.nowMs += dayMs - 1
    assert.deepEqual([await replenish(), server.uploads], [["key_packages_differ"], 1])
    server.nowMs += 1
    assert.equal((await replenish()).length, 2)
  }
})
