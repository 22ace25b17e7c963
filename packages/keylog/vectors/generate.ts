// node packages/keylog/vectors/generate.ts: writes the project's own vectors beside this file. Every run writes the same bytes.
// Each vector is followed by its negative twin: one thing changed, and the code it must be refused with.

import { writeFileSync } from "node:fs"
import { bytes, encodeTls, fromUtf8, toHex } from "@nodoor/bytes"
import { type VerifiedAccountState, verifyAccountState } from "../src/account/account-chain.ts"
import { accountLabel } from "../src/account/account-state.ts"
import { encodeDelta } from "../src/audit/auditor.ts"
import { commitment, vrfInput } from "../src/map/commitment.ts"
import { formatCanary } from "../src/canary.ts"
import { formatEvidence } from "../src/audit/evidence.ts"
import {
  digest,
  ed25519PublicKey,
  genesis,
  listed,
  nodeLogCrypto as crypto,
  signed,
  successor,
  testAccountId,
  testDevice,
  testOrigin,
} from "../src/fixtures/account.ts"
import { signedCanary } from "../src/fixtures/canary.ts"
import { TestLog, cosigner, fillerRow } from "../src/fixtures/test-log.ts"
import { handleLabel, signHandleBinding } from "../src/account/handle-binding.ts"
import { KeylogError } from "../src/core/keylog-error.ts"
import { formatLogEntry } from "../src/tree/log-entry.ts"
import { PrefixMap } from "../src/map/prefix-map.ts"
import { encodePrefixProof } from "../src/map/prefix-proof.ts"
import { safetyIdentity } from "../src/compare/safety-number.ts"
import { encodeSearchRequest } from "../src/search/search.ts"
import { formatVerifierKey } from "../src/checkpoint/signed-note.ts"
import { computeOwn, type Entry, type Json } from "../src/vectors/index.ts"
import { vrfProve } from "../src/map/vrf.ts"

const [a, b] = [testDevice("a"), testDevice("b")]
const recoverySeed = digest("recovery")
const first = genesis(["a"], { recoveryKey: ed25519PublicKey(recoverySeed) })
const next = (previous: VerifiedAccountState, encoded: Uint8Array): VerifiedAccountState =>
  verifyAccountState(crypto, { previous, next: encoded, origin: testOrigin, accountId: testAccountId })
const added = next(first, signed(successor(first, [listed(a, 0), listed(b, 1)]), [a, b]))
const fresh = testDevice("c")
const reset = next(added, signed(successor(added, [listed(fresh, 2)], { kind: "reset" }), [fresh], recoverySeed))
const erased = next(reset, signed(successor(reset, [], { kind: "tombstone" }), [fresh]))
const chain = [first, added, reset, erased].map((state) => toHex(state.signed))
const ghost = signed(successor(first, [listed(a, 0), listed(b, 1)]), [b])
const content = { origin: testOrigin, handle: "alice", accountId: testAccountId, genesisHash: first.genesisHash, deviceId: a.deviceId }
const binding = signHandleBinding(crypto, content, a.privateKey)

const account = { account_id: toHex(testAccountId), origin: testOrigin }
write("account", [
  ...pair(
    "account-chain",
    "genesis, update, recovery reset and tombstone",
    { ...account, states: chain },
    { states: [chain[0] as Json, toHex(ghost)] },
  ),
  ...pair("handle-binding", "a binding by a device of genesis", handleInput(binding), handleInput(flip(binding, 150))),
  ...pair("safety-number", "two accounts", { mine: safety(first), theirs: safety(reset) }),
])

const log = new TestLog({ witnesses: [cosigner("w1.example"), cosigner("w2.example")] })
const witnesses = [cosigner("w1.example"), cosigner("w2.example")]
const label = accountLabel(testAccountId)
log.publish([
  { label, value: first.signed },
  { label: handleLabel("alice"), value: binding },
])
log.publish([{ label, value: added.signed }])

const alpha = vrfInput(label, 2)
const proof = vrfProve(log.vrfKey, alpha)
const vrf = { public_key: toHex(log.vrfKey.publicKey), label: toHex(label), version: 2, proof: toHex(proof) }
const opened = { opening: digest("opening").slice(0, 16), label, version: 1, value: first.signed }
const committed = { opening: toHex(opened.opening), label: toHex(label), version: 1, value: toHex(first.signed) }
const map = new PrefixMap(crypto)
map.insert(encodeDelta(Array.from({ length: 50 }, (_, i) => fillerRow(i))))
const indices = [fillerRow(7).index, digest("absent"), fillerRow(40).index, digest("gone")]
const prefix = encodePrefixProof(map.prove(indices))
const prefixInput = { root: toHex(map.root), indices: indices.map(toHex), proof: toHex(prefix) }
write("map", [
  ...pair("vrf", "index of a label's version 2", vrf, { version: 3 }),
  ...pair("commitment", "a committed account state", { ...committed, commitment: toHex(commitment(crypto, opened)) }, { version: 2 }),
  ...[0, 1, 2, 3, 7, 12, 100].flatMap((greatest) => pair("ladder", `ladder of ${greatest}`, { greatest })),
  ...pair("prefix-proof", "two present and two absent indices", prefixInput, { proof: toHex(flip(prefix, 20)) }),
])

