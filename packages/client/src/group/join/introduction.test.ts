import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { genesis, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { type Signer, generateKeyPackage, generateSigner, parseKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { introductionBytes } from "@nodoor/wire"
import { NetworkError } from "../../core/client-error.ts"
import { encodeIdentity } from "../../core/credential.ts"
import { productSuite } from "../../core/suite.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { readDropped } from "../../store/dropped.ts"
import { listPendingJoins } from "../../store/group/introductions.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { applicationTypes } from "../seat/seat-list.ts"
import { sealIntroduction } from "./introduction.ts"
import { IntroductionIntake, type IntroductionParts } from "./introduction-intake.ts"

const nowMs = 1_790_000_000_000
const env = { crypto: nodeProvider, timeMs: nowMs }
const [listed, stranger] = [testDevice("listed"), testDevice("stranger")]
const account = genesis(["listed"])
const adder = account.state.accountId
const own = { accountId: bytes<"AccountId">(new Uint8Array(16).fill(2)) }
const signerOf = (seed: Uint8Array, publicKey: Uint8Array): Signer => ({ identity: new Uint8Array(), publicKey, privateKey: seed })
const honest = signerOf(listed.privateKey, listed.publicKey)

const joiner = generateSigner(env, {
  suite: productSuite,
  identity: encodeIdentity({ origin: testOrigin, ...own, deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(3)) }),
})
const made = generateKeyPackage(env, { suite: productSuite, signer: joiner, lifetimeS: 86_400, lastResort: false, ...applicationTypes })
const keyPackage = parseKeyPackage(env, made.message)
const introduction = {
  groupId: new Uint8Array(32).fill(1),
  seat: new Uint8Array(16).fill(4),
  secret: new Uint8Array(32).fill(5),
  secrets: new Uint8Array(1_243).fill(6),
  adderAccount: adder,
  adderDevice: listed.deviceId,
}

interface World {
  readonly blocked?: boolean
  /** What a look-up of the maker comes to. */
  readonly lookUp?: () => void
  readonly latest?: typeof account | undefined
  readonly ended?: boolean
}

/** What becomes of an introduction: the outcome, alarms, what waits, whether the KeyPackage is still there, and how often the log was asked. */
async function taken(sealed: Uint8Array, world: World = {}, times = 1) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  await transactions.run(async (tx) => {
    tx.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, 0, NULL, 1, ?)",
      made.ref,
      made.secret,
      new Uint8Array(32),
      nowMs,
    )
    if (world.blocked === true)
      tx.write(
        "INSERT INTO contact (account_id, name, accepted, blocked, first_resets, checked_ms) VALUES (?, '', 0, 1, 0, 0)",
        introduction.adderAccount,
      )
  })
  let [asked, pending] = [0, 0]
  const intake = new IntroductionIntake({
    own,
    crypto: nodeProvider,
    random: nodeProvider.random,
    clock: { nowMs: () => nowMs },
    states: { environment: () => env },
    transactions,
    trust: {
      isRecent: async () => false,
      askAll: async () => {
        asked++
        world.lookUp?.()
      },
      learnRemoval: async () => undefined,
      latest: async () => ("latest" in world ? world.latest : account),
      hasEnded: async () => world.ended ?? false,
    },
    timers: { after: (_, callback) => (setImmediate(callback), () => undefined) },
    watch: { account: { look: async () => undefined } },
    joinPending: () => pending++,
  } satisfies IntroductionParts)
  const outcomes: string[] = []
  for (let i = 0; i < times; i++)
    outcomes.push(await intake.take(sealed).catch((error: unknown) => (error instanceof Error ? error.name : "error")))
  const reader = readerOf(database)
  return {
    outcome: outcomes.join(" "),
    alarms: (await database.read("SELECT code FROM alarm")).map((row) => row["code"]),
    waiting: (await listPendingJoins(reader)).length,
    keyPackages: (await database.read("SELECT 1 AS one FROM key_package")).length,
    dropped: await readDropped(reader, "introduction"),
    asked,
    pending,
  }
}
const seal = (changes: Partial<typeof introduction> = {}, signer: Signer = honest): Uint8Array =>
  sealIntroduction(env, keyPackage, { introduction: { ...introduction, ...changes }, signer })
const changed = (sealed: Uint8Array, at: number): Uint8Array => sealed.with(at, (sealed.at(at) ?? 0) ^ 1)

