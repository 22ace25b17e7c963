import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex, toUtf8 } from "@nodoor/bytes"
import { encryptContext, encryptInContext } from "../../src/codec/cryptographic-objects.ts"
import { internal } from "../../src/group/group-state.ts"
import { applyCommit, commit, decodeStaged, encodeStaged, epochAuthenticator, process, protect } from "../../src/index.ts"
import type { LeafNode } from "../../src/tree/leaf-node.ts"
import { maxLeaves, maxPendingProposals, maxPsks } from "../../src/codec/limits.ts"
import { keepProposal } from "../../src/group/own-proposals.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import { TreeDraft, leafAt } from "../../src/tree/ratchet-tree.ts"
import {
  type ForgedCommit,
  type Party,
  add,
  commitAll,
  distribute,
  env,
  forgeCommit,
  forgeKeyPackage,
  forgeMessage,
  makeGroup,
  newcomer,
  resigned,
  staged,
  suite,
} from "./forge.ts"
import { refuses, refusesMessage, snapshot } from "./refusal.ts"

const psk = (id = "key", nonce = new Uint8Array(32)): Proposal => ({
  type: "psk",
  psk: { id: { type: "external", id: toUtf8(id) }, nonce },
})
const reinit = (version = 1): Proposal => ({ type: "reinit", reinit: { groupId: toUtf8("new"), version, suite: 1, extensions: [] } })

/** An Update of the party's own leaf, signed. */
function updateOf(party: Party): Proposal {
  const group = internal(party.state)
  const leaf = leafAt(group.tree, group.ownLeafIndex) as LeafNode
  const { publicKey } = suite.deriveKeyPair(env.crypto.random(32))
  const place = { groupId: group.groupId, leafIndex: group.ownLeafIndex }
  return {
    type: "update",
    leafNode: resigned(leaf, { encryptionKey: publicKey.bytes, source: { type: "update" } }, party.signer.privateKey, place),
  }
}

test("RFC 9420 §12.4: a commit that removes exactly one member carries a path, and the removed member reads nothing afterwards", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob, carol] = parties
  const own = commit(env, alice.state, { proposals: [{ type: "remove", leafIndex: 2 }], signer: alice.signer })
  const seen = staged(carol, own.message)
  assert.equal(seen.removesOwn, true)
  const before = carol.state
  alice.state = applyCommit(env, alice.state, own.staged).state
  bob.state = applyCommit(env, bob.state, staged(bob, own.message)).state
  assert.equal(toHex(epochAuthenticator(alice.state)), toHex(epochAuthenticator(bob.state)))
  carol.state = applyCommit(env, carol.state, seen).state
  const secret = protect(env, alice.state, { plaintext: toUtf8("without carol"), signer: alice.signer })
  refusesMessage(carol, "group_inactive", secret.message)
  // Even a carol that keeps all she had cannot follow: the path reaches her with no key she holds.
  carol.state = before
  refusesMessage(carol, "wrong_epoch", secret.message)
  assert.equal((seen as unknown as { next: unknown }).next, undefined)
  const content = (own.staged as unknown as { content: { framed: { content: { commit: { path: unknown } } } } }).content
  assert.ok(content.framed.content.commit.path)
})

test("RFC 9420 §12.4: a commit without path is refused when it removes, updates, changes extensions or is empty", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob, carol] = parties
  const forged: readonly ForgedCommit[] = [
    { proposals: [{ type: "remove", removed: 2 }], path: false },
    { proposals: [{ type: "group_context_extensions", extensions: [] }], path: false },
    { proposals: [], path: false },
    { proposals: [psk(), { type: "remove", removed: 2 }], path: false },
  ]
  for (const input of forged) refusesMessage(bob, "missing_path", forgeCommit(alice, input))
  const ref = distribute(carol, parties, updateOf(carol))
  refusesMessage(bob, "missing_path", forgeCommit(alice, { refs: [{ type: "reference", ref }], path: false }))
})

