import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import { basicCredential } from "../../src/codec/credential.ts"
import { encodeExternalSenders, extensionType } from "../../src/codec/extension.ts"
import type { Sender } from "../../src/message/framing.ts"
import { internal } from "../../src/group/group-state.ts"
import { applyCommit, commit, epochAuthenticator, generateSigner, process } from "../../src/index.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import { type Party, env, forgeExternalCommit, forgeKeyPackage, forgeMessage, makeGroup, staged } from "./forge.ts"
import { refusesMessage } from "./refusal.ts"

const open = { options: { externalCommits: true, externalProposals: true } } as const
const psk: Proposal = { type: "psk", psk: { id: { type: "external", id: toUtf8("key") }, nonce: new Uint8Array(32) } }

test("RFC 9420 §12.4.3.2: external commits are refused unless the group takes them", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "external_commit_refused", forgeExternalCommit(alice, { identity: "eve" }))
})

test("RFC 9420 §12.4.3.2: in a group that takes them, an external commit brings one member in", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], open)
  const message = forgeExternalCommit(alice, { identity: "carol" })
  const seen = staged(bob, message)
  assert.deepEqual([seen.external, seen.committer, seen.added.length, seen.removed.length], [true, 2, 1, 0])
  const after = [alice, bob].map((party) => applyCommit(env, party.state, staged(party, message)).state)
  assert.equal(toHex(epochAuthenticator(after[0] as Party["state"])), toHex(epochAuthenticator(after[1] as Party["state"])))
})

test("RFC 9420 §12.2: an external commit that removes a member with another credential is refused; one's own old leaf may go", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"], open)
  const removal: Proposal = { type: "remove", removed: 2 }
  refusesMessage(bob, "external_commit_identity", forgeExternalCommit(alice, { identity: "eve", proposals: [removal] }))
  const seen = staged(bob, forgeExternalCommit(alice, { identity: "carol", proposals: [removal] }))
  assert.deepEqual([seen.added.length, seen.removed.length], [1, 1])
})

test("RFC 9420 §12.2: an external commit carries one ExternalInit, at most one Remove, PSKs and nothing else", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"], open)
  const { keyPackage } = forgeKeyPackage({ name: "dave" })
  const init: Proposal = { type: "external_init", kemOutput: new Uint8Array(32) }
  const lists: readonly (readonly Proposal[])[] = [
    [{ type: "add", keyPackage }],
    [{ type: "group_context_extensions", extensions: [] }],
    [{ type: "reinit", reinit: { groupId: toUtf8("new"), version: 1, suite: 1, extensions: [] } }],
    [init],
    [
      { type: "remove", removed: 1 },
      { type: "remove", removed: 2 },
    ],
  ]
  for (const proposals of lists)
    refusesMessage(bob, "external_commit_proposals", forgeExternalCommit(alice, { identity: "carol", proposals }))
  refusesMessage(bob, "external_commit_proposals", forgeExternalCommit(alice, { identity: "eve", withoutInit: true }))
  refusesMessage(bob, "psk_unknown", forgeExternalCommit(alice, { identity: "eve", proposals: [psk] }))
})

test("RFC 9420 §12.4.3.2: an external commit that refers to a proposal is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], open)
  const received = process(env, bob.state, forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed: 0 } }))
  bob.state = received.change.state
  const [pending] = internal(bob.state).proposals.values()
  assert.ok(pending)
  refusesMessage(
    bob,
    "external_commit_reference",
    forgeExternalCommit(alice, { identity: "eve", refs: [{ type: "reference", ref: pending.ref }] }),
  )
})

test("RFC 9420 §12.4.3.2: an external commit without path is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], open)
  refusesMessage(bob, "missing_path", forgeExternalCommit(alice, { identity: "eve", path: false }))
})

const service = generateSigner(env, { suite: 1, identity: toUtf8("service") })
const senders = {
  type: extensionType.externalSenders,
  data: encodeExternalSenders([{ signatureKey: service.publicKey, credential: basicCredential(service.identity) }]),
}
const external: Sender = { type: "external", senderIndex: 0 }
const removal: Proposal = { type: "remove", removed: 0 }