test("An introduction of a listed device waits for the group's log, and the same again changes nothing; the KeyPackage stays until it joined", async () => {
  const sealed = seal()
  assert.equal(sealed.length, introductionBytes)
  const expected = { alarms: [], waiting: 1, keyPackages: 1, dropped: 0 }
  assert.deepEqual(await taken(sealed), { ...expected, outcome: "kept", asked: 1, pending: 1 })
  assert.deepEqual(await taken(sealed, {}, 2), { ...expected, outcome: "kept kept", asked: 2, pending: 2 })
})

test("An introduction of another size, for another KeyPackage, changed anywhere, or with something in its padding is dropped and counted", async () => {
  const sealed = seal()
  const expected = { outcome: "dropped", alarms: [], waiting: 0, keyPackages: 1, dropped: 1, asked: 0, pending: 0 }
  for (const bad of [sealed.subarray(1), new Uint8Array(introductionBytes + 1), new Uint8Array(introductionBytes)])
    assert.deepEqual(await taken(bad), expected)
  for (const at of [0, 31, 32, 1_151, 1_152, 2_000, introductionBytes - 1])
    assert.deepEqual(await taken(changed(sealed, at)), expected, `${at}`)
})

test("An introduction that a listed device did not sign is dropped with a red alarm, before the group is asked for anything", async () => {
  const poser = signerOf(stranger.privateKey, stranger.publicKey)
  // What is missing is asked for a few times more.
  const expected = { outcome: "dropped", waiting: 0, keyPackages: 1, dropped: 1, asked: 3, pending: 0 }
  const unknown = { ...expected, alarms: ["invitation_refused_unknown_device"] }
  assert.deepEqual(await taken(seal({}, poser)), unknown)
  assert.deepEqual(await taken(seal({ adderDevice: stranger.deviceId }, poser)), unknown)
  assert.deepEqual(await taken(seal(), { latest: undefined }), unknown)
  assert.equal(toHex(poser.publicKey) === toHex(honest.publicKey), false)
})

test("The signature of one introduction is worth nothing in another: of another group, seat, secret, group secrets or KeyPackage", async () => {
  const withSignature = (sign: typeof nodeProvider.signEd25519) => ({ ...env, crypto: { ...nodeProvider, signEd25519: sign } })
  let signature = new Uint8Array()
  const capturing = withSignature((input) => (signature = new Uint8Array(nodeProvider.signEd25519(input))))
  const genuine = sealIntroduction(capturing, keyPackage, { introduction, signer: honest })
  assert.equal((await taken(genuine)).outcome, "kept")
  const replayed = withSignature(() => signature)
  const other = (size: number): Uint8Array => new Uint8Array(size).fill(9)
  for (const change of [{ groupId: other(32) }, { seat: other(16) }, { secret: other(32) }, { secrets: other(1_243) }]) {
    const sealed = sealIntroduction(replayed, keyPackage, { introduction: { ...introduction, ...change }, signer: honest })
    assert.equal((await taken(sealed)).outcome, "dropped", JSON.stringify(Object.keys(change)))
  }
  // Signed for another KeyPackage of the same device.
  const another = generateKeyPackage(env, {
    suite: productSuite,
    signer: joiner,
    lifetimeS: 86_400,
    lastResort: false,
    ...applicationTypes,
  })
  sealIntroduction(capturing, parseKeyPackage(env, another.message), { introduction, signer: honest })
  assert.equal((await taken(sealIntroduction(replayed, keyPackage, { introduction, signer: honest }))).outcome, "dropped")
})

test("An introduction of somebody who is blocked is dropped without asking anybody; while the log cannot be asked, it is tried again", async () => {
  assert.deepEqual(await taken(seal(), { blocked: true }), {
    outcome: "dropped",
    alarms: [],
    waiting: 0,
    keyPackages: 1,
    dropped: 1,
    asked: 0,
    pending: 0,
  })
  const later = await taken(seal(), {
    lookUp: () => {
      throw new NetworkError("no answer", { maybeDone: false })
    },
  })
  assert.deepEqual([later.outcome, later.waiting, later.keyPackages, later.dropped], ["ClientError", 0, 1, 0])
})

test("An introduction of an account that has ended is dropped", async () => {
  assert.equal((await taken(seal(), { ended: true })).outcome, "dropped")
})
