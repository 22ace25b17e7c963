import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, equal } from "@nodoor/bytes"
import { createGroup, generateKeyPackage, generateSigner, type Signer } from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import type { ClaimedDevice, RefusedDevice } from "./claimed-devices.ts"
import { CommitBuilder } from "./commit-builder.ts"
import { encodeIdentity } from "../../core/credential.ts"
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
const extensionTypes = [policyExtensionType]

function signerOf(id: number): Signer {
  const identity = { origin: "example.org", accountId: accountOf(id), deviceId: deviceOf(id) }
  return generateSigner({ crypto, timeMs: startMs }, { suite: productSuite, identity: encodeIdentity(identity) })
}
const accountOf = (id: number): ReturnType<typeof bytes<"AccountId">> => bytes<"AccountId">(new Uint8Array(16).fill(id))
const deviceOf = (id: number): ReturnType<typeof bytes<"DeviceId">> => bytes<"DeviceId">(new Uint8Array(16).fill(id + 100))

/** Alice's commit that adds what the server gave for bob (2) and carol (3). */
async function added(give: (message: Uint8Array) => Uint8Array, nowMs: number, of: readonly number[] = [2, 3]) {
  const signers = new Map(of.map((id) => [id, signerOf(id)]))
  const env = { crypto, timeMs: nowMs }
  const alice = signerOf(1)
  const policy = {
    kind: "group",
    name: "All",
    picture: undefined,
    roles: [{ accountId: accountOf(1), role: "admin" }],
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  } as const
  const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
  const { state } = createGroup(env, { suite: productSuite, groupId, signer: alice, extensions: withPolicy([], policy), extensionTypes })
  const claims = [...signers].map(([id, signer]): ClaimedDevice => {
    // Bob's is as old as the start; carol's is new.
    const at = { crypto, timeMs: id === 2 ? startMs : nowMs }
    const made = generateKeyPackage(at, { suite: productSuite, signer, lifetimeS: 90 * 86_400, lastResort: true, extensionTypes })
    const keyPackage = id === 2 ? give(made.message) : made.message
    return { accountId: accountOf(id), deviceId: deviceOf(id), keyPackage, token: new Uint8Array(56) } as ClaimedDevice
  })
  const trust = {
    judge: async () => ({ status: "trusted" }),
    hasEnded: async () => false,
    latest: async (accountId: Uint8Array) => ({
      state: {
        devices: of
          .filter((id) => equal(accountOf(id), accountId))
          .map((id) => ({ deviceId: deviceOf(id), signatureKey: signers.get(id)?.publicKey })),
      },
    }),
  } as unknown as Trust
  const states = new GroupStates({ crypto, clock: { nowMs: () => nowMs } })
  const builder = new CommitBuilder({
    states,
    trust,
    own: { signer: alice, origin: "example.org", accountId: accountOf(1), deviceId: deviceOf(1) } as unknown as OwnDevice,
  })
  const built = await builder.build(state, { type: "add", accounts: of.map(accountOf) }, claims)
  const mark = ({ claim, code }: RefusedDevice): [number, string] => [claim.accountId[0] ?? 0, code]
  return { added: built?.request.adds.map(({ mailbox }) => (mailbox[0] ?? 0) - 100), refused: built?.refused.map(mark) }
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
