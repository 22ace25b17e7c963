import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import {
  type GroupState,
  type ProposalInput,
  type Signer,
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  extensions,
  generateKeyPackage,
  generateSigner,
  join,
  members,
  openWelcome,
  parseKeyPackage,
  process,
  propose,
} from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { CommitBuilder, type SeatedGroup } from "../commit/commit-builder.ts"
import { encodeIdentity } from "../../core/credential.ts"
import { GroupStates } from "../group-states.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { policyExtensionType, policyOf, withPolicy } from "../../core/policy.ts"
import { isOfRemovedProposer } from "../removed-device/removed-proposer.ts"
import { mayBeCommitted } from "./proposal-judgement.ts"
import { seatOf } from "../seat/seat-keys.ts"
import { applicationTypes, leafSeatExtension } from "../seat/seat-list.ts"
import { productSuite } from "../../core/suite.ts"
import { Undecided } from "../../trust/device/undecided.ts"
import type { Standing, Trust } from "../../trust/trust.ts"

let counter = 0
const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).map((_, i) => (++counter * 31 + i) & 255)
const crypto = deterministicProvider(random)
const clock = { nowMs: () => 1_790_000_000_000 }
const env = { crypto, timeMs: clock.nowMs() }
const own = { seat: new Uint8Array(16).fill(1), secret: new Uint8Array(32).fill(2) }
const { publicKey } = seatOf(crypto, own.secret)
const account = (id: number): ReturnType<typeof bytes<"AccountId">> => bytes<"AccountId">(new Uint8Array(16).fill(id))

function person(accountByte: number, deviceByte: number): Signer {
  const identity = {
    origin: "example.org",
    accountId: account(accountByte),
    deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(deviceByte)),
  }
  return generateSigner(env, { suite: productSuite, identity: encodeIdentity(identity) })
}

/** Alice's group with Bob's two devices; the second one of them is `bob`'s state. */
function group(): { readonly alice: Signer; readonly bob: Signer; readonly aliceState: GroupState; readonly bobState: GroupState } {
  const [alice, first, bob] = [person(1, 11), person(2, 21), person(2, 22)]
  const policy = {
    kind: "group",
    name: "Before",
    picture: undefined,
    roles: [{ accountId: account(1), role: "admin" }],
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  } as const
  const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
  const input = { suite: productSuite, lifetimeS: 86_400, lastResort: false, ...applicationTypes }
  const [firstPackage, bobPackage] = [
    generateKeyPackage(env, { ...input, signer: first }),
    generateKeyPackage(env, { ...input, signer: bob }),
  ]
  const leafExtensions = [leafSeatExtension({ seat: own.seat, publicKey })]
  const extensions = withPolicy([], policy)
  const { state } = createGroup(env, { suite: productSuite, groupId, signer: alice, extensions, leafExtensions, ...applicationTypes })
  const proposals = [firstPackage, bobPackage].map(({ message }) => ({ type: "add" as const, keyPackage: parseKeyPackage(env, message) }))
  const made = commit(env, state, { proposals, signer: alice })
  assert.ok(made.welcome)
  const secrets = made.welcome.secrets.map(({ encrypted }) => encrypted)
  const welcome = encodeWelcome(productSuite, { secrets, encryptedGroupInfo: made.welcome.encryptedGroupInfo })
  const bobState = join(env, openWelcome(env, { welcome, keyPackageSecret: bobPackage.secret, signer: bob })).state
  return { alice, bob, aliceState: applyCommit(env, state, made.staged).state, bobState }
}

function proposedByBob(proposal: ProposalInput | { readonly type: "update" }) {
  const at = group()
  const { message } = propose(env, at.bobState, { proposal, signer: at.bob })
  const received = process(env, at.aliceState, message)
  assert.ok(received.kind === "proposal")
  return { ...at, received, counts: mayBeCommitted(received, members(at.aliceState)) }
}

function builder(own: Signer): CommitBuilder {
  // Every leaf is believed here: what is tested is what proposals do to a commit.
  const trust = {
    judge: async () => ({ status: "trusted" }),
    isRevoked: async () => false,
    mayGoAsHeld: async () => false,
  } as unknown as Trust
  const states = new GroupStates({ crypto, clock })
  return new CommitBuilder({ states, trust, random, own: { signer: own, origin: "example.org" } as unknown as OwnDevice })
}

/** Alice's view: her seat is hers, those of bob's devices have the keys that she made. */
function seated(state: GroupState): SeatedGroup {
  const seats = members(state).map(({ leafIndex }) => ({
    leafIndex,
    seat: new Uint8Array(16).fill(leafIndex + 1),
    publicKey: leafIndex === 0 ? publicKey : new Uint8Array(32).fill(leafIndex),
    own: leafIndex === 0,
    adderAccount: undefined,
    adderDevice: undefined,
    addedMs: undefined,
  }))
  return { state, seats, ownSeat: { groupId: state.groupId, ...own, nextSecret: undefined, n: 0 } }
}

