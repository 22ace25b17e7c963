import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, bytes, concat, equal } from "@nodoor/bytes"
import { type VerifiedAccountState, verifyAccountState } from "../account/account-chain.ts"
import { accountLabel } from "../account/account-state.ts"
import { commitment } from "../map/commitment.ts"
import { encodeDelta } from "../audit/auditor.ts"
import {
  digest,
  genesis,
  listed,
  nodeLogCrypto as crypto,
  signed,
  successor,
  testAccountId,
  testDevice,
  testOrigin,
} from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog, fillerRow } from "../fixtures/test-log.ts"
import { handleLabel } from "../account/handle-binding.ts"
import { verifyHandleClaim } from "./handle-claim.ts"
import { type KnownLabel, labelKey, untoldHandles, verifySearch } from "./search-verify.ts"
import { type LabelAnswer, type SearchRequest, type SearchResponse, encodeSearchResponse, maxSearchResponseBytes } from "./search.ts"
import { decodeSearchRequest, encodeSearchRequest } from "./search.ts"
import { answerWatchSet } from "./search-answer.ts"
import { encodeWatchSet, verifyWatchSet } from "../audit/watch-token.ts"

import { a, b, label, handle, Looker, bindingOf, accountLog, update, answered } from "../fixtures/looker.ts"

test("A first lookup by handle finds the account in the same answer; later ones learn only what is new", () => {
  const { log, chain } = accountLog(4)
  const looker = new Looker(log)
  const found = looker.look([handle])
  assert.deepEqual(
    found.lookups.map(({ status }) => status),
    ["handle", "account"],
  )
  assert.equal(found.lookups[1]?.status === "account" && found.lookups[1].chain.length, 4)
  const again = looker.look([handle, label])
  assert.deepEqual(again.learned, [])
  assert.equal(again.lookups[1]?.status === "account" && again.lookups[1].chain.length, 0)
  log.publish([{ label, value: update(chain[3] as VerifiedAccountState).signed }])
  const later = looker.look([label])
  assert.equal(later.lookups[0]?.status === "account" && later.lookups[0].account.state.version, 4)
  const strangers = looker.look([handleLabel("nobody"), accountLabel(bytes(digest("no one").slice(0, 16)))])
  assert.deepEqual(
    strangers.lookups.map(({ status }) => status),
    ["absent", "absent"],
  )
})

test("Lookups work in the empty map and in a map of one key", () => {
  const log = new TestLog()
  const looker = new Looker(log)
  assert.equal(looker.look([handle]).lookups[0]?.status, "absent")
  log.publish([{ label, value: genesis(["a"]).signed }])
  assert.deepEqual(
    looker.look([handle, label]).lookups.map(({ status }) => status),
    ["absent", "account"],
  )
})

test("S1: an answer to another question, or one missing or too many, is refused", () => {
  const looker = new Looker(accountLog(2).log)
  looker.refuses("search_shape", [label], (response) => ({ ...response, answers: [] }))
  looker.refuses("search_shape", [label], (response) => ({ ...response, answers: [...response.answers, ...response.answers] }))
  looker.refuses("search_shape", [handle], (response) => ({ ...response, answers: response.answers.slice(0, 1) }))
  const known = looker.look([label]).lookups[0]
  assert.ok(known?.status === "account")
  looker.refuses("search_shape", [label], (response) => answered(response, 0, { states: [known.account.signed] }))
  const request = { ...looker.request([label]), labels: [{ label, knownVersion: 0 }] }
  const response = looker.log.search(request)
  refuses("search_shape", () => looker.verify(request, response))
})

test("S2: an account or handle that was there and is shown older or absent is refused", () => {
  const { log } = accountLog(3)
  const looker = new Looker(log)
  looker.look([handle, label])
  const older = accountLog(2).log
  const request = looker.request([label])
  const stale = new Looker(older)
  stale.known.set(labelKey(label), looker.known.get(labelKey(label)) as KnownLabel)
  refuses("version_lower", () =>
    stale.verify({ ...request, lastSize: undefined, knownPolicy: undefined }, older.search(stale.request([label]))),
  )
  const empty = new TestLog()
  const before = new Looker(empty)
  before.known.set(labelKey(handle), looker.known.get(labelKey(handle)) as KnownLabel)
  before.refuses("version_lower", [handle])
  before.known.set(labelKey(label), looker.known.get(labelKey(label)) as KnownLabel)
  before.refuses("version_lower", [label])
  before.known.set(labelKey(handle), { kind: "handle", version: 3, binding: new Uint8Array() })
  const fresh = new Looker(log)
  fresh.known.set(labelKey(handle), { kind: "handle", version: 3, binding: new Uint8Array() })
  fresh.refuses("version_lower", [handle])
})

