import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import { encodeDelta } from "./audit/auditor.ts"
import { parseCheckpoint } from "./checkpoint/checkpoint.ts"
import { commitment, verifyCommitment } from "./map/commitment.ts"
import { digest, genesis, nodeLogCrypto as crypto, testDevice, testOrigin } from "./fixtures/account.ts"
import { refuses } from "./fixtures/refuses.ts"
import { TestLog, cosigner, fillerRow } from "./fixtures/test-log.ts"
import { signHandleBinding, verifyHandleBinding } from "./account/handle-binding.ts"
import { type PolicyEntry, formatLogEntry } from "./tree/log-entry.ts"
import { PrefixMap } from "./map/prefix-map.ts"
import { type PrefixProof, type PrefixSearchResult, maxPrefixElements, maxPrefixResults, verifyPrefixProof } from "./map/prefix-proof.ts"
import { formatNote, formatVerifierKey, maxNoteBytes, parseNote, parseVerifierKey } from "./checkpoint/signed-note.ts"
import { verifyConsistency, verifyInclusion } from "./tree/tree-hash.ts"
import { parsePolicy } from "./checkpoint/witness-policy.ts"

const log = new TestLog()
for (let i = 0; i < 4; i++) log.publishDelta(encodeDelta([fillerRow(i)]))
const { tree } = log

test("Tree proofs with hashes of other lengths, sizes that are none, or nothing in them are refused with their codes", () => {
  const leaf = crypto.sha256(concat(Uint8Array.of(0), log.entries[2] as Uint8Array))
  const proof = tree.inclusionProof(2)
  const inclusion = { index: 2, leaf, head: tree.head(), proof }
  verifyInclusion(crypto, inclusion)
  for (const odd of [leaf.subarray(1), concat(leaf, leaf)]) {
    refuses("tree_inclusion", () => verifyInclusion(crypto, { ...inclusion, proof: proof.with(0, odd) }))
    refuses("tree_inclusion", () => verifyInclusion(crypto, { ...inclusion, leaf: odd }))
    const heads = { older: tree.head(3), newer: tree.head() }
    refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, proof: tree.consistencyProof({ older: 3 }).with(0, odd) }))
  }
  for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) {
    refuses("tree_inclusion", () => verifyInclusion(crypto, { ...inclusion, index }))
    const older = { size: index, root: digest("r") }
    refuses("tree_consistency", () => verifyConsistency(crypto, { older, newer: { size: 2 ** 53, root: digest("r") }, proof: [] }))
  }
  refuses("tree_consistency", () => verifyConsistency(crypto, { older: { ...tree.head(), size: -1 }, newer: tree.head(), proof: [leaf] }))
  refuses("tree_consistency", () => verifyConsistency(crypto, { older: tree.head(3), newer: tree.head(), proof: [] }))
})

/** A map of one key, whose searches all end at the root. */
const { index, commitment: committed } = fillerRow(0)
const single = new PrefixMap(crypto)
single.insert(encodeDelta([fillerRow(0)]))

function verifySingle(
  indices: readonly Uint8Array[],
  results: readonly PrefixSearchResult[],
  elements: readonly Uint8Array[] = [],
): unknown {
  const proof: PrefixProof = { results, elements }
  return verifyPrefixProof(crypto, { root: single.root, indices, proof })
}

test("A search result that lies is refused although another result for the same place is true", () => {
  const others = [digest("x"), digest("y"), digest("z")].concat(new Uint8Array(32), new Uint8Array(32).fill(255))
  for (const other of others) {
    const truth = single.prove([index, other]).results as [PrefixSearchResult, PrefixSearchResult]
    verifySingle([index, other], truth)
    const lie = { kind: "non-inclusion parent", depth: 0 } as const
    refuses("map_proof", () => verifySingle([index, other], [lie, truth[1]]))
    refuses("map_proof", () => verifySingle([index, other], [truth[0], lie]))
    refuses("map_proof", () => verifySingle([index, other], [truth[0], { ...truth[1], depth: 1 }]))
    refuses("map_proof", () => verifySingle([index, other], [{ ...truth[0], depth: 1 }, truth[1]]))
    const changed = { kind: "inclusion", depth: 0, commitment: digest("changed") } as const
    refuses("map_proof", () => verifySingle([index, other], [changed, truth[1]]))
  }
})