const renamed = { type: "rename", name: "After" } as const

test("An update that would change account, device or key is not counted", () => {
  const { bob, aliceState } = group()
  const [, , member] = members(aliceState)
  assert.ok(member)
  const counts = (after: { readonly identity: Uint8Array; readonly signatureKey: Uint8Array }): boolean =>
    mayBeCommitted({ sender: member, proposal: { type: "update", after: { leafIndex: member.leafIndex, ...after } } }, members(aliceState))
  assert.equal(counts({ identity: bob.identity, signatureKey: bob.publicKey }), true)
  assert.equal(counts({ identity: bob.identity, signatureKey: person(2, 22).publicKey }), false)
  for (const other of [person(3, 22), person(2, 23)]) assert.equal(counts({ identity: other.identity, signatureKey: bob.publicKey }), false)
})

test("Only removals within the proposer's own account, and updates that keep who and key, are counted", () => {
  assert.equal(proposedByBob({ type: "remove", leafIndex: 1 }).counts, true)
  assert.equal(proposedByBob({ type: "remove", leafIndex: 2 }).counts, true)
  assert.equal(proposedByBob({ type: "update" }).counts, true)
  assert.equal(proposedByBob({ type: "remove", leafIndex: 0 }).counts, false)
  assert.equal(proposedByBob({ type: "psk", pskId: { type: "external", id: new Uint8Array([1]) } }).counts, false)
  assert.equal(proposedByBob({ type: "group_context_extensions", extensions: extensions(group().aliceState) }).counts, false)
})

test("A removal of another leaf is nobody's after its proposer was removed, or when nobody can tell since when", async () => {
  const [, first, second] = members(group().aliceState)
  assert.ok(first && second)
  const looks = { asked: new Set<string>(), final: new Set<string>() }
  const forgotten = (standing: Standing, leafIndex = first.leafIndex): Promise<boolean> =>
    isOfRemovedProposer(
      { standing: async () => standing },
      { sender: second, proposal: { type: "remove", leafIndex } },
      { looks, timeMs: 1_000 },
    )
  assert.equal(await forgotten({ status: "listed" }), false)
  assert.equal(await forgotten({ status: "removed", sinceMs: 1_000 + 3_600_000 }), false)
  // In the same hour nobody can tell which was first.
  assert.equal(await forgotten({ status: "removed", sinceMs: 999 + 3_600_000 }), true)
  assert.equal(await forgotten({ status: "removed", sinceMs: 999 }), true)
  assert.equal(await forgotten({ status: "removed", sinceMs: undefined }), true)
  await assert.rejects(forgotten({ status: "lookup" }), Undecided)
  for (const standing of [{ status: "removed", sinceMs: undefined }, { status: "lookup" }] as const)
    assert.equal(await forgotten(standing, second.leafIndex), false)
})

test("A proposal that was forgotten is in no commit, and its handshake key is consumed all the same", () => {
  const { alice, received } = proposedByBob({ type: "remove", leafIndex: 0 })
  assert.ok(received.kind === "proposal")
  assert.ok(received.discarded.writes.length > 0)
  assert.deepEqual(commit(env, received.discarded.state, { proposals: [], signer: alice }).staged.proposals, [])
})

test("A rename is built although the engine keeps a proposal that no honest commit can carry, and a leave goes with it otherwise", async () => {
  const extensionsOfAll = extensions(group().aliceState)
  const hostile = proposedByBob({
    type: "group_context_extensions",
    extensions: extensionsOfAll.filter(({ type }) => type !== policyExtensionType),
  })
  const past = await builder(hostile.alice).build(seated(hostile.received.change.state), renamed, [])
  assert.ok(past)
  assert.equal(policyOf(past.own.staged.extensionsAfter).name, "After")
  assert.deepEqual(past.own.staged.removed, [])
  const other = proposedByBob({ type: "psk", pskId: { type: "external", id: new Uint8Array([1]) } })
  assert.ok(await builder(other.alice).build(seated(other.received.change.state), renamed, []))
  const leave = proposedByBob({ type: "remove", leafIndex: 2 })
  const withLeave = await builder(leave.alice).build(seated(leave.received.change.state), renamed, [])
  assert.deepEqual(
    withLeave?.own.staged.removed.map((leaf) => leaf.leafIndex),
    [2],
  )
})

test("A commit of what others proposed is refused when the rules forbid what they proposed", async () => {
  const carolRemoved = proposedByBob({ type: "group_context_extensions", extensions: [] })
  await assert.rejects(builder(carolRemoved.alice).build(seated(carolRemoved.received.change.state), { type: "proposals" }, []), {
    name: "ClientError",
  })
})
