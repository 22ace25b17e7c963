import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, equal, present } from "@nodoor/bytes"
import {
  type NewKeyPackage,
  type Signer,
  applyCommit,
  createGroup,
  encodeWelcome,
  generateKeyPackage,
  generateSigner,
  join,
  openWelcome,
} from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import type { ClaimedDevice, RefusedDevice } from "./claimed-devices.ts"
import { type BuiltCommit, CommitBuilder, type SeatedGroup } from "./commit-builder.ts"
import { encodeIdentity } from "../../core/credential.ts"
import { commitSignatureInput } from "@nodoor/wire/delivery"
import { openIntroduction } from "../join/introduction.ts"
import { judgeSeats, seatsOfJoin } from "../seat/seat-check.ts"
import { seatOf } from "../seat/seat-keys.ts"
import { applicationTypes, leafSeatExtension, seatsType } from "../seat/seat-list.ts"
import { GroupStates } from "../group-states.ts"
import { type MakingParts, makeKeyPackages } from "../join/key-packages.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { policyExtensionType, withPolicy } from "../../core/policy.ts"
import { migrate } from "../../store/schema.ts"
import { productSuite } from "../../core/suite.ts"
import type { Trust } from "../../trust/trust.ts"
import { Transactions } from "../../core/transaction.ts"

let counter = 0
const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).map((_, i) => (++counter * 31 + i) & 255)
const crypto = deterministicProvider(random)
const startMs = 1_790_000_000_000
const dayMs = 86_400_000

function signerOf(id: number): Signer {
  const identity = { origin: "example.org", accountId: accountOf(id), deviceId: deviceOf(id) }
  return generateSigner({ crypto, timeMs: startMs }, { suite: productSuite, identity: encodeIdentity(identity) })
}
const accountOf = (id: number): ReturnType<typeof bytes<"AccountId">> => bytes<"AccountId">(new Uint8Array(16).fill(id))
const deviceOf = (id: number): ReturnType<typeof bytes<"DeviceId">> => bytes<"DeviceId">(new Uint8Array(16).fill(id + 100))

const policy = {
  kind: "group",
  name: "All",
  picture: undefined,
  roles: [{ accountId: accountOf(1), role: "admin" }],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
} as const

/** Everybody is believed, and lists these keys. */
function trustOf(signers: ReadonlyMap<number, Signer>): Trust {
  return {
    judge: async () => ({ status: "trusted" }),
    hasEnded: async () => false,
    isRevoked: async () => false,
    heldUntilMs: async () => undefined,
    mayGoAsHeld: async () => false,
    latest: async (accountId: Uint8Array) => ({
      state: {
        devices: [...signers]
          .filter(([id]) => equal(accountOf(id), accountId))
          .map(([id, { publicKey }]) => ({ deviceId: deviceOf(id), signatureKey: publicKey })),
      },
    }),
  } as unknown as Trust
}

function builderOf(id: number, signer: Signer, trust: Trust, nowMs: number): CommitBuilder {
  const states = new GroupStates({ crypto, clock: { nowMs: () => nowMs } })
  const own = { signer, origin: "example.org", accountId: accountOf(id), deviceId: deviceOf(id) } as unknown as OwnDevice
  return new CommitBuilder({ states, trust, random, own })
}

/** Alice's group, with her alone in it. */
function alone(nowMs: number, alice: Signer): SeatedGroup {
  const own = { seat: new Uint8Array(16).fill(1), secret: new Uint8Array(32).fill(2) }
  const { publicKey } = seatOf(crypto, own.secret)
  const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
  const { state } = createGroup(
    { crypto, timeMs: nowMs },
    {
      suite: productSuite,
      groupId,
      signer: alice,
      extensions: withPolicy([], policy),
      leafExtensions: [leafSeatExtension({ seat: own.seat, publicKey })],
      ...applicationTypes,
    },
  )
  const unknown = { adderAccount: undefined, adderDevice: undefined, addedMs: undefined }
  const seats = [{ leafIndex: 0, seat: own.seat, publicKey, own: true, ...unknown }]
  return { state, seats, ownSeat: { groupId, ...own, nextSecret: undefined, n: 0 } }
}

function packageOf(id: number, signer: Signer, nowMs: number, application: object = applicationTypes): NewKeyPackage {
  const env = { crypto, timeMs: nowMs }
  return generateKeyPackage(env, { suite: productSuite, signer, lifetimeS: 90 * 86_400, lastResort: true, ...application })
}

const claimOf = (id: number, keyPackage: Uint8Array): ClaimedDevice => ({
  accountId: accountOf(id),
  deviceId: deviceOf(id),
  keyPackage,
  address: new Uint8Array(32).fill(id),
})

