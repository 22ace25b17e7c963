import assert from "node:assert/strict"
import { test } from "node:test"
import { equal, present, toUtf8 } from "@nodoor/bytes"
import type { GroupId } from "../../src/api/api.ts"
import type { Proposal } from "../../src/message/proposal.ts"
import {
  applyCommit,
  commit,
  createGroup,
  decodeStaged,
  encodeStaged,
  join,
  leaves,
  openWelcome,
  openWithKeyPackage,
  parseKeyPackage,
  propose,
  sealToKeyPackage,
} from "../../src/index.ts"
import { generateKeyPackage, generateSigner } from "../../src/index.ts"
import { type Party, add, env, flip, forgeCommit, forgeMessage, makeGroup, newcomer, staged, suite, welcomeOf } from "./forge.ts"
import { refuses, refusesMessage } from "./refusal.ts"

const seats = 0xf0d1
const seatExtension = 0xf0d2
const own = (data = "seats", proposalType = seats): Proposal => ({ type: "private_use", proposalType, data: toUtf8(data) })
const application = { proposalTypes: [seats], extensionTypes: [seatExtension] }

test("RFC 9420 §12.4, §17.4: a proposal for private use that all understand is shown, and needs no path by itself", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], application)
  const made = commit(env, alice.state, {
    proposals: [{ type: "private_use", proposalType: seats, data: toUtf8("one") }],
    signer: alice.signer,
  })
  const seen = staged(bob, made.message)
  assert.deepEqual(seen.privateUse, [{ type: seats, data: toUtf8("one") }])
  assert.deepEqual(seen.updated, [])
  assert.deepEqual(
    seen.proposals.map(({ type }) => type),
    ["private_use"],
  )
  const after = applyCommit(env, bob.state, seen).state
  assert.equal(after.epoch, applyCommit(env, alice.state, decodeStaged(env, made.change.state, encodeStaged(made.staged))).state.epoch)
})

test("RFC 9420 §12.2: a proposal for private use that some member does not understand is refused", () => {
  const parties = makeGroup(["alice", "bob"], application)
  const [alice, bob] = parties
  refusesMessage(bob, "proposal_unsupported", forgeCommit(alice, { proposals: [own("seats", 0xf0d3)] }))
  refuses("proposal_unsupported", () =>
    commit(env, alice.state, { proposals: [{ type: "private_use", proposalType: 0xf0d3, data: toUtf8("x") }], signer: alice.signer }),
  )
  // A member that somebody let in without it keeps everybody from using it, until it is gone: a commit that removes it may.
  const carol = newcomer("carol")
  const letIn = commit(env, alice.state, { proposals: [add(carol.verified)], signer: alice.signer })
  const bobAfter: Party = { ...bob, state: applyCommit(env, bob.state, staged(bob, letIn.message)).state }
  const aliceAfter: Party = { ...alice, state: applyCommit(env, alice.state, letIn.staged).state }
  refusesMessage(bobAfter, "proposal_unsupported", forgeCommit(aliceAfter, { proposals: [own()] }))
  const gone = forgeCommit(aliceAfter, { proposals: [{ type: "remove", removed: 2 }, own()] })
  assert.equal(staged(bobAfter, gone).privateUse.length, 1)
})

test("RFC 9420 §17.4: a proposal type outside the private-use range stays unknown, whatever its body looks like", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], { proposalTypes: [0x0b00, 0xefff, seats] })
  for (const type of [0x0b00, 0xefff]) refusesMessage(bob, "invalid_value", forgeCommit(alice, { proposals: [own("seats", type)] }))
  refuses("proposal_unsupported", () =>
    commit(env, alice.state, { proposals: [{ type: "private_use", proposalType: 0x0b00, data: toUtf8("x") }], signer: alice.signer }),
  )
})

test("RFC 9420 §12.1: a proposal for private use outside a commit is neither kept nor made", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], application)
  refusesMessage(bob, "private_use_reference", forgeMessage(alice, { type: "proposal", proposal: own() }))
  refuses("private_use_reference", () =>
    propose(env, alice.state, { proposal: { type: "private_use", proposalType: seats, data: toUtf8("x") }, signer: alice.signer }),
  )
})

test("a leaf's own extensions come with its next path, stay with later ones, and every member sees them", () => {
  const [alice, bob] = makeGroup(["alice", "bob"], application)
  const data = toUtf8("seat")
  const made = commit(env, alice.state, { proposals: [], signer: alice.signer, leafExtensions: [{ type: seatExtension, data }] })
  const seen = staged(bob, made.message)
  const shown = seen.freshLeaves.find(({ leafIndex }) => leafIndex === 0)
  assert.ok(shown?.extensions.some((extension) => extension.type === seatExtension && equal(extension.data, data)))
  bob.state = applyCommit(env, bob.state, seen).state
  alice.state = applyCommit(env, alice.state, made.staged).state
  const later = staged(bob, commit(env, alice.state, { proposals: [], signer: alice.signer }).message)
  assert.ok(later.freshLeaves[0]?.extensions.some(({ type }) => type === seatExtension))
  assert.ok(leaves(bob.state)[0]?.extensions.some(({ type }) => type === seatExtension))
  // With an Add alone there would be no path; the extension asks for one.
  const { verified } = newcomer("carol", 1, application)
  const input = { proposals: [add(verified)], signer: alice.signer, leafExtensions: [{ type: seatExtension, data: toUtf8("next") }] }
  assert.equal(commit(env, alice.state, input).staged.updated.length, 1)
})

