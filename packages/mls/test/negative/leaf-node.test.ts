import assert from "node:assert/strict"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { ownCapabilities } from "../../src/codec/capabilities.ts"
import { empty } from "../../src/codec/cryptographic-objects.ts"
import { encodeRequiredCapabilities, extensionType } from "../../src/codec/extension.ts"
import { internal } from "../../src/group/group-state.ts"
import { applyCommit, commit, createGroup, generateSigner, parseKeyPackage, process } from "../../src/index.ts"
import type { Extension, GroupId } from "../../src/api/api.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import { decodeKeyPackageSecret } from "../../src/message/key-package.ts"
import { leafAt } from "../../src/tree/ratchet-tree.ts"
import {
  add,
  commitAll,
  env,
  flip,
  forgeCommit,
  forgeKeyPackage,
  forgeMessage,
  makeGroup,
  newcomer,
  nowS,
  resigned,
  staged,
} from "./forge.ts"
import { refuses, refusesMessage } from "./refusal.ts"

/** A forged key package must be refused alone, and in an Add that a member commits. */
function refusesKeyPackage(code: Parameters<typeof refuses>[0], input: Parameters<typeof forgeKeyPackage>[0]): void {
  const { message, keyPackage } = forgeKeyPackage(input)
  refuses(code, () => parseKeyPackage(env, message))
  const [alice, bob] = makeGroup(["alice", "bob"])
  refusesMessage(bob, code, forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }))
  refusesMessage(bob, code, forgeMessage(alice, { type: "proposal", proposal: { type: "add", keyPackage } }))
}

const capabilities = ownCapabilities(1, {}, 0x0a0a)
const { privateKey: strangersKey } = generateSigner(env, { suite: 1, identity: toUtf8("stranger") })
const lifetime = (notBeforeS: bigint, notAfterS: bigint) => ({
  source: { type: "key_package", lifetime: { notBeforeS, notAfterS } } as const,
})

