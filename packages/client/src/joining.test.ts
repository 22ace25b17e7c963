import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { applyCommit, commit, createGroup, generateKeyPackage, generateSigner, parseKeyPackage } from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import type { MailboxRecord } from "@nodoor/wire"
import { encodeIdentity } from "./credential.ts"
import { GroupStates } from "./group-states.ts"
import { Joining } from "./joining.ts"
import type { Kernel } from "./kernel.ts"
import { openMemoryDatabase } from "./platform/sqlite-node.ts"
import { type Policy, encodePolicy, policyExtensionType, withPolicy } from "./policy.ts"
import { migrate } from "./store/schema.ts"
import { productSuite } from "./suite.ts"
import { Turns } from "./turn.ts"

const nowMs = 1_790_000_000_000
const groupId = bytes<"GroupId">(new Uint8Array(32).fill(1))
const origin = "example.org"
let counter = 0
const random = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).map((_, i) => (++counter * 31 + i) & 255)
const crypto = deterministicProvider(random)
const env = { crypto, timeMs: nowMs }

/** A device holding a group of the given kind and status that somebody sends a Welcome of another group of the same id to. */
async function invited(present: { readonly kind: "dm" | "group"; readonly status: string }): Promise<{
  readonly alarms: readonly string[]
  readonly epoch: number
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
  const made = commit(env, state, { proposals: [{ type: "add", keyPackage: parseKeyPackage(env, keyPackage.message) }], signer: theirs })
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
  const turns = new Turns(database, () => {})
  const chatId = new Uint8Array(32).fill(7)
  const clock = { nowMs: () => nowMs }
  const kernel = { own: { ...own, signer }, states: new GroupStates({ crypto, clock }), random, clock, crypto } as unknown as Kernel
  await turns.run(async (turn) => {
    turn.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, 1, NULL, 1, ?)",
      keyPackage.ref,
      keyPackage.secret,
      new Uint8Array(32),
      nowMs,
    )
    turn.write(
      `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft)
       VALUES (?, ?, 'active', ?, NULL, 0, 0, 0, 0, 0, 0, '')`,
      chatId,
      present.kind,
      groupId,
    )
    turn.write(
      `INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
       VALUES (?, ?, ?, 3, ?, 8, 0, 0, 0, 0)`,
      groupId,
      chatId,
      present.status,
      encodePolicy(policy),
    )
  })
  await turns.run(async (turn) => await new Joining(kernel).take(turn, record, new Set()))
  const alarms = await database.read("SELECT level, code FROM alarm")
  const [group] = await database.read("SELECT epoch FROM mls_group")
  return { alarms: alarms.map((row) => `${String(row["level"])} ${String(row["code"])}`), epoch: Number(group?.["epoch"]) }
}

function identityOf(id: number): Parameters<typeof encodeIdentity>[0] {
  return { origin, accountId: bytes(new Uint8Array(16).fill(id)), deviceId: bytes(new Uint8Array(16).fill(id + 100)) }
}

test("A Welcome of another group of the same id replaces no group this device lives in, and a red alarm says so", async () => {
  for (const status of ["active", "leaving", "halted"])
    assert.deepEqual(await invited({ kind: "group", status }), { alarms: ["red invitation_refused_live_group"], epoch: 3 }, status)
})

test("A chat of two never becomes a group, also after this device was removed from it", async () => {
  assert.deepEqual(await invited({ kind: "dm", status: "left" }), { alarms: ["red invitation_refused_other_kind"], epoch: 3 })
})