/** Alice's commit that adds what the server gave for bob (2) and carol (3). */
async function added(give: (message: Uint8Array) => Uint8Array, nowMs: number, of: readonly number[] = [2, 3]) {
  const signers = new Map(of.map((id) => [id, signerOf(id)]))
  const alice = signerOf(1)
  const claims = [...signers].map(([id, signer]): ClaimedDevice => {
    // Bob's is as old as the start; carol's is new.
    const made = packageOf(id, signer, id === 2 ? startMs : nowMs)
    return claimOf(id, id === 2 ? give(made.message) : made.message)
  })
  const builder = builderOf(1, alice, trustOf(signers), nowMs)
  const built = await builder.build(alone(nowMs, alice), { type: "add", accounts: of.map(accountOf) }, claims)
  const mark = ({ claim, code }: RefusedDevice): [number, string] => [claim.accountId[0] ?? 0, code]
  return { added: built?.introductions.map(({ accountId }) => accountId[0]), refused: built?.refused.map(mark) }
}

/** Alice adds bob: the groups of both, and what bob was introduced with. */
async function withBob(nowMs = startMs) {
  const [alice, bob] = [signerOf(1), signerOf(2)]
  const trust = trustOf(
    new Map([
      [1, alice],
      [2, bob],
    ]),
  )
  const group = alone(nowMs, alice)
  const made = packageOf(2, bob, nowMs)
  const built = present(
    await builderOf(1, alice, trust, nowMs).build(group, { type: "add", accounts: [accountOf(2)] }, [claimOf(2, made.message)]),
    "a commit",
  )
  const env = { crypto, timeMs: nowMs }
  const introduction = openIntroduction(env, present(built.introductions[0], "an introduction").sealed, made.secret)
  const welcome = encodeWelcome(productSuite, {
    secrets: [introduction.secrets],
    encryptedGroupInfo: present(built.request.groupInfo, "a GroupInfo"),
  })
  const staged = openWelcome(env, { welcome, keyPackageSecret: made.secret, signer: bob })
  const seats = present(seatsOfJoin(staged), "seats").map((seat) => ({
    ...seat,
    adderAccount: accountOf(1),
    adderDevice: deviceOf(1),
    addedMs: nowMs,
  }))
  const { groupId, seat, secret } = introduction
  const bobs: SeatedGroup = { state: join(env, staged).state, seats, ownSeat: { groupId, seat, secret, nextSecret: undefined, n: 0 } }
  const alices: SeatedGroup = { ...group, state: applyCommit(env, group.state, built.own.staged).state, seats }
  return { alice, bob, trust, bobs, alices, built, introduction }
}

const asIs = (message: Uint8Array): Uint8Array => message

test("A device whose KeyPackage is broken or past its time is left out and told, and the others are let in", async () => {
  assert.deepEqual(await added(asIs, startMs), { added: [2, 3], refused: [] })
  assert.deepEqual(await added(() => new Uint8Array([1, 2, 3]), startMs), { added: [3], refused: [[2, "identity_untrusted"]] })
  // RFC 9420 §7.3. The server is not blamed for a time that it did not set.
  assert.deepEqual(await added(asIs, startMs + 100 * dayMs), { added: [3], refused: [[2, "clock_differs"]] })
})

test("A commit that would let in nobody because every KeyPackage is broken is refused", async () => {
  await assert.rejects(
    added(() => new Uint8Array([1, 2, 3]), startMs, [2]),
    { name: "ClientError", code: "identity_untrusted" },
  )
})

test("The last-resort KeyPackage is renewed after 60 days, and the secret of the old one goes after its Welcomes have", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  let nowMs = startMs
  const clock = { nowMs: () => nowMs }
  const parts = { own: { signer: signerOf(1) }, states: new GroupStates({ crypto, clock }), crypto, clock } as unknown as MakingParts
  const held: number[] = []
  for (const day of [0, 1, 59, 60, 61, 119, 121]) {
    nowMs = startMs + day * dayMs
    await transactions.run(async (tx) => await makeKeyPackages(parts, tx, 0))
    const [row] = await database.read("SELECT COUNT(*) AS n FROM key_package WHERE last_resort = 1")
    held.push(Number(row?.["n"]))
  }
  assert.deepEqual(held, [1, 1, 1, 2, 2, 2, 3])
  nowMs = startMs + 122 * dayMs
  await transactions.run(async (tx) => await makeKeyPackages(parts, tx, 0))
  const rows = await database.read("SELECT created_ms FROM key_package ORDER BY serial")
  assert.deepEqual(
    rows.map((row) => (Number(row["created_ms"]) - startMs) / dayMs),
    [60, 121],
  )
})