test("RFC 9420 §7.3: a leaf that its signature key did not sign is refused", () => {
  refusesKeyPackage("leaf_signature", { signLeafWith: strangersKey })
  const [alice, bob] = makeGroup(["alice", "bob"])
  const tamperPath: Parameters<typeof forgeCommit>[1]["tamperPath"] = (path) => ({
    ...path,
    leafNode: resigned(path.leafNode, {}, strangersKey, { groupId: bob.state.groupId, leafIndex: 0 }),
  })
  refusesMessage(bob, "leaf_signature", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §7.2: a leaf signed for another place or another group is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const signedFor = (groupId: Uint8Array, leafIndex: number) =>
    forgeCommit(alice, {
      tamperPath: (path) => ({ ...path, leafNode: resigned(path.leafNode, {}, alice.signer.privateKey, { groupId, leafIndex }) }),
    })
  refusesMessage(bob, "leaf_signature", signedFor(bob.state.groupId, 1))
  refusesMessage(bob, "leaf_signature", signedFor(toUtf8("other"), 0))
  assert.equal(staged(bob, signedFor(bob.state.groupId, 0)).committer, 0)
})

test("RFC 9420 §7.3, §10: a leaf of another source than its place asks for is refused", () => {
  refusesKeyPackage("leaf_source", { leaf: { source: { type: "update" } } })
  refusesKeyPackage("leaf_source", { leaf: { source: { type: "commit", parentHash: empty } } })
  const [alice, bob] = makeGroup(["alice", "bob"])
  const place = { groupId: bob.state.groupId, leafIndex: 0 }
  refusesMessage(
    bob,
    "leaf_source",
    forgeCommit(alice, {
      tamperPath: (path) => ({
        ...path,
        leafNode: resigned(path.leafNode, { source: { type: "update" } }, alice.signer.privateKey, place),
      }),
    }),
  )
  const leaf = leafAt(internal(alice.state).tree, 0)
  assert.ok(leaf)
  refusesMessage(bob, "leaf_source", forgeMessage(alice, { type: "proposal", proposal: { type: "update", leafNode: leaf } }))
})

test("RFC 9420 §7.2, §11.1: a leaf whose capabilities lack its credential, the version or the suite is refused", () => {
  refusesKeyPackage("leaf_capabilities", { leaf: { capabilities: { ...capabilities, credentials: [2] } } })
  refusesKeyPackage("leaf_capabilities", { leaf: { capabilities: { ...capabilities, versions: [2] } } })
  refusesKeyPackage("leaf_capabilities", { leaf: { capabilities: { ...capabilities, cipherSuites: [3] } } })
})

test("RFC 9420 §7.2, §7.3: extensions of a leaf that its capabilities do not list are refused", () => {
  refusesKeyPackage("leaf_extension", { leaf: { extensions: [{ type: 0xf0d1, data: empty }] } })
})

test("RFC 9420 §13.4: unknown extensions of a KeyPackage are ignored, whether its leaf lists them or not", () => {
  const forged = forgeKeyPackage({ extensions: [{ type: 0xf0d1, data: toUtf8("x") }] })
  const [alice, bob] = makeGroup(["alice", "bob"])
  const own = commit(env, alice.state, { proposals: [add(parseKeyPackage(env, forged.message))], signer: alice.signer })
  assert.equal(staged(bob, own.message).added.length, 1)
  assert.equal(staged(bob, forgeCommit(alice, { proposals: [{ type: "add", keyPackage: forged.keyPackage }] })).added.length, 1)
})

test("RFC 9420 §13.5: our own leaves and key packages carry one GREASE value in every list that may hold one", () => {
  const values = new Set<number>()
  for (let n = 0; n < 40; n++) {
    const { keyPackage } = decodeKeyPackageSecret(newcomer("alice").keyPackage.secret)
    const { capabilities: own, extensions } = keyPackage.leafNode
    const [grease = 0] = keyPackage.extensions.map(({ type }) => type)
    assert.ok(grease >> 8 === (grease & 0xff) && (grease & 0x0f) === 0x0a && grease < 0xfafa, grease.toString(16))
    assert.deepEqual(own, ownCapabilities(1, {}, grease))
    assert.deepEqual(own.versions, [1])
    assert.deepEqual(
      extensions.map(({ type }) => type),
      [grease],
    )
    values.add(grease)
  }
  assert.ok(values.size > 5, "picked at random")
  const [alice] = makeGroup(["alice"])
  const leaf = leafAt(internal(alice.state).tree, 0)
  assert.equal(leaf?.extensions.length, 1)
  assert.deepEqual(internal(alice.state).context.extensions, [], "a group's extensions must be supported by all")
})

test("RFC 9420 §13.5: unknown values in capabilities and extensions that are listed change nothing", () => {
  const grease = {
    ...capabilities,
    versions: [1, 0x7a7a],
    cipherSuites: [1, 0x0a0a],
    extensions: [0x1a1a],
    proposals: [0x2a2a],
    credentials: [1, 0x3a3a],
  }
  const forged = forgeKeyPackage({
    leaf: { capabilities: grease, extensions: [{ type: 0x1a1a, data: toUtf8("x") }] },
    extensions: [{ type: 0x1a1a, data: empty }],
  })
  const [alice, bob] = makeGroup(["alice", "bob"])
  const own = commit(env, alice.state, { proposals: [add(parseKeyPackage(env, forged.message))], signer: alice.signer })
  assert.equal(staged(bob, own.message).added.length, 1)
})

test("RFC 9420 §7.3: nobody adds a leaf whose lifetime is over or has not begun", () => {
  refuses("leaf_lifetime", () => parseKeyPackage(env, forgeKeyPackage({ leaf: lifetime(nowS - 10n, nowS - 1n) }).message))
  refuses("leaf_lifetime", () => parseKeyPackage(env, forgeKeyPackage({ leaf: lifetime(nowS + 1n, nowS + 10n) }).message))
  const [alice, bob] = makeGroup(["alice", "bob"])
  const carol = newcomer("carol")
  const later = { ...env, timeMs: env.timeMs + 2 * 86_400_000 }
  refuses("leaf_lifetime", () => commit(later, alice.state, { proposals: [add(carol.verified)], signer: alice.signer }))
  // A member that reads the commit late must not disagree with those that read it in time.
  const own = commit(env, alice.state, { proposals: [add(carol.verified)], signer: alice.signer })
  assert.equal(process(later, bob.state, own.message).kind, "commit")
})

test("RFC 9420 §7.2: a lifetime longer than the group accepts, or one that ends before it begins, is refused", () => {
  refusesKeyPackage("leaf_lifetime_length", { leaf: lifetime(0n, 0xffffffffffffffffn) })
  refusesKeyPackage("leaf_lifetime_length", { leaf: lifetime(nowS, nowS - 1n) })
  assert.ok(parseKeyPackage(env, forgeKeyPackage({ leaf: lifetime(0n, 0xffffffffffffffffn) }).message, { maxLifetimeS: Infinity }))
})

test("RFC 9420 §7.3: a credential of a type that a member does not support is refused", () => {
  refusesKeyPackage("credential_unsupported", {
    leaf: { credential: { type: 2, certificates: [toUtf8("x")] }, capabilities: { ...capabilities, credentials: [1, 2] } },
  })
})

const requires = (required: Partial<Parameters<typeof encodeRequiredCapabilities>[0]>): Extension => ({
  type: extensionType.requiredCapabilities,
  data: encodeRequiredCapabilities({ extensions: [], proposals: [], credentials: [], ...required }),
})

test("RFC 9420 §7.3, §11.1: a newcomer without a capability that the group requires is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { extensions: [requires({ extensions: [0xf0d0] })], extensionTypes: [0xf0d0] })
  const carol = newcomer("carol")
  refuses("required_capabilities", () => commit(env, alice.state, { proposals: [add(carol.verified)], signer: alice.signer }))
  const { keyPackage } = forgeKeyPackage({ name: "carol" })
  refusesMessage(bob, "required_capabilities", forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }))
  const dave = newcomer("dave", 1, { extensionTypes: [0xf0d0] })
  assert.equal(staged(bob, commit(env, alice.state, { proposals: [add(dave.verified)], signer: alice.signer }).message).added.length, 1)
})

