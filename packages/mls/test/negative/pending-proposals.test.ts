import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import type { ProposalInput } from "../../src/api/api.ts"
import { internal } from "../../src/group/group-state.ts"
import { applyCommit, commit, epochAuthenticator, generateKeyPackage, parseKeyPackage, process, propose } from "../../src/index.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import { leafAt } from "../../src/tree/ratchet-tree.ts"
import { add, distribute, env, forgeKeyPackage, makeGroup, newcomer, staged } from "./forge.ts"
import { refuses } from "./refusal.ts"

const reinit: Proposal = { type: "reinit", reinit: { groupId: toUtf8("new"), version: 1, suite: 1, extensions: [] } }

test("RFC 9420 §12.2: our own commit takes the pending proposals that go together and leaves the rest", () => {
  const parties = makeGroup(["alice", "bob", "carol", "dave"])
  const [alice, bob, carol, dave] = parties
  const update = propose(env, carol.state, { proposal: { type: "update" }, signer: carol.signer })
  carol.state = update.change.state
  for (const party of [alice, bob, dave]) party.state = process(env, party.state, update.message).change.state
  distribute(bob, parties, { type: "remove", removed: 3 })
  distribute(bob, parties, reinit)
  // bob proposed them by hand, so he keeps them by hand too
  const kept = { ...internal(bob.state), proposals: internal(alice.state).proposals }
  bob.state = kept
  const own = commit(env, alice.state, { proposals: [], signer: alice.signer })
  assert.deepEqual(own.staged.proposals.map(({ type }) => type).sort(), ["remove", "update"])
  for (const party of [bob, carol]) party.state = applyCommit(env, party.state, staged(party, own.message)).state
  alice.state = applyCommit(env, alice.state, own.staged).state
  assert.equal(toHex(epochAuthenticator(alice.state)), toHex(epochAuthenticator(bob.state)))
  assert.equal(toHex(epochAuthenticator(alice.state)), toHex(epochAuthenticator(carol.state)))
  assert.equal(internal(alice.state).proposals.size, 0)
})

test("RFC 9420 §12.4: an invalid pending proposal is left out alone, however many there are and whichever came last", () => {
  const parties = makeGroup(["alice", "bob", "carol", "dave"])
  const [alice, bob, carol, dave] = parties
  const unsupported = (type: number): Proposal => ({ type: "group_context_extensions", extensions: [{ type, data: new Uint8Array(0) }] })
  const key = leafAt(internal(alice.state).tree, 0)?.encryptionKey ?? new Uint8Array(0)
  const clashing = forgeKeyPackage({ name: "erin", leaf: { encryptionKey: key } })
  const bad: readonly Proposal[] = [{ type: "add", keyPackage: clashing.keyPackage }, ...[0xf0d1, 0xf0d2, 0xf0d3].map(unsupported)]
  const update = propose(env, dave.state, { proposal: { type: "update" }, signer: dave.signer })
  dave.state = update.change.state
  for (const party of [alice, bob, carol]) party.state = process(env, party.state, update.message).change.state
  distribute(carol, [alice, dave], { type: "remove", removed: 1 })
  distribute(carol, [alice, dave], { type: "group_context_extensions", extensions: [] })
  for (const proposal of bad) distribute(carol, [alice, dave], proposal)
  const own = commit(env, alice.state, { proposals: [add(newcomer("frank").verified)], signer: alice.signer })
  assert.deepEqual(own.staged.proposals.map(({ type }) => type).sort(), ["add", "group_context_extensions", "remove", "update"])
  assert.deepEqual(
    own.staged.removed.map(({ leafIndex }) => leafIndex),
    [1],
  )
  assert.equal(staged(dave, own.message).removed.length, 1)
})

test("RFC 9420 §12.1: nobody makes a proposal that no commit could carry by itself", () => {
  const [alice] = makeGroup(["alice", "bob"])
  const make = (proposal: ProposalInput) => () => propose(env, alice.state, { proposal, signer: alice.signer })
  refuses(
    "group_extension_unsupported",
    make({ type: "group_context_extensions", extensions: [{ type: 0xf0d1, data: new Uint8Array(0) }] }),
  )
  const twin = generateKeyPackage(env, { suite: 1, signer: alice.signer, lifetimeS: 86_400, lastResort: false })
  refuses("already_member", make(add(parseKeyPackage(env, twin.message))))
  assert.ok(make(add(newcomer("carol").verified))())
  assert.ok(make({ type: "remove", leafIndex: 0 })(), "its own leaf: another member commits that")
})

test("pending proposals that spoil a commit together are left out, so that no member blocks everybody's commits", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob, carol] = parties
  const first = forgeKeyPackage({ name: "dave" })
  const second = forgeKeyPackage({ name: "erin", leaf: { encryptionKey: first.keyPackage.leafNode.encryptionKey } })
  for (const { keyPackage } of [first, second]) distribute(carol, parties, { type: "add", keyPackage })
  const own = commit(env, alice.state, { proposals: [{ type: "group_context_extensions", extensions: [] }], signer: alice.signer })
  assert.deepEqual(
    own.staged.proposals.map(({ type }) => type),
    ["add", "group_context_extensions"],
  )
  assert.equal(staged(bob, own.message).added.length, 1, "the later of the two, which share a key")
})
