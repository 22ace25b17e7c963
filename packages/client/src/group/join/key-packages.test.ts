import assert from "node:assert/strict"
import { test } from "node:test"
import { compare, concat } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import { keyPackageDigest } from "@nodoor/wire"
import { type KeyPackageParts, replenishKeyPackages } from "./key-packages.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"

const dayMs = 86_400_000
const hash = (id: number): Uint8Array => new Uint8Array(32).fill(id)

/** A device that left 30 KeyPackages and one of the last resort at the server, which says that it holds those with these hashes. */
async function told(says: readonly { readonly held: readonly number[]; readonly afterMs: number }[]): Promise<readonly string[]> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  let nowMs = 1_790_000_000_000
  let held: readonly number[] = []
  const digest = (): Uint8Array => nodeProvider.sha256(concat(...held.map(hash).toSorted(compare), hash(100)))
  const parts = {
    transactions,
    crypto: nodeProvider,
    random: nodeProvider.random,
    clock: { nowMs: () => nowMs },
    session: {
      call: async (route: unknown) => {
        assert.equal(route, keyPackageDigest)
        return { oneTimeCount: held.length, digest: digest() }
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
        nowMs,
      )
  })
  for (const { held: holds, afterMs } of says) {
    nowMs += afterMs
    held = holds
    await replenishKeyPackages(parts)
  }
  return (await database.read("SELECT code FROM alarm")).map((row) => String(row["code"]))
}

const newest = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => 30 - at)

test("A server that holds the newest of the KeyPackages that were left there holds the right ones, however many it gave out", async () => {
  for (const count of [30, 25, 20]) assert.deepEqual(await told([{ held: newest(count), afterMs: 0 }]), [], `${count}`)
})

test("A server that holds others, or more than there were, is told of, once a day", async () => {
  const others = [...newest(24), 77]
  assert.deepEqual(await told([{ held: others, afterMs: 0 }]), ["key_packages_differ"])
  assert.deepEqual(await told([{ held: newest(30).slice(2), afterMs: 0 }]), ["key_packages_differ"])
  assert.deepEqual(await told([{ held: [...newest(30), 77], afterMs: 0 }]), ["key_packages_differ"])
  const twice = [
    { held: others, afterMs: 0 },
    { held: others, afterMs: dayMs - 1 },
  ]
  assert.deepEqual(await told(twice), ["key_packages_differ"])
  assert.equal((await told([...twice, { held: others, afterMs: dayMs }])).length, 2)
})