test("RFC 9420 §12.4: a commit of Adds alone needs no path", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const { keyPackage } = forgeKeyPackage({ name: "carol" })
  assert.equal(staged(bob, forgeCommit(alice, { proposals: [{ type: "add", keyPackage }], path: false })).updated.length, 0)
})

test("RFC 9420 §12.4: a commit that refers to a proposal nobody received is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "unknown_proposal", forgeCommit(alice, { refs: [{ type: "reference", ref: new Uint8Array(32) }] }))
})

test("more pre-shared keys or pending proposals than the limits allow are refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const many = Array.from({ length: maxPsks + 1 }, (_, i) => psk(`key ${i}`))
  refusesMessage(bob, "too_many_proposals", forgeCommit(alice, { proposals: many }))
  const update = updateOf(alice)
  const pending = (
    process(env, bob.state, forgeMessage(alice, { type: "proposal", proposal: update })) as { change: { state: typeof bob.state } }
  ).change.state
  const [entry] = internal(pending).proposals.values()
  assert.ok(entry)
  const full = { ...internal(bob.state), proposals: new Map(Array.from({ length: maxPendingProposals }, (_, i) => [`${i}`, entry])) }
  refuses("too_many_proposals", () => keepProposal(suite, full, entry.content, undefined))
})

test("RFC 9420 §12.1.3: a Remove of a blank leaf or of none is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"])
  for (const removed of [3, 4, 0xffffffff]) {
    refusesMessage(bob, "remove_blank", forgeMessage(alice, { type: "proposal", proposal: { type: "remove", removed } }))
    refuses("remove_blank", () => commit(env, alice.state, { proposals: [{ type: "remove", leafIndex: removed }], signer: alice.signer }))
  }
  refusesMessage(bob, "remove_blank", forgeCommit(alice, { proposals: [{ type: "remove", removed: 3 }] }))
})

test("RFC 9420 §12.2: a committer that removes itself is refused", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob, carol] = parties
  refuses("remove_committer", () => commit(env, alice.state, { proposals: [{ type: "remove", leafIndex: 0 }], signer: alice.signer }))
  const ref = distribute(carol, parties, { type: "remove", removed: 0 })
  refusesMessage(bob, "remove_committer", forgeCommit(alice, { refs: [{ type: "reference", ref }] }))
})

test("RFC 9420 §12.2: an Update by the committer is refused, by value and by reference", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob] = parties
  refusesMessage(bob, "update_by_committer", forgeCommit(alice, { refs: [{ type: "proposal", proposal: updateOf(alice) }] }))
  const ref = distribute(alice, parties, updateOf(alice))
  refusesMessage(bob, "update_by_committer", forgeCommit(alice, { refs: [{ type: "reference", ref }] }))
})

test("RFC 9420 §12.2: several Updates or Removes of one leaf are refused", () => {
  const parties = makeGroup(["alice", "bob", "carol", "dave"])
  const [alice, bob, carol] = parties
  const first = distribute(carol, parties, updateOf(carol))
  const second = distribute(carol, parties, updateOf(carol))
  const removal: Proposal = { type: "remove", removed: 2 }
  const reference = (ref: Uint8Array) => ({ type: "reference", ref }) as const
  refusesMessage(bob, "duplicate_leaf_proposal", forgeCommit(alice, { refs: [reference(first), reference(second)] }))
  refusesMessage(bob, "duplicate_leaf_proposal", forgeCommit(alice, { refs: [reference(first), { type: "proposal", proposal: removal }] }))
  refusesMessage(
    bob,
    "duplicate_leaf_proposal",
    forgeCommit(alice, {
      refs: [
        { type: "proposal", proposal: removal },
        { type: "proposal", proposal: removal },
      ],
    }),
  )
})

test("RFC 9420 §12.2: one client added twice is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const first = forgeKeyPackage({ name: "carol" })
  const second = forgeKeyPackage({ signer: first.signer })
  const proposals: readonly Proposal[] = [first, second].map(({ keyPackage }) => ({ type: "add", keyPackage }))
  refusesMessage(bob, "duplicate_add", forgeCommit(alice, { refs: proposals.map((proposal) => ({ type: "proposal", proposal })) }))
})

