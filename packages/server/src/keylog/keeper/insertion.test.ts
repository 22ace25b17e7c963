import assert from "node:assert/strict"
import { test } from "node:test"
import { type InsertionProof, KeylogError, pinLog, verifyInsertion, verifyVrf, vrfInput } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import { serverCrypto } from "../../core/crypto.ts"
import { TestFeed, TestReader, advance, configEntry, labelOf, logFolder, openTestKeeper, startMs } from "../../fixtures/log.ts"

const refused = (code: string) => (error: unknown) => (error instanceof KeylogError || error instanceof WireError) && error.code === code

test("the log proves since when a version has been in it, and no other time passes", async () => {
  const { keeper, close } = openTestKeeper(logFolder())
  const feed = new TestFeed()
  advance(keeper, feed, startMs)
  const alice = feed.register("alice")
  advance(keeper, feed, startMs + 1000)
  feed.update(alice)
  advance(keeper, feed, startMs + 2000)
  feed.register("bob")
  advance(keeper, feed, startMs + 3000)
  const label = labelOf(alice)
  const { head, learned } = await new TestReader(configEntry(keeper), (request) => keeper.search({ request })).look([label], startMs + 4000)
  const { size } = head
  const { vrfKey } = pinLog(serverCrypto, configEntry(keeper))
  const inserted = (version: number): InsertionProof => {
    const { inclusion, vrfProof, ...rest } = keeper.inserted({ label, version, size })
    const index = verifyVrf({ publicKey: vrfKey, alpha: vrfInput(label, version), proof: vrfProof }).slice(0, 32)
    assert.deepEqual(index, indexOf(version))
    return { ...rest, inclusion: Array.from({ length: inclusion.length / 32 }, (_, i) => inclusion.slice(32 * i, 32 * i + 32)) }
  }
  const indexOf = (version: number): Uint8Array => {
    const found = learned.find((one) => one.version === version)
    assert.ok(found)
    return found.index
  }
  const verify = (version: number, proof: InsertionProof): number =>
    verifyInsertion(serverCrypto, { head, mapIndex: indexOf(version), proof }).timeMs
  assert.equal(verify(0, inserted(0)), startMs + 1000)
  assert.equal(verify(1, inserted(1)), startMs + 2000)

  const proof = inserted(1)
  assert.throws(() => verify(1, inserted(0)), refused("search_shape"))
  assert.throws(() => verify(1, { ...proof, delta: inserted(0).delta }), refused("delta_hash"))
  assert.throws(() => verify(1, { ...proof, index: proof.index - 1 }), refused("tree_inclusion"))
  assert.throws(() => verify(1, { ...proof, entry: inserted(0).entry }), refused("tree_inclusion"))
  assert.throws(() => keeper.inserted({ label, version: 2, size }), refused("not_found"))
  assert.throws(() => keeper.inserted({ label, version: 1, size: size + 1 }), refused("not_found"))
  close()
})