test("Who is added gets a seat of their own with the commit, and its secret with an introduction that is sent afterwards", async () => {
  const { built, introduction, bobs, bob } = await withBob()
  const keys = seatOf(crypto, introduction.secret)
  assert.deepEqual(built.request.adds, [{ seat: introduction.seat, publicKey: keys.publicKey, readHash: keys.readHash }])
  assert.deepEqual(built.introductions[0]?.address, new Uint8Array(32).fill(2))
  assert.deepEqual([introduction.adderAccount, introduction.adderDevice], [accountOf(1), deviceOf(1)])
  assert.deepEqual(
    bobs.seats.map(({ own }) => own),
    [true, false],
  )
  assert.ok(bob)
})

test("A device whose KeyPackage does not say that it knows seats is left out", async () => {
  const [alice, bob, carol] = [signerOf(1), signerOf(2), signerOf(3)]
  const trust = trustOf(
    new Map([
      [2, bob],
      [3, carol],
    ]),
  )
  for (const missing of [
    { extensionTypes: [policyExtensionType], proposalTypes: [seatsType] },
    { extensionTypes: applicationTypes.extensionTypes },
  ]) {
    const claims = [claimOf(2, packageOf(2, bob, startMs, missing).message), claimOf(3, packageOf(3, carol, startMs).message)]
    const built = await builderOf(1, alice, trust, startMs).build(alone(startMs, alice), { type: "add", accounts: [] }, claims)
    assert.deepEqual(
      built?.refused.map(({ code }) => code),
      ["identity_untrusted"],
    )
    assert.equal(built?.request.adds.length, 1)
  }
})

test("The first commit of a device brings a key of its own for its seat, the same when it is built again, signed with the key that the group knows", async () => {
  const { bobs, bob, trust } = await withBob()
  const builder = builderOf(2, bob, trust, startMs)
  const first = present(await builder.build(bobs, { type: "renew" }, []), "a commit")
  const nextSecret = present(first.nextSecret, "a secret")
  const kept: SeatedGroup = { ...bobs, ownSeat: { ...bobs.ownSeat, nextSecret } }
  const again = present(await builder.build(kept, { type: "renew" }, []), "a commit")
  assert.deepEqual(again.nextSecret, nextSecret)
  for (const built of [first, again]) {
    assert.ok(isSignedWith(built, bobs.ownSeat.secret))
    const after = judgeSeats(bobs.seats, built.own.staged)
    assert.ok(after.status === "allowed")
    assert.deepEqual(
      after.seats.map(({ own, publicKey }) => [own, equal(publicKey, seatOf(crypto, nextSecret).publicKey)]),
      [
        [true, false],
        [true, true],
      ],
    )
  }
  // The commit was taken in, and the server was not told yet: the next one is signed with the new key.
  const after = judgeSeats(bobs.seats, again.own.staged)
  assert.ok(after.status === "allowed")
  const state = applyCommit({ crypto, timeMs: startMs }, kept.state, again.own.staged).state
  const seats = after.seats.map((seat, i) => ({ ...present(bobs.seats[i], "a seat"), ...seat }))
  const later = present(await builder.build({ ...kept, state, seats }, { type: "renew" }, []), "a commit")
  assert.equal(later.nextSecret, undefined)
  assert.ok(isSignedWith(later, nextSecret))
})

function isSignedWith({ request }: BuiltCommit, secret: Uint8Array): boolean {
  const { publicKey } = seatOf(crypto, secret)
  const statement = {
    ...request,
    commitHash: crypto.sha256(request.commit),
    infoHash: request.groupInfo && crypto.sha256(request.groupInfo),
    nextKeyHash: crypto.sha256(request.nextDeliveryKey),
  }
  return crypto.verifyEd25519({ publicKey, message: commitSignatureInput(statement), signature: request.signature })
}

test("A device whose seat nobody took for a day is taken out and added again by one commit; before that, and once it took the seat, it stays", async () => {
  const { alice, bob, trust, alices } = await withBob()
  const claims = [claimOf(2, packageOf(2, bob, startMs).message)]
  const again = async (nowMs: number, group = alices): Promise<readonly [number, number] | undefined> => {
    const built = await builderOf(1, alice, trust, nowMs).build(group, { type: "add", accounts: [accountOf(2)] }, claims)
    return built && [built.request.removes.length, built.request.adds.length]
  }
  assert.equal(await again(startMs + dayMs), undefined)
  assert.deepEqual(await again(startMs + dayMs + 3_600_000), [1, 1])
  const taken = { ...alices, seats: alices.seats.map((seat) => ({ ...seat, own: true })) }
  assert.equal(await again(startMs + 2 * dayMs, taken), undefined)
})