test("RFC 9420 §12.2: adding a member again is refused unless the same commit removes it", () => {
  const [alice, bob, carol] = makeGroup(["alice", "bob", "carol"])
  const { keyPackage } = forgeKeyPackage({ signer: carol.signer })
  refusesMessage(bob, "already_member", forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }))
  const swap = forgeCommit(alice, {
    proposals: [
      { type: "remove", removed: 2 },
      { type: "add", keyPackage },
    ],
  })
  const seen = staged(bob, swap)
  assert.deepEqual([seen.added.length, seen.removed.length], [1, 1])
})

test("RFC 9420 §12.2: one pre-shared key twice is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "duplicate_psk", forgeCommit(alice, { proposals: [psk(), psk()] }))
})

test("RFC 9420 §12.1.4: resumption keys of usage reinit or branch are refused in a group that exists", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  for (const usage of ["reinit", "branch"] as const) {
    const id = { type: "resumption", usage, groupId: bob.state.groupId, epoch: 1n } as const
    refusesMessage(bob, "psk_usage", forgeCommit(alice, { proposals: [{ type: "psk", psk: { id, nonce: new Uint8Array(32) } }] }))
    refuses("psk_usage", () => commit(env, alice.state, { proposals: [{ type: "psk", pskId: id }], signer: alice.signer }))
  }
})

test("RFC 9420 §12.1.4: a PSK nonce of another length than the hash is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "psk_nonce", forgeCommit(alice, { proposals: [psk("key", new Uint8Array(31))] }))
})

test("RFC 9420 §12.4.2: a commit with a pre-shared key that the member does not hold is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "psk_unknown", forgeCommit(alice, { proposals: [psk()] }))
  refuses("psk_unknown", () =>
    commit(env, alice.state, { proposals: [{ type: "psk", pskId: { type: "external", id: toUtf8("key") } }], signer: alice.signer }),
  )
  const psks = (): Uint8Array => toUtf8("shared")
  const own = commit(env, alice.state, {
    proposals: [{ type: "psk", pskId: { type: "external", id: toUtf8("key") } }],
    signer: alice.signer,
    psks,
  })
  assert.equal(process(env, bob.state, own.message, { psks }).kind, "commit")
  refuses("confirmation_tag", () => process(env, bob.state, own.message, { psks: () => toUtf8("another") }))
})

test("RFC 9420 §12.2: several GroupContextExtensions proposals are refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const change: Proposal = { type: "group_context_extensions", extensions: [] }
  refusesMessage(bob, "multiple_extensions_proposals", forgeCommit(alice, { proposals: [change, change] }))
})

test("RFC 9420 §12.2: a ReInit beside another proposal is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(
    bob,
    "reinit_not_alone",
    forgeCommit(alice, { proposals: [reinit(), { type: "group_context_extensions", extensions: [] }] }),
  )
  refusesMessage(bob, "reinit_not_alone", forgeCommit(alice, { proposals: [reinit(), reinit()] }))
})

test("RFC 9420 §12.1.5: a ReInit to an older protocol version is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, "reinit_version", forgeCommit(alice, { proposals: [reinit(0)] }))
})

test("RFC 9420 §12.1.6, §12.2: an ExternalInit from a member is refused, as a proposal and in a commit", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const init: Proposal = { type: "external_init", kemOutput: new Uint8Array(32) }
  refusesMessage(bob, "external_init", forgeMessage(alice, { type: "proposal", proposal: init }))
  refusesMessage(bob, "external_init", forgeCommit(alice, { refs: [{ type: "proposal", proposal: init }] }))
})

type Tamper = NonNullable<ForgedCommit["tamperPath"]>