test("RFC 9420 §7.2: we put no extension into our own leaf that its capabilities do not list, nor one type twice", () => {
  const [alice] = makeGroup(["alice", "bob"], application)
  const signer = generateSigner(env, { suite: 1, identity: toUtf8("dave") })
  const unlisted = [{ type: 0xf0d9, data: toUtf8("x") }]
  const twice = [1, 2].map(() => ({ type: seatExtension, data: toUtf8("x") }))
  refuses("leaf_extension", () => commit(env, alice.state, { proposals: [], signer: alice.signer, leafExtensions: unlisted }))
  refuses("duplicate_extension", () => commit(env, alice.state, { proposals: [], signer: alice.signer, leafExtensions: twice }))
  const group = { suite: 1, groupId: toUtf8("other") as GroupId, signer, extensions: [], ...application } as const
  refuses("leaf_extension", () => createGroup(env, { ...group, leafExtensions: unlisted }))
  refuses("leaf_extension", () =>
    generateKeyPackage(env, { suite: 1, signer, lifetimeS: 60, lastResort: false, leafExtensions: unlisted, ...application }),
  )
  const made = createGroup(env, { ...group, leafExtensions: [{ type: seatExtension, data: toUtf8("first") }] })
  assert.ok(leaves(made.state)[0]?.extensions.some(({ type }) => type === seatExtension))
})

test("extensions of the GroupInfo reach newcomers, made from the staged commit; one type twice is not sent", () => {
  const [alice] = makeGroup(["alice", "bob"], application)
  const carol = newcomer("carol", 1, application)
  const input = { proposals: [add(carol.verified)], signer: alice.signer }
  const made = commit(env, alice.state, {
    ...input,
    groupInfoExtensions: ({ added, addedRefs }) => {
      assert.deepEqual(addedRefs, [carol.keyPackage.ref])
      return [{ type: seats, data: Uint8Array.of(present(added[0], "an added member").leafIndex) }]
    },
  })
  const joining = openWelcome(env, { welcome: welcomeOf(made.welcome), keyPackageSecret: carol.keyPackage.secret, signer: carol.signer })
  assert.deepEqual(
    joining.groupInfoExtensions.filter(({ type }) => type === seats),
    [{ type: seats, data: Uint8Array.of(2) }],
  )
  assert.deepEqual(
    joining.leaves.map(({ leafIndex }) => leafIndex),
    [0, 1, 2],
  )
  assert.equal(leaves(join(env, joining).state).length, 3)
  const twice = [1, 2].map(() => ({ type: seats, data: toUtf8("x") }))
  refuses("duplicate_extension", () => commit(env, alice.state, { ...input, groupInfoExtensions: () => twice }))
})

test("RFC 9420 §5.1.3: what was sealed to another key package, under another label, or was changed, does not open", () => {
  const [bob, carol] = [newcomer("bob"), newcomer("carol")]
  const sealed = sealToKeyPackage(env, bob.verified, { label: "introduction", plaintext: toUtf8("hello") })
  const open = { keyPackageSecret: bob.keyPackage.secret, label: "introduction", ...sealed }
  assert.deepEqual(openWithKeyPackage(env, open), toUtf8("hello"))
  refuses("sealed_to_key_package", () => openWithKeyPackage(env, { ...open, label: "something else" }))
  refuses("sealed_to_key_package", () => openWithKeyPackage(env, { ...open, keyPackageSecret: carol.keyPackage.secret }))
  for (const changed of [
    { kemOutput: flip(sealed.kemOutput, 3) },
    { ciphertext: flip(sealed.ciphertext, -1) },
    { kemOutput: new Uint8Array(0) },
  ])
    refuses("sealed_to_key_package", () => openWithKeyPackage(env, { ...open, ...changed }))
  assert.throws(() => sealToKeyPackage(env, bob.verified, { label: "Welcome", plaintext: toUtf8("hello") }))
})

test("a key package says which extensions and proposals its application understands", () => {
  const { keyPackage } = newcomer("bob", 1, application)
  const { supports } = parseKeyPackage(env, keyPackage.message)
  assert.ok(supports.extensionTypes.includes(seatExtension) && supports.proposalTypes.includes(seats))
  assert.equal(suite.id, 1)
})