test("S3: one version of a label with another value, or another history behind it, is refused", () => {
  const { log, chain } = accountLog(2)
  const looker = new Looker(log)
  looker.look([label])
  const other = new TestLog()
  const twin = genesis(["a", "b"])
  other.publish([{ label, value: twin.signed }])
  const confused = new Looker(other)
  confused.known.set(labelKey(label), { kind: "account", account: chain[0] as VerifiedAccountState })
  confused.refuses("value_changed", [label])
  const forked = update(twin)
  other.publish([{ label, value: forked.signed }])
  const request: SearchRequest = { ...confused.request([label]), labels: [{ label, knownVersion: undefined }] }
  refuses("value_changed", () => confused.verify(request, other.search(request)))
  confused.refuses("account_prev", [label])
  const remapped = new Looker(log)
  remapped.known.set(labelKey(handle), { kind: "handle", version: 0, binding: bindingOf(twin) })
  remapped.refuses("value_changed", [handle, label])
})

test("a handle that was verified once still leads to its account when the device that signed the binding has gone from it", () => {
  const { log, chain } = accountLog(2)
  const looker = new Looker(log)
  looker.look([handle])
  const two = signed(successor(chain.at(-1), [listed(a, 0), listed(b, 2)]), [a, b])
  const both = verifyAccountState(crypto, { previous: chain.at(-1), next: two, origin: testOrigin, accountId: testAccountId })
  log.publish([{ label, value: two }])
  log.publish([{ label, value: signed(successor(both, [listed(b, 2)]), [b]) }])
  looker.look([label])
  assert.deepEqual(
    looker.look([handle, label]).lookups.map(({ status }) => status),
    ["handle", "account"],
  )
})

test("S4: a label that names neither account nor handle is refused", () => {
  const { log } = accountLog(1)
  for (const odd of [Uint8Array.of(0x03, 1), concat(Uint8Array.of(0x02), digest("x")), label.subarray(0, 9)]) {
    log.publish([{ label: odd, value: genesis(["a"]).signed }])
    const looker = new Looker(log)
    looker.refuses(odd[0] === 0x02 ? "malformed" : "label_unknown", [odd])
    assert.throws(() => decodeSearchRequest(encodeSearchRequest(looker.request([odd]))), CodecError)
  }
  refuses("malformed", () => decodeAsRequest(Uint8Array.of(0)))
})

function decodeAsRequest(encoded: Uint8Array): void {
  const looker = new Looker(accountLog(1).log)
  looker.verify(looker.request([label]), encoded)
}

test("L1: a ladder that is truncated, reordered, or of a version that is not the greatest is refused", () => {
  const looker = new Looker(accountLog(4).log)
  const present = (response: SearchResponse): LabelAnswer & { status: "present" } =>
    response.answers[0] as LabelAnswer & { status: "present" }
  looker.refuses("ladder", [label], (response) => answered(response, 0, { vrfProofs: present(response).vrfProofs.slice(1) }))
  looker.refuses("vrf_proof", [label], (response) => answered(response, 0, { vrfProofs: present(response).vrfProofs.toReversed() }))
  const source = looker.log.source
  const lying = (version: number): ((response: SearchResponse) => SearchResponse) => {
    const shown = looker.log.labels.get(String(label))?.[version]
    return (response) => {
      const proofs = [0, 1, 3, 2].slice(0, version === 2 ? 4 : 2).map((step) => source.vrf(label, step))
      const answer = { version, ...shown, vrfProofs: proofs.map(({ proof }) => proof), states: [] }
      return { ...answered(response, 0, answer as Partial<LabelAnswer>), prefix: looker.log.map.prove(proofs.map(({ index }) => index)) }
    }
  }
  looker.refuses("ladder", [label], lying(2))
  looker.refuses("ladder", [label], lying(0))
})

test("L1: a future version inserted early makes the true greatest version unprovable", () => {
  const { log } = accountLog(2)
  const early = log.vrf(label, 3)
  log.publishDelta(encodeDelta([{ index: early.index, commitment: digest("early") }]))
  new Looker(log).refuses("ladder", [label])
})

test("M4: another value, opening or version than the map commits to is refused", () => {
  const looker = new Looker(accountLog(2).log)
  looker.refuses("commitment", [label], (response) => answered(response, 0, { value: genesis(["b"]).signed }))
  looker.refuses("commitment", [label], (response) => answered(response, 0, { opening: new Uint8Array(16) }))
})