test("RFC 9420 §7.5: a path of another length than the filtered direct path is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"])
  const shorter: Tamper = (path) => ({ ...path, nodes: path.nodes.slice(1) })
  const longer: Tamper = (path) => ({ ...path, nodes: [...path.nodes, ...path.nodes] })
  for (const tamperPath of [shorter, longer]) refusesMessage(bob, "path_length", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §7.6: a path node with more or fewer ciphertexts than its resolution is refused, even where they are not ours", () => {
  const parties = makeGroup(["alice", "bob", "carol", "dave"])
  const [alice, bob] = parties
  const change =
    (at: number, count: (given: number) => number): Tamper =>
    (path) => ({
      ...path,
      nodes: path.nodes.map((node, i) => {
        const [first] = node.encryptedPathSecrets
        assert.ok(first)
        return i === at
          ? { ...node, encryptedPathSecrets: Array.from({ length: count(node.encryptedPathSecrets.length) }, () => first) }
          : node
      }),
    })
  for (const at of [0, 1]) {
    refusesMessage(bob, "path_ciphertexts", forgeCommit(alice, { tamperPath: change(at, (given) => given + 1) }))
    refusesMessage(bob, "path_ciphertexts", forgeCommit(alice, { tamperPath: change(at, (given) => given - 1) }))
  }
})

test("RFC 9420 §7.5: a path secret that gives another key than the path states is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const bobsKey = suite.importPublicKey((leafAt(internal(bob.state).tree, 1) as LeafNode).encryptionKey)
  assert.ok(bobsKey)
  const tamperPath: Tamper = (path, context) => {
    const sealed = encryptInContext(
      suite,
      bobsKey,
      encryptContext("UpdatePathNode", context.encoded),
      new Uint8Array(32),
      env.crypto.random,
    )
    return { ...path, nodes: path.nodes.map((node) => ({ ...node, encryptedPathSecrets: [sealed] })) }
  }
  refusesMessage(bob, "path_key", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §12.4.2: a path that uses a key of the tree, or one key twice, is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob", "carol"])
  const taken = (leafAt(internal(bob.state).tree, 1) as LeafNode).encryptionKey
  const oldRoot = internal(bob.state).tree.nodes[3]?.encryptionKey
  assert.ok(oldRoot)
  for (const key of [taken, oldRoot]) {
    const tamperPath: Tamper = (path) => ({
      ...path,
      nodes: path.nodes.map((node, i) => (i === 0 ? { ...node, encryptionKey: key } : node)),
    })
    refusesMessage(bob, "path_key_reused", forgeCommit(alice, { tamperPath }))
  }
  const twice: Tamper = (path) => ({
    ...path,
    nodes: path.nodes.map((node) => ({ ...node, encryptionKey: path.nodes[0]?.encryptionKey as Uint8Array })),
  })
  refusesMessage(bob, "path_key_reused", forgeCommit(alice, { tamperPath: twice }))
})

test("RFC 9420 §7.5: a path secret that does not open for this member is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const tamperPath: Tamper = (path) => ({
    ...path,
    nodes: path.nodes.map((node) => ({
      ...node,
      encryptedPathSecrets: node.encryptedPathSecrets.map((sealed) => ({
        ...sealed,
        ciphertext: new Uint8Array(sealed.ciphertext.length),
      })),
    })),
  })
  refusesMessage(bob, "path_decryption", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §7.9.2: a commit whose leaf carries another parent hash than its path gives is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const place = { groupId: bob.state.groupId, leafIndex: 0 }
  for (const parentHash of [new Uint8Array(0), new Uint8Array(32)]) {
    const tamperPath: Tamper = (path) => ({
      ...path,
      leafNode: resigned(path.leafNode, { source: { type: "commit", parentHash } }, alice.signer.privateKey, place),
    })
    refusesMessage(bob, "leaf_parent_hash", forgeCommit(alice, { tamperPath }))
  }
})

test("a tree that is full takes nobody more", () => {
  const [alice] = makeGroup(["alice"])
  const leaf = leafAt(internal(alice.state).tree, 0) as LeafNode
  const size = 2 * maxLeaves - 1
  const nodes = Array.from({ length: size }, (_, node) => (node % 2 === 0 ? leaf : undefined))
  const draft = new TreeDraft(suite, { leafCount: maxLeaves, nodes, hashes: new Array<Uint8Array>(size).fill(new Uint8Array(32)) })
  refuses("group_full", () => draft.addLeaf(leaf))
})