test("RFC 9420 §12.1.7: new required capabilities that some member lacks are refused, with a newcomer of the same commit counted", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  for (const required of [requires({ extensions: [0xf0d0] }), requires({ proposals: [0xf0d0] }), requires({ credentials: [2] })]) {
    const proposal = { type: "group_context_extensions", extensions: [required] } as const
    refuses("required_capabilities", () => commit(env, alice.state, { proposals: [proposal], signer: alice.signer }))
    refusesMessage(bob, "required_capabilities", forgeCommit(alice, { proposals: [proposal] }))
  }
  const [carol, dave] = makeGroup(["carol", "dave"], { extensionTypes: [0xf0d0] })
  const { keyPackage } = forgeKeyPackage({ name: "eve" })
  const both: readonly Proposal[] = [
    { type: "group_context_extensions", extensions: [requires({ extensions: [0xf0d0] })] },
    { type: "add", keyPackage },
  ]
  refusesMessage(dave, "required_capabilities", forgeCommit(carol, { proposals: both }))
})

test("RFC 9420 §13.4: an extension of the group that some member does not support is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const proposal = { type: "group_context_extensions", extensions: [{ type: 0xf0d0, data: empty }] } as const
  refuses("group_extension_unsupported", () => commit(env, alice.state, { proposals: [proposal], signer: alice.signer }))
  refusesMessage(bob, "group_extension_unsupported", forgeCommit(alice, { proposals: [proposal] }))
  const signer = generateSigner(env, { suite: 1, identity: toUtf8("eve") })
  refuses("group_extension_unsupported", () =>
    createGroup(env, { suite: 1, groupId: toUtf8("g") as GroupId, signer, extensions: [{ type: 0xf0d0, data: empty }] }),
  )
  const [carol] = makeGroup(["carol", "dave"], { extensions: [{ type: 0xf0d0, data: empty }], extensionTypes: [0xf0d0] })
  refuses("group_extension_unsupported", () =>
    commit(env, carol.state, { proposals: [add(newcomer("eve").verified)], signer: carol.signer }),
  )
})