const entries = [...log.entries.slice(0, 4), formatLogEntry({ kind: "notice", day: "2026-01-31", slot: digest("slot"), opened: [] })]
const note = fromUtf8(log.checkpoint(witnesses))
const vkey = formatVerifierKey(log.logKey)
const witness = formatVerifierKey((witnesses[0] as (typeof witnesses)[0]).key)
const size = log.tree.size
const inclusion = { index: 1, size, root: toHex(log.tree.root()), leaf: toHex(leaf(1)), proof: log.tree.inclusionProof(1).map(toHex) }
const older = { size: 3, root: toHex(log.tree.root(3)) }
const consistency = { older, newer: { size, root: toHex(log.tree.root()) }, proof: log.tree.consistencyProof({ older: 3 }).map(toHex) }
write("log", [
  ...entries.flatMap((entry, i) => pair("entry", `entry ${i}`, { text: fromUtf8(entry) }, { text: `${fromUtf8(entry)}unknown line\n` })),
  ...pair("checkpoint", "a checkpoint with two cosignatures", { vkey, note }, { note: note.replace(`\n${size}\n`, `\n${size + 1}\n`) }),
  ...pair("cosignature", "one of them", { vkey: witness, note }),
  ...pair("cosignature", "none over another text", { vkey: witness, note: note.replace(`\n${size}\n`, `\n${size + 1}\n`) }),
  ...pair("inclusion", "entry 1", inclusion, { index: 2 }),
  ...pair("consistency", "from 3", consistency, { older: { ...older, root: toHex(digest("other")) } }),
])

const request = {
  lastSize: undefined,
  logKey: log.pin.logKey,
  knownPolicy: undefined,
  labels: [{ label: handleLabel("alice"), knownVersion: undefined }],
}
const response = log.search(request, witnesses)
const lookup = { config: fromUtf8(log.entries[0] as Uint8Array), request: toHex(encodeSearchRequest(request)), now_ms: log.timeMs }
const fork = new TestLog({ witnesses })
fork.publish([{ label, value: erased.signed }])
fork.publish([])
const evidence = fromUtf8(formatEvidence({ kind: "fork", logKey: vkey, notes: [log.checkpoint(), fork.checkpoint()] }))
const same = fromUtf8(formatEvidence({ kind: "fork", logKey: vkey, notes: [log.checkpoint(), log.checkpoint()] }))
write("client", [
  ...pair(
    "search",
    "a handle and the account it leads to",
    { ...lookup, response: toHex(response) },
    { response: toHex(flip(response, response.length - 200)) },
  ),
  ...pair("search", "the same, two days later", { ...lookup, response: toHex(response) }, { now_ms: log.timeMs + 2 * 86_400_000 }),
  ...pair("evidence", "a fork", { file: evidence }, { file: same }),
])

const canary = fromUtf8(formatCanary(signedCanary()))
const renewal = { issued: "2026-12-30", expires: "2027-01-30", previous: toHex(crypto.sha256(formatCanary(signedCanary()))) }
write("canary", [
  ...pair("canary", "signed by two of three", { file: canary }, { file: canary.replace("2027-01-05", "2027-01-04") }),
  ...pair("canary", "the one after it", { file: fromUtf8(formatCanary(signedCanary(renewal, [1, 2]))) }, { file: canary.trimEnd() }),
  ...pair(
    "canary",
    "signed by all three",
    { file: fromUtf8(formatCanary(signedCanary({}, [0, 1, 2]))) },
    { file: fromUtf8(formatCanary(signedCanary({}, [1]))) },
  ),
])

/** The vector, with what it gives; and its twin, which differs by `change`, with the code it is refused with. */
function pair(kt: string, name: string, input: Entry, change?: Entry): Entry[] {
  const good = { kt, name, ...input }
  const out: Entry[] = [{ ...good, expect: computeOwn(good, crypto) }]
  if (!change) return out
  const bad = { kt, name: `${name}, changed`, ...input, ...change }
  out.push({ ...bad, refused: refusal(bad) })
  return out
}

function refusal(entry: Entry): string {
  try {
    computeOwn(entry, crypto)
  } catch (error) {
    if (error instanceof KeylogError) return error.code
    throw error
  }
  throw new RangeError(`accepted: ${JSON.stringify(entry["name"])}`)
}

function handleInput(encoded: Uint8Array): Entry {
  return { ...account, handle: "alice", states: chain.slice(0, 2), binding: toHex(encoded) }
}

function safety(state: VerifiedAccountState): Entry {
  const { origin, accountId, genesisHash, resetCount } = safetyIdentity(state)
  return { origin, account_id: toHex(accountId), genesis_hash: toHex(genesisHash), reset_count: resetCount }
}

function leaf(index: number): Uint8Array {
  return crypto.sha256(encodeTls((w) => w.u8(0).raw(log.entries[index] as Uint8Array)))
}

function flip(input: Uint8Array, at: number): Uint8Array {
  return bytes(input.with(at, (input[at] as number) ^ 0x01))
}

function write(name: string, vectors: readonly Entry[]): void {
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(vectors, undefined, 1)}\n`)
}