test("RFC 9420 §7.5: private keys of nodes that were replaced or blanked are dropped", () => {
  const parties = makeGroup(["alice", "bob", "carol", "dave"])
  const [alice, bob] = parties
  commitAll(parties, bob, [])
  commitAll(parties, alice, [])
  const keysBefore = internal(alice.state).privateKeys
  assert.deepEqual(
    [...keysBefore.keys()].sort((a, b) => a - b),
    [0, 1, 3],
  )
  commitAll(parties, bob, [])
  for (const [node, key] of keysBefore) if (node !== 0) assert.notDeepEqual(internal(alice.state).privateKeys.get(node), key)
  const removal = commit(env, bob.state, { proposals: [{ type: "remove", leafIndex: 2 }], signer: bob.signer })
  const change = applyCommit(env, alice.state, staged(alice, removal.message))
  const { privateKeys, tree } = internal(change.state)
  for (const [node, key] of privateKeys) {
    const imported = suite.importPrivateKey(key)
    assert.ok(imported)
    assert.deepEqual(suite.publicKeyOf(imported).bytes, tree.nodes[node]?.encryptionKey)
  }
})

test("RFC 9420 §12.4.1, §14: a commit that is refused or lost leaves the state whole, and the next one works", () => {
  const parties = makeGroup(["alice", "bob", "carol"])
  const [alice, bob, carol] = parties
  const lost = commit(env, alice.state, { proposals: [add(newcomer("dave").verified)], signer: alice.signer })
  staged(bob, lost.message)
  commitAll(parties, carol, [])
  refuses("wrong_epoch", () => applyCommit(env, alice.state, lost.staged))
  commitAll(parties, alice, [{ type: "remove", leafIndex: 1 }])
  assert.equal(toHex(epochAuthenticator(alice.state)), toHex(epochAuthenticator(carol.state)))
  assert.equal(bob.state.active, false)
})

test("RFC 9420 §12.1.5, §11.2: a committed ReInit closes the group for everybody", () => {
  const parties = makeGroup(["alice", "bob"])
  const [alice, bob] = parties
  const groupId = bytes<"GroupId">(toUtf8("new"))
  const own = commitAll(parties, alice, [{ type: "reinit", groupId, suite: 3, extensions: [] }])
  assert.equal(own.staged.reinit?.suite, 3)
  assert.deepEqual([alice.state.active, bob.state.active], [false, false])
})

test("RFC 9420 §12.1.5: a ReInit to a version and suite that this engine lacks is shown as one, because it closes the group too", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const proposal: Proposal = { type: "reinit", reinit: { groupId: toUtf8("new"), version: 2, suite: 0x7777, extensions: [] } }
  const received = staged(bob, forgeCommit(alice, { proposals: [proposal] }))
  assert.deepEqual([received.reinit?.version, received.reinit?.suite], [2, 0x7777])
  assert.equal(applyCommit(env, bob.state, received).state.active, false)
})

test("an own commit survives as bytes until it is applied", () => {
  const parties = makeGroup(["alice", "bob"])
  const [alice, bob] = parties
  const guest = newcomer("carol")
  const own = commit(env, alice.state, {
    proposals: [add(guest.verified)],
    signer: alice.signer,
    forcePath: true,
    authenticatedData: toUtf8("head"),
  })
  const stored = encodeStaged(own.staged)
  const restored = decodeStaged(env, own.change.state, stored)
  assert.deepEqual([restored.own, restored.added.length, restored.authenticatedData], [true, 1, toUtf8("head")])
  const direct = applyCommit(env, own.change.state, own.staged).state
  alice.state = applyCommit(env, own.change.state, restored).state
  assert.equal(snapshot(alice.state), snapshot(direct))
  bob.state = applyCommit(env, bob.state, staged(bob, own.message)).state
  assert.equal(toHex(epochAuthenticator(alice.state)), toHex(epochAuthenticator(bob.state)))
  refuses("wrong_epoch", () => decodeStaged(env, alice.state, stored))
  refuses("wrong_signer", () => encodeStaged(staged(alice, commit(env, bob.state, { proposals: [], signer: bob.signer }).message)))
})