test("RFC 9420 §10, §5.1.1: keys that are none of the suite's KEM are refused", () => {
  refusesKeyPackage("invalid_public_key", { leaf: { encryptionKey: new Uint8Array(31) } })
  refusesKeyPackage("invalid_public_key", { initKey: new Uint8Array(33) })
  const [alice, bob] = makeGroup(["alice", "bob"])
  const tamperPath: Parameters<typeof forgeCommit>[1]["tamperPath"] = (path) => ({
    ...path,
    nodes: path.nodes.map((node) => ({ ...node, encryptionKey: empty })),
  })
  refusesMessage(bob, "invalid_public_key", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §13.4: a list with two extensions of one type is refused wherever it stands", () => {
  const twice = [
    { type: 0x1a1a, data: empty },
    { type: 0x1a1a, data: empty },
  ]
  const listed = { ...capabilities, extensions: [0x1a1a] }
  refusesKeyPackage("duplicate_extension", { leaf: { capabilities: listed, extensions: twice } })
  refusesKeyPackage("duplicate_extension", { leaf: { capabilities: listed }, extensions: twice })
  const [alice, bob] = makeGroup(["alice", "bob"], { extensionTypes: [0x1a1a] })
  refusesMessage(bob, "duplicate_extension", forgeCommit(alice, { proposals: [{ type: "group_context_extensions", extensions: twice }] }))
  const reinit = { groupId: toUtf8("new"), version: 1, suite: 1, extensions: twice }
  refusesMessage(bob, "duplicate_extension", forgeCommit(alice, { proposals: [{ type: "reinit", reinit }] }))
  const signer = generateSigner(env, { suite: 1, identity: toUtf8("eve") })
  refuses("duplicate_extension", () =>
    createGroup(env, { suite: 1, groupId: toUtf8("g") as GroupId, signer, extensions: twice, extensionTypes: [0x1a1a] }),
  )
})

test("RFC 9420 §7.3: a leaf with the signature key of another member is refused", () => {
  const [alice, bob, carol] = makeGroup(["alice", "bob", "carol"])
  const place = { groupId: bob.state.groupId, leafIndex: 0 }
  const tamperPath: Parameters<typeof forgeCommit>[1]["tamperPath"] = (path) => ({
    ...path,
    leafNode: resigned(path.leafNode, { signatureKey: carol.signer.publicKey }, carol.signer.privateKey, place),
  })
  refusesMessage(bob, "duplicate_signature_key", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §7.3, §16.7: a leaf with the encryption key of another node is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const { tree } = internal(bob.state)
  for (const taken of [0, 1, 2]) {
    const node = tree.nodes[taken]
    assert.ok(node)
    const { keyPackage } = forgeKeyPackage({ leaf: { encryptionKey: node.encryptionKey } })
    // Without a path, which would replace two of the three.
    refusesMessage(bob, "duplicate_encryption_key", forgeCommitWithoutOwnCheck(alice, keyPackage))
  }
})

/** `forgeCommit` without a path: an Add needs none. */
function forgeCommitWithoutOwnCheck(
  alice: Parameters<typeof forgeCommit>[0],
  keyPackage: ReturnType<typeof forgeKeyPackage>["keyPackage"],
): Uint8Array {
  return forgeCommit(alice, { proposals: [{ type: "add", keyPackage }], path: false })
}

test("RFC 9420 §7.3, §12.4.2: an Update or a commit that keeps the leaf's encryption key is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const place = { groupId: bob.state.groupId, leafIndex: 0 }
  const before = leafAt(internal(alice.state).tree, 0)
  assert.ok(before)
  const update = resigned(before, { source: { type: "update" } }, alice.signer.privateKey, place)
  refusesMessage(bob, "encryption_key_unchanged", forgeMessage(alice, { type: "proposal", proposal: { type: "update", leafNode: update } }))
  const tamperPath: Parameters<typeof forgeCommit>[1]["tamperPath"] = (path) => ({
    ...path,
    leafNode: resigned(path.leafNode, { encryptionKey: before.encryptionKey }, alice.signer.privateKey, place),
  })
  refusesMessage(bob, "encryption_key_unchanged", forgeCommit(alice, { tamperPath }))
})

test("RFC 9420 §10.1: a key package that its leaf's key did not sign, or that was changed, is refused", () => {
  refusesKeyPackage("key_package_signature", { signWith: strangersKey })
  refuses("key_package_signature", () => parseKeyPackage(env, flip(newcomer("carol").keyPackage.message, -1)))
})

test("RFC 9420 §10.1: a key package whose init key is its encryption key is refused", () => {
  refusesKeyPackage("key_package_keys", { oneKey: true })
})

test("RFC 9420 §10.1: a key package of another suite than the group's is refused", () => {
  const [alice, bob] = makeGroup(["alice", "bob"])
  const carol = newcomer("carol", 3)
  refuses("key_package_suite", () => commit(env, alice.state, { proposals: [add(carol.verified)], signer: alice.signer }))
  const { keyPackage } = forgeKeyPackage({ suiteId: 3 })
  refusesMessage(bob, "key_package_suite", forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }))
})

test("RFC 9420 §7.3: a member's fresh leaf in its own commit is accepted and shown as an update", () => {
  const parties = makeGroup(["alice", "bob"])
  const [alice, bob] = parties
  const own = commit(env, alice.state, { proposals: [], signer: alice.signer })
  const seen = staged(bob, own.message)
  assert.deepEqual(
    seen.updated.map(({ after }) => after.leafIndex),
    [0],
  )
  bob.state = applyCommit(env, bob.state, seen).state
  alice.state = applyCommit(env, alice.state, own.staged).state
  commitAll(parties, bob, [])
  assert.equal(alice.state.epoch, 3n)
})