test("Prefix proofs of other lengths, depths and numbers than can be are refused with a code", () => {
  const good: PrefixSearchResult = { kind: "inclusion", depth: 0, commitment: committed }
  refuses("map_proof", () => verifySingle([index, index], [good]))
  refuses("map_proof", () => verifySingle([index.subarray(1)], [good]))
  refuses("map_proof", () => verifySingle([index], [{ ...good, commitment: committed.subarray(1) }]))
  refuses("map_proof", () =>
    verifySingle(
      [index],
      [{ ...good, depth: 300 }],
      Array.from({ length: 300 }, () => committed),
    ),
  )
  refuses("map_proof", () => verifySingle([index], [{ ...good, depth: 1 }], [committed.subarray(1)]))
  const many = Array.from({ length: maxPrefixResults + 1 }, () => index)
  refuses("map_proof", () =>
    verifySingle(
      many,
      many.map(() => good),
    ),
  )
  const elements = Array.from({ length: maxPrefixElements + 1 }, () => committed)
  refuses("map_proof", () => verifySingle([index], [good], elements))
})

test("A commitment over an opening of another length is refused, though it was made so", () => {
  const value = { opening: new Uint8Array(17), label: digest("l"), version: 1, value: digest("v") }
  refuses("commitment", () => verifyCommitment(crypto, { ...value, commitment: commitment(crypto, value) }))
})

test("Notes, signature lines, roots and keys of other sizes are refused with their codes", () => {
  const signature = { name: "a", id: new Uint8Array(4), signature: new Uint8Array(64) }
  const long = `${"x".repeat(maxNoteBytes)}\n\n\u2014 a AAAAAAAA\n`
  refuses("note_malformed", () => parseNote(toUtf8(long)))
  refuses("note_malformed", () => formatNote({ text: "x\n", signatures: [{ ...signature, signature: new Uint8Array(9000) }] }))
  refuses("checkpoint_malformed", () => parseCheckpoint(`${testOrigin}\n1\n${toBase64(new Uint8Array(33))}\n`))
  const { publicKey } = log.logKey
  const id = crypto.sha256(concat(toUtf8("n\n"), Uint8Array.of(2), publicKey)).subarray(0, 4)
  refuses("note_key", () => parseVerifierKey(crypto, `n+${toHex(id)}+${toBase64(concat(Uint8Array.of(2), publicKey))}`))
})

test("A policy that is none, with keys of logs among its witnesses, or with too many is refused with its code", () => {
  const parse = (entry: Uint8Array): unknown => parsePolicy(crypto, { entry, origin: testOrigin, logKey: digest("k") })
  refuses("entry_malformed", () => parse(log.entries[0] as Uint8Array))
  const policy = (witnesses: readonly string[]): Uint8Array => {
    const entry: PolicyEntry = { kind: "policy", quorum: witnesses.length, faults: 0, audits: 0, witnesses, operators: [], auditors: [] }
    return formatLogEntry(entry)
  }
  const other = { ...log.logKey, name: "other.example" }
  refuses("note_key", () => parse(policy([formatVerifierKey(other)])))
  const logTyped = cosigner("w.example")
  const ids = crypto.sha256(concat(toUtf8("w.example\n"), Uint8Array.of(1), logTyped.key.publicKey))
  refuses("note_key", () => parse(policy([formatVerifierKey({ ...logTyped.key, type: 1, id: ids.subarray(0, 4) })])))
  const many = Array.from({ length: 65 }, (_, i) => formatVerifierKey(cosigner(`w${i}.example`).key))
  refuses("entry_malformed", () => parse(policy(many)))
  parse(policy(many.slice(1)))
})

test("A binding that names another account of the same chain is refused", () => {
  const account = genesis(["a"])
  const a = testDevice("a")
  const accountId = digest("other").slice(0, 16) as typeof account.state.accountId
  const content = { origin: testOrigin, handle: "alice", accountId, genesisHash: account.genesisHash, deviceId: a.deviceId }
  const binding = signHandleBinding(crypto, content, a.privateKey)
  refuses("handle_account", () => verifyHandleBinding(crypto, { binding, origin: testOrigin, handle: "alice", states: [account] }))
  assert.ok(binding.length > 64)
})
