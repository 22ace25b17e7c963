import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { applyCommit, commit, createGroup, generateKeyPackage, generateSigner, parseKeyPackage } from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import type { MailboxRecord } from "@nodoor/wire"
import { noLookups } from "../../trust/device/lookup-batch.ts"
import { encodeIdentity } from "../../core/credential.ts"
import { GroupStates } from "../group-states.ts"
import { Joining, type JoiningParts } from "./joining.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { type Policy, encodePolicy, policyExtensionType, withPolicy } from "../../core/policy.ts"
import { migrate } from "../../store/schema.ts"
import { Undecided } from "../../trust/device/undecided.ts"
import { productSuite } from "../../core/suite.ts"
import { Transactions } from "../../core/transaction.ts"

const nowMs = 1_790_000_000_000
const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
const origin = "example.org"
let counter = 0
const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).map((_, i) => (++counter * 31 + (counter >> 8) * (i + 1)) & 255)
const crypto = deterministicProvider(random)
const env = { crypto, timeMs: nowMs }

interface Invitation {
  /** The device holds a group of this kind and status under the same id. */
  readonly present?: { readonly kind: "dm" | "group"; readonly status: string }
  /** Accounts in the group beside the signer's and the own one. */
  readonly others?: number
  /** What the person thinks of the signer. */
  readonly signer?: "stranger" | "accepted" | "blocked"
}

/** A device that somebody sends a Welcome to: what is told, the epoch of the group it holds, and who is to be asked for. */
async function invited({ present, others = 0, signer: contact = "stranger" }: Invitation): Promise<{
  readonly alarms: readonly string[]
  readonly epoch: number
  readonly judged: number
}> {
  const own = identityOf(2)
  const mallory = identityOf(3)
  const signer = generateSigner(env, { suite: productSuite, identity: encodeIdentity(own) })
  const theirs = generateSigner(env, { suite: productSuite, identity: encodeIdentity(mallory) })
  const extensionTypes = [policyExtensionType]
  const keyPackage = generateKeyPackage(env, { suite: productSuite, signer, lifetimeS: 86_400, lastResort: true, extensionTypes })
  const policy: Policy = {
    kind: "group",
    name: "Fork",
    picture: undefined,
    rules: { add: "admins", rename: "admins", post: "everyone" },
    roles: [{ accountId: mallory.accountId, role: "admin" }],
    expiryS: undefined,
  }
  const extensions = withPolicy([], policy)
  let { state } = createGroup(env, { suite: productSuite, groupId, signer: theirs, extensions, extensionTypes })
  // Past the epoch that the device knows, so that only what is tested here refuses it.
  for (let i = 0; i < 4; i++) state = applyCommit(env, state, commit(env, state, { proposals: [], signer: theirs }).staged).state
  const packages = [keyPackage.message, ...Array.from({ length: others }, (_, at) => packageOf(at))]
  const made = commit(env, state, {
    proposals: packages.map((message) => ({ type: "add" as const, keyPackage: parseKeyPackage(env, message) })),
    signer: theirs,
  })
  const { welcome } = made
  assert.ok(welcome)
  const record = {
    kind: "welcome",
    seq: 9,
    groupId,
    order: 9,
    timeMs: nowMs,
    body: welcome.secrets[0]?.encrypted,
    groupInfo: welcome.encryptedGroupInfo,
    fanout: new Uint8Array(32),
  } as unknown as Extract<MailboxRecord, { kind: "welcome" }>

  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const chatId = new Uint8Array(32).fill(7)
  const clock = { nowMs: () => nowMs }
  let judged = 0
  const trust = {
    judge: async ({ welcomed }: { welcomed: readonly unknown[] }) => ((judged = welcomed.length), { status: "lookup", accounts: [] }),
  }
  const states = new GroupStates({ crypto, clock })
  const parts = { own: { ...own, signer }, states, random, clock, crypto, trust } as unknown as JoiningParts
  await transactions.run(async (tx) => {
    tx.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, 1, NULL, 1, ?)",
      keyPackage.ref,
      keyPackage.secret,
      new Uint8Array(32),
      nowMs,
    )
    tx.write(
      "INSERT INTO contact (account_id, name, accepted, blocked, first_resets, checked_ms) VALUES (?, '', ?, ?, 0, 0)",
      mallory.accountId,
      contact === "accepted" ? 1 : 0,
      contact === "blocked" ? 1 : 0,
    )
    if (!present) return
    tx.write(
      `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft)
       VALUES (?, ?, 'active', ?, NULL, 0, 0, 0, 0, 0, 0, '')`,
      chatId,
      present.kind,
      groupId,
    )
    tx.write(
      `INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
       VALUES (?, ?, ?, 3, ?, 8, 0, 0, 0, 0)`,
      groupId,
      chatId,
      present.status,
      encodePolicy(policy),
    )
  })
  await transactions
    .run(async (tx) => await new Joining(parts).take(tx, record, noLookups))
    .catch((error: unknown) => assert.ok(error instanceof Undecided))
  const alarms = await database.read("SELECT level, code FROM alarm")
  const [group] = await database.read("SELECT epoch FROM mls_group")
  return { alarms: alarms.map((row) => `${String(row["level"])} ${String(row["code"])}`), epoch: Number(group?.["epoch"]), judged }
}

/** The KeyPackage of another account's device. */
function packageOf(at: number): Uint8Array {
  const accountId = bytes<"AccountId">(
    new Uint8Array(16)
      .fill(9)
      .with(0, at & 255)
      .with(1, at >> 8),
  )
  const identity = encodeIdentity({ origin, accountId, deviceId: bytes<"DeviceId">(accountId.slice()) })
  const signer = generateSigner(env, { suite: productSuite, identity })
  const input = { suite: productSuite, signer, lifetimeS: 86_400, lastResort: false, extensionTypes: [policyExtensionType] }
  return generateKeyPackage(env, input).message
}

function identityOf(id: number): Parameters<typeof encodeIdentity>[0] {
  return { origin, accountId: bytes(new Uint8Array(16).fill(id)), deviceId: bytes(new Uint8Array(16).fill(id + 100)) }
}

test("A Welcome of another group of the same id replaces no group this device lives in, and a red alarm says so", async () => {
  for (const status of ["active", "leaving", "halted"])
    assert.deepEqual(
      await invited({ present: { kind: "group", status } }),
      { alarms: ["red invitation_refused_live_group"], epoch: 3, judged: 0 },
      status,
    )
})

test("A chat of two never becomes a group, also after this device was removed from it", async () => {
  assert.deepEqual(await invited({ present: { kind: "dm", status: "left" } }), {
    alarms: ["red invitation_refused_other_kind"],
    epoch: 3,
    judged: 0,
  })
})

test("A stranger's invitation to more than 256 people is refused before anybody is asked for; of somebody the person knows it is not", async () => {
  const ask = async (invitation: Invitation): Promise<unknown> => {
    const { alarms, judged } = await invited(invitation)
    return [alarms, judged]
  }
  assert.deepEqual(await ask({ others: 255 }), [["warn invitation_refused_too_many_strangers"], 0])
  assert.deepEqual(await ask({ others: 254 }), [[], 256])
  assert.deepEqual(await ask({ others: 255, signer: "accepted" }), [[], 257])
})

test("An invitation of somebody who is blocked asks for nobody and says nothing", async () => {
  assert.deepEqual(await invited({ signer: "blocked" }), { alarms: [], epoch: Number.NaN, judged: 0 })
  assert.deepEqual(await invited({}), { alarms: [], epoch: Number.NaN, judged: 2 })
})