function propose(view: Party, proposal: Proposal, change: Partial<Parameters<typeof forgeMessage>[2]> = {}): Uint8Array {
  return forgeMessage(view, { type: "proposal", proposal }, { sender: external, wire: "public", signWith: service.privateKey, ...change })
}

test("RFC 9420 §12.1.8: proposals from outside are refused unless the group takes them", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { extensions: [senders] })
  refusesMessage(bob, "external_proposal_refused", propose(alice, removal))
  const { keyPackage, signer } = forgeKeyPackage({ name: "carol" })
  const own = { sender: { type: "new_member_proposal" }, signWith: signer.privateKey } as const
  refusesMessage(bob, "external_proposal_refused", propose(alice, { type: "add", keyPackage }, own))
})

test("RFC 9420 §12.1.8: an external sender's proposal is kept and can be committed", () => {
  const parties = makeGroup(["alice", "bob", "carol"], { ...open, extensions: [senders] })
  const [alice, bob] = parties
  const message = propose(alice, { type: "remove", removed: 2 })
  for (const party of parties) party.state = process(env, party.state, message).change.state
  const own = commit(env, alice.state, { proposals: [], signer: alice.signer })
  const seen = staged(bob, own.message)
  assert.deepEqual(seen.proposals, [{ type: "remove", sender: -1, leafIndex: 2 }])
})

test("RFC 9420 §12.1.8.1: a proposal of a sender that is not listed, or with another key, is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { ...open, extensions: [senders] })
  refusesMessage(bob, "external_sender_unknown", propose(alice, removal, { sender: { type: "external", senderIndex: 1 } }))
  refusesMessage(bob, "invalid_signature", propose(alice, removal, { signWith: alice.signer.privateKey }))
  const [carol, dave] = makeGroup(["carol", "dave"], open)
  refusesMessage(dave, "external_sender_unknown", propose(carol, removal))
})

test("RFC 9420 §12.1: an external sender's proposal with another group id or epoch is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { ...open, extensions: [senders] })
  refusesMessage(bob, "wrong_group", propose(alice, removal, { groupId: toUtf8("other") }))
  for (const epoch of [0n, 2n]) refusesMessage(bob, "wrong_epoch", propose(alice, removal, { epoch }))
})

test("RFC 9420 §12.1.8: an external sender may not propose Update or ExternalInit", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { ...open, extensions: [senders] })
  refusesMessage(bob, "external_proposal_type", propose(alice, { type: "external_init", kemOutput: new Uint8Array(32) }))
  const { keyPackage } = forgeKeyPackage({ name: "carol" })
  refusesMessage(bob, "external_proposal_type", propose(alice, { type: "update", leafNode: keyPackage.leafNode }))
})

test("RFC 9420 §6.1: a new member may propose nothing but to be added, signed with the key of that leaf", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], open)
  const { keyPackage, signer } = forgeKeyPackage({ name: "carol" })
  const sender: Sender = { type: "new_member_proposal" }
  refusesMessage(bob, "new_member_proposal", propose(alice, removal, { sender, signWith: signer.privateKey }))
  refusesMessage(bob, "invalid_signature", propose(alice, { type: "add", keyPackage }, { sender }))
  assert.equal(
    process(env, bob.state, propose(alice, { type: "add", keyPackage }, { sender, signWith: signer.privateKey })).kind,
    "proposal",
  )
})

test("RFC 9420 §6.1: senders outside the group may send only the content type that is theirs", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { ...open, extensions: [senders] })
  const empty = { type: "commit", commit: { proposals: [], path: undefined } } as const
  refusesMessage(bob, "sender_type", forgeMessage(alice, empty, { sender: external, wire: "public" }))
  refusesMessage(bob, "sender_type", forgeMessage(alice, empty, { sender: { type: "new_member_proposal" }, wire: "public" }))
  refusesMessage(bob, "sender_type", propose(alice, removal, { sender: { type: "new_member_commit" } }))
})