test("M1: a map of another epoch beside a fresh head is refused", () => {
  const { log } = accountLog(1)
  const looker = new Looker(log)
  const indices = [0, 1].map((version) => log.vrf(label, version).index)
  const old = log.map.prove(indices)
  log.publishDelta(encodeDelta([fillerRow(700), fillerRow(701), fillerRow(702)]))
  looker.refuses("map_proof", [label], (response) => ({ ...response, prefix: { ...old, elements: old.elements.with(0, digest("x")) } }))
  looker.refuses("map_proof", [label], (response) => ({ ...response, prefix: old }))
})

test("V3: a proof under a switched VRF key is refused", () => {
  const looker = new Looker(accountLog(1).log)
  const other = new Looker(accountLog(1).log)
  const pin = { ...other.log.pin, vrfKey: testDevice("vrf").publicKey }
  const request = looker.request([label])
  const input = { pin, stored: undefined, request, response: looker.log.search(request), known: new Map(), indices: looker.indices }
  refuses("vrf_proof", () => verifySearch(crypto, { ...input, nowMs: looker.log.timeMs }))
})

test("A12: a ghost device put into the map by the operator is refused by whoever looks", () => {
  const { log, chain } = accountLog(1)
  const looker = new Looker(log)
  looker.look([label])
  log.publish([{ label, value: signed(successor(chain[0], [listed(a, 0), listed(b, 1)]), [b]) }])
  looker.refuses("account_unsigned", [label])
})

test("Swap and swap back leaves two more versions, which the owner's next look finds", () => {
  const { log, chain } = accountLog(1)
  const owner = new Looker(log)
  owner.look([label])
  const swapped = verifyAccountState(crypto, {
    previous: chain[0],
    next: signed(successor(chain[0], [listed(b, 1)], { kind: "reset" }), [b]),
    origin: testOrigin,
    accountId: testAccountId,
  })
  const c = testDevice("c")
  const back = signed(successor(swapped, [listed(c, 2)], { kind: "reset" }), [c])
  log.publish([{ label, value: swapped.signed }])
  log.publish([{ label, value: back }])
  const [found] = owner.look([label]).lookups
  assert.ok(found?.status === "account")
  assert.deepEqual([found.account.state.version, found.account.state.resetCount, found.account.kind], [2, 2, "hard reset"])
})

test("A3: a gap in the versions of an account is refused, whatever the map holds", () => {
  const { log, chain } = accountLog(3)
  const fourth = update(chain[2] as VerifiedAccountState)
  const fifth = update(fourth)
  log.publish([{ label, value: fifth.signed }])
  new Looker(log).refuses(undefined, [label])
  const looker = new Looker(accountLog(3).log)
  looker.refuses("account_version", [label], (response) => answered(response, 0, { states: [(chain[0] as VerifiedAccountState).signed] }))
})

test("A3: a version of the map whose account state has another number is refused", () => {
  const { log, chain } = accountLog(2)
  log.publish([{ label, value: (chain[1] as VerifiedAccountState).signed }])
  new Looker(log).refuses(undefined, [label])
  const single = new TestLog()
  single.publish([{ label, value: genesis(["a"]).signed }])
  single.publish([{ label, value: genesis(["a"]).signed }])
  const looker = new Looker(single)
  looker.refuses("account_version", [label], (response) => answered(response, 0, { states: [] }))
})

test("H5: a handle that the server names for an account is refused when the log binds it to another account, or to nobody while the account lives", () => {
  const mallory = genesis(["m"], { accountId: bytes(digest("mallory").slice(0, 16)) })
  const alice = genesis(["a"])
  const theirs = accountLabel(mallory.state.accountId)
  const claim = { handle: "alice", accountId: mallory.state.accountId }
  const both = new TestLog()
  both.publish([
    { label, value: alice.signed },
    { label: theirs, value: mallory.signed },
    { label: handle, value: bindingOf(alice) },
  ])
  const { lookups } = new Looker(both).look([handle, theirs])
  refuses("handle_claim", () => verifyHandleClaim(lookups, claim))
  verifyHandleClaim(lookups, { handle: "alice", accountId: alice.state.accountId })

  const unregistered = new TestLog()
  unregistered.publish([{ label: theirs, value: mallory.signed }])
  refuses("handle_claim", () => verifyHandleClaim(new Looker(unregistered).look([handle, theirs]).lookups, claim))
  // Neither is there yet, as in the moments after a registration: nothing is said of the claim.
  const before = new TestLog()
  before.publish([{ label, value: alice.signed }])
  verifyHandleClaim(new Looker(before).look([handle, theirs]).lookups, claim)
})

