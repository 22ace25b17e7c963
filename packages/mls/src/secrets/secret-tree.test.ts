import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { maxForwardGenerations, maxSkippedKeys } from "../codec/limits.ts"
import { MlsError } from "../codec/mls-error.ts"
import { nodeProvider } from "../provider/node.ts"
import {
  type RatchetType,
  type SecretTree,
  type TakenKey,
  retire,
  secretTree,
  secretTreeRecords,
  takeGeneration,
  takeNext,
  withRecord,
  withoutOldKeys,
} from "./secret-tree.ts"

const suite = nodeProvider.suite(1)
const fresh = (): SecretTree => secretTree(7n, 8, new Uint8Array(32).fill(1))

const take = (tree: SecretTree, leafIndex: number, type: RatchetType, generation: number, timeMs = 0): TakenKey =>
  takeGeneration(suite, tree, { leafIndex, type, generation, timeMs })

const refused = (code: string, act: () => unknown): void => {
  assert.throws(act, (error) => error instanceof MlsError && error.code === code)
}

/** Records as a store would hold them after these writes. */
function apply(store: Map<string, string>, writes: readonly { readonly key: string; readonly value: Uint8Array | undefined }[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) store.delete(key)
    else store.set(key, toHex(value))
  }
}

const stored = (tree: SecretTree): Map<string, string> => {
  const store = new Map<string, string>()
  apply(store, secretTreeRecords(tree))
  return store
}

test("RFC 9420 §9: sender and receiver derive the same key for each generation, in any order", () => {
  let sender = fresh()
  const keys: string[] = []
  for (let i = 0; i < 6; i++) {
    const taken = takeNext(suite, sender, 3, "application")
    keys.push(toHex(taken.key) + toHex(taken.nonce))
    sender = taken.tree
  }
  let receiver = fresh()
  for (const generation of [4, 0, 5, 2, 1, 3]) {
    const taken = take(receiver, 3, "application", generation)
    assert.equal(toHex(taken.key) + toHex(taken.nonce), keys[generation])
    receiver = taken.tree
  }
})

test("RFC 9420 §9.2: the writes of each step leave exactly the records of the new tree, and nothing consumed", () => {
  let tree = fresh()
  const store = stored(tree)
  const root = store.get("secret/7/7")
  for (const [leafIndex, generation] of [
    [3, 2],
    [3, 0],
    [5, 0],
    [3, 3],
    [0, 4],
  ] as const) {
    const taken = take(tree, leafIndex, "application", generation)
    tree = taken.tree
    apply(store, taken.writes)
    assert.deepEqual(new Map([...store].sort()), new Map([...stored(tree)].sort()))
    assert.ok(![...store.values()].some((value) => value === root || value.includes(toHex(taken.key))))
  }
})

test("a steady sender costs one record of at most 300 bytes per message", () => {
  let tree = takeNext(suite, fresh(), 2, "application").tree
  for (let i = 0; i < 5; i++) {
    const { writes, tree: next } = takeNext(suite, tree, 2, "application")
    assert.equal(writes.length, 1)
    assert.ok((writes[0]?.value?.length ?? 0) <= 300)
    tree = next
  }
})

test("RFC 9420 §15.3: at most so many passed keys are kept, the newest, and one message moves the ratchet only so far", () => {
  const jumped = take(fresh(), 1, "application", maxForwardGenerations)
  assert.equal([...(jumped.tree.skipped.get(3)?.keys() ?? [])].length, maxSkippedKeys)
  take(jumped.tree, 1, "application", maxForwardGenerations - maxSkippedKeys)
  refused("generation_consumed", () => take(jumped.tree, 1, "application", maxForwardGenerations - maxSkippedKeys - 1))
  refused("generation_too_far", () => take(fresh(), 1, "application", maxForwardGenerations + 1))
  const again = take(jumped.tree, 1, "application", maxForwardGenerations + 3)
  assert.equal(again.tree.skipped.get(3)?.size, maxSkippedKeys)
  const store = stored(jumped.tree)
  apply(store, again.writes)
  assert.deepEqual(new Map([...store].sort()), new Map([...stored(again.tree)].sort()))
})

test("RFC 9420 §9.2: a passed epoch keeps no handshake key and none of our own", () => {
  let tree = takeNext(suite, fresh(), 0, "application").tree
  tree = take(tree, 3, "application", 2).tree
  tree = take(tree, 3, "handshake", 2).tree
  const { tree: retired, writes } = retire(tree, 0)
  const store = stored(tree)
  apply(store, writes)
  assert.deepEqual(new Map([...store].sort()), new Map([...stored(retired)].sort()))
  refused("generation_consumed", () => take(retired, 3, "handshake", 0))
  refused("generation_consumed", () => takeNext(suite, retired, 0, "application"))
  assert.equal(take(retired, 3, "application", 0).generation, 0)
})

test("RFC 9420 §15.3: a passed key is kept for seven days and no longer, also when nothing else happens", () => {
  const dayMs = 24 * 60 * 60 * 1000
  let { tree } = take(fresh(), 3, "application", 2, dayMs)
  const store = stored(tree)
  ;({ tree } = take(tree, 3, "application", 5, 4 * dayMs))
  assert.equal(take(tree, 3, "application", 0, 8 * dayMs - 1).generation, 0)
  refused("generation_consumed", () => take(tree, 3, "application", 0, 8 * dayMs))
  assert.equal(take(tree, 3, "application", 4, 8 * dayMs).generation, 4)

  apply(store, secretTreeRecords(tree))
  assert.deepEqual(withoutOldKeys(tree, 8 * dayMs - 1).writes, [])
  const { tree: left, writes } = withoutOldKeys(tree, 8 * dayMs)
  apply(store, writes)
  assert.deepEqual([...(left.skipped.get(7)?.keys() ?? [])], [3, 4])
  assert.deepEqual(new Map([...store].sort()), new Map([...stored(left)].sort()))
  assert.equal(withoutOldKeys(left, 11 * dayMs).tree.skipped.get(7), undefined)
})

test("A passed key that an earlier version stored without its time counts from when it is first seen; so does one from the future", () => {
  const dayMs = 24 * 60 * 60 * 1000
  const { tree } = take(fresh(), 1, "application", 1, 50 * dayMs)
  const records = secretTreeRecords(tree)
  const loaded = records.reduce(
    (before, { key, value }) => {
      const [kind = "", , ...indices] = key.split("/")
      const old = kind === "skipped" && value ? value.slice(0, -8) : value
      const after = old && withRecord(before, kind, indices.map(Number), old)
      assert.ok(after)
      return after
    },
    secretTree(7n, 8, undefined),
  )
  assert.deepEqual(
    [...(loaded.skipped.get(3)?.values() ?? [])].map(({ keptMs }) => keptMs),
    [undefined],
  )
  for (const start of [loaded, tree]) {
    const seen = withoutOldKeys(start, 10 * dayMs)
    assert.equal(seen.writes.length, 1)
    assert.deepEqual(withoutOldKeys(seen.tree, 17 * dayMs - 1).writes, [])
    assert.equal(withoutOldKeys(seen.tree, 17 * dayMs).tree.skipped.get(3), undefined)
  }
})