test("A handle tells nothing new to who asked for its account along with it; every other one counts", () => {
  const log = new TestLog()
  const alice = genesis(["a"])
  log.publish([
    { label, value: alice.signed },
    { label: handle, value: bindingOf(alice) },
  ])
  const looker = new Looker(log)
  const told = (labels: readonly Uint8Array[]): number => {
    const request = looker.request(labels)
    return untoldHandles(request, log.answer(request))
  }
  assert.equal(told([handle, label]), 0)
  assert.equal(told([handle]), 1)
  assert.equal(told([handle, accountLabel(bytes(digest("mallory").slice(0, 16)))]), 1)
  assert.equal(told([handleLabel("nobody"), label]), 1)
  assert.equal(told([label]), 0)
})

test("H3: a handle remapped to an account that does not hold its signer is refused", () => {
  const log = new TestLog()
  const mallory = genesis(["m"], { accountId: bytes(digest("mallory").slice(0, 16)) })
  const alice = genesis(["a"])
  log.publish([
    { label, value: alice.signed },
    { label: accountLabel(mallory.state.accountId), value: mallory.signed },
    { label: handle, value: bindingOf(mallory) },
  ])
  new Looker(log).refuses("handle_account", [handle])
  const nobody = new TestLog()
  nobody.publish([{ label: handle, value: bindingOf(alice) }])
  new Looker(nobody).refuses("handle_account", [handle])
})

test("One version opened two ways fails for whoever was shown the other value", () => {
  const { log } = accountLog(1)
  const index = log.vrf(label, 0).index
  const value = { opening: digest("x").slice(0, 16), label, version: 0, value: genesis(["b"]).signed }
  refuses("map_key_present", () => log.publishDelta(encodeDelta([{ index, commitment: commitment(crypto, value) }])))
})

test("Watch tokens are the indices that must stay absent, and an auditor's alarm when one is inserted", () => {
  const { log } = accountLog(3)
  const { greatest, proofs } = answerWatchSet(log.source, label)
  assert.equal(greatest, 2)
  const indices = verifyWatchSet({ pin: log.pin, label, greatest, response: encodeWatchSet(proofs) })
  assert.ok(equal(indices[0] as Uint8Array, log.vrf(label, 3).index))
  refuses("ladder", () => verifyWatchSet({ pin: log.pin, label, greatest: 7, response: encodeWatchSet(proofs) }))
  refuses("vrf_proof", () => verifyWatchSet({ pin: log.pin, label: handle, greatest, response: encodeWatchSet(proofs) }))
  refuses("malformed", () => verifyWatchSet({ pin: log.pin, label, greatest, response: new Uint8Array(2) }))
})

test("Every flipped byte of a search response is refused with a code, and oversize before parsing", () => {
  const { log } = accountLog(2)
  const looker = new Looker(log)
  const request = looker.request([handle, handleLabel("nobody")])
  const response = log.search(request)
  looker.indices.add(looker.verify(request, response).learned)
  let unproven = 0
  for (let i = 0; i < response.length; i++) {
    const bad = response.with(i, (response[i] as number) ^ (1 << (i % 8)))
    try {
      looker.verify(request, bad)
      unproven++
    } catch {
      refuses(undefined, () => looker.verify(request, bad))
    }
  }
  // Only the VRF proofs of indices already proven are not looked at again: 80 bytes for each of seven steps.
  assert.equal(unproven, 80 * 7)
  refuses("malformed", () => looker.verify(request, new Uint8Array(maxSearchResponseBytes + 1)))
  for (let i = 0; i < response.length; i += 97) refuses("malformed", () => looker.verify(request, response.subarray(0, i)))
})

test("V2: every flipped byte of a VRF proof in a first lookup is refused with a code", () => {
  const { log } = accountLog(1)
  const looker = new Looker(log)
  const request = looker.request([label])
  const response = log.answer(request)
  const [answer] = response.answers as [LabelAnswer]
  const [proof] = answer.vrfProofs as [Uint8Array]
  for (let i = 0; i < proof.length; i += 3) {
    const vrfProofs = answer.vrfProofs.with(0, proof.with(i, (proof[i] as number) ^ 0x40))
    refuses(undefined, () => looker.verify(request, encodeSearchResponse(answered(response, 0, { vrfProofs }))))
  }
})
