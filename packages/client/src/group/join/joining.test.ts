import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import type { JoinRecord } from "../../core/group-record.ts"
import { encodePolicy, policyOf } from "../../core/policy.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { findPendingJoin, insertPendingJoin } from "../../store/group/introductions.ts"
import { findOwnSeat, listSeats } from "../../store/group/seats.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { noLookups } from "../../trust/device/lookup-batch.ts"
import { Undecided } from "../../trust/device/undecided.ts"
import {
  type MadeCommit,
  type Newcomer,
  accountOf,
  applied,
  deviceOf,
  env,
  founder,
  groupId,
  made,
  newSeat,
  newcomer,
} from "../fixtures/seated-group.ts"
import { GroupStates } from "../group-states.ts"
import { Joining, type JoiningParts } from "./joining.ts"

const nowMs = env.timeMs
/** The account that adds this device, and its own. */
const [mallory, self] = [1, 2]

interface Invitation {
  /** The device holds a group of this kind and status under the same id. */
  readonly present?: { readonly kind: "dm" | "group"; readonly status: string }
  /** Accounts in the group beside the signer's and the own one. */
  readonly others?: number
  /** What the person thinks of the signer. */
  readonly signer?: "stranger" | "accepted" | "blocked"
  /** Everybody in the group holds. */
  readonly trusted?: boolean
  /** What the introduction says in place of the truth. */
  readonly introduced?: { readonly secret?: Uint8Array; readonly adder?: number }
  /** What the server gives in place of the truth. */
  readonly record?: (record: JoinRecord) => JoinRecord
}

/** Mallory adds this device to a group past the epoch that it knows. */
function added(others: number): { readonly one: Newcomer; readonly commit: MadeCommit } {
  const first = founder()
  for (let i = 0; i < 4; i++) applied(first, made(first, {}))
  const one = newcomer(self)
  return { one, commit: made(first, { adds: [one, ...Array.from({ length: others }, (_, i) => newcomer(i + 3))] }) }
}

/** A device that was introduced to a group: what is told, the epoch of the group it holds, and who is to be asked for. */
async function invited(invitation: Invitation) {
  const {
    present,
    others = 0,
    signer: contact = "stranger",
    trusted = false,
    introduced = {},
    record: change = (record) => record,
  } = invitation
  const { one, commit } = added(others)
  const { details, request, own } = commit
  const record = change({
    kind: "join",
    groupId,
    order: 9,
    timeMs: nowMs,
    ...details,
    groupInfo: request.groupInfo ?? new Uint8Array(),
  })
  const policy = policyOf(own.staged.extensionsAfter)
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const chatId = new Uint8Array(32).fill(7)
  const clock = { nowMs: () => nowMs }
  let judged = 0
  let seatsChanged = 0
  const trust = {
    judge: async ({ welcomed }: { welcomed: readonly unknown[] }) => {
      judged = welcomed.length
      return trusted ? { status: "trusted" } : { status: "lookup", accounts: [] }
    },
    isRevoked: async () => false,
    heldUntilMs: async () => undefined,
    isStale: async () => false,
  }
  const crypto = nodeProvider
  const states = new GroupStates({ crypto, clock })
  const parts = {
    own: { accountId: accountOf(self), deviceId: deviceOf(self), signer: one.signer },
    states,
    random: crypto.random,
    clock,
    crypto,
    trust,
    kick: () => undefined,
    keyPackageUsed: () => undefined,
    seatsChanged: () => seatsChanged++,
  } as unknown as JoiningParts
  const adder = introduced.adder ?? mallory
  await transactions.run(async (tx) => {
    tx.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, 0, NULL, 1, ?)",
      one.keyPackage.ref,
      one.keyPackage.secret,
      new Uint8Array(32),
      nowMs,
    )
    insertPendingJoin(tx, {
      groupId,
      seat: one.seat.seat,
      secret: introduced.secret ?? one.seat.secret,
      ref: one.keyPackage.ref,
      secrets: own.welcome?.secrets[0]?.encrypted ?? new Uint8Array(),
      adderAccount: accountOf(adder),
      adderDevice: deviceOf(adder),
      arrivedMs: nowMs,
    })
    tx.write(
      "INSERT INTO contact (account_id, name, accepted, blocked, first_resets, checked_ms) VALUES (?, '', ?, ?, 0, 0)",
      accountOf(mallory),
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
  const undecided = await transactions
    .run(async (tx) => await new Joining(parts).take(tx, record, noLookups))
    .then(() => false)
    .catch((error: unknown) => {
      assert.ok(error instanceof Undecided, String(error))
      return true
    })
  const reader = readerOf(database)
  const alarms = await database.read("SELECT level, code FROM alarm")
  const [group] = await database.read("SELECT epoch, status FROM mls_group")
  return {
    alarms: alarms.map((row) => `${String(row["level"])} ${String(row["code"])}`),
    epoch: Number(group?.["epoch"]),
    judged,
    undecided,
    waits: (await findPendingJoin(reader, { groupId, seat: one.seat.seat })) !== undefined,
    keyPackages: (await database.read("SELECT 1 AS one FROM key_package")).length,
    seats: (await listSeats(reader, groupId)).map(({ leafIndex, own: isOwn, adderAccount }) => [leafIndex, isOwn, adderAccount?.[0]]),
    ownSeat: toHex((await findOwnSeat(reader, groupId))?.secret ?? new Uint8Array()) === toHex(one.seat.secret),
    seatsChanged,
  }
}

/** What is told, the epoch, and how many leaves were judged. */
async function told(invitation: Invitation) {
  const { alarms, epoch, judged } = await invited(invitation)
  return { alarms, epoch, judged }
}

test("A Welcome of another group of the same id replaces no group this device lives in, and a red alarm says so", async () => {
  for (const status of ["active", "leaving", "halted"])
    assert.deepEqual(
      await told({ present: { kind: "group", status } }),
      { alarms: ["red invitation_refused_live_group"], epoch: 3, judged: 0 },
      status,
    )
})

test("A chat of two never becomes a group, also after this device was removed from it", async () => {
  assert.deepEqual(await told({ present: { kind: "dm", status: "left" } }), {
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
  assert.deepEqual(await told({ signer: "blocked" }), { alarms: [], epoch: Number.NaN, judged: 0 })
  assert.deepEqual(await told({}), { alarms: [], epoch: Number.NaN, judged: 2 })
})

test("A group that holds is joined: seats with who gave them, the own seat's secret, and neither the introduction nor the KeyPackage is left", async () => {
  const { alarms, epoch, waits, keyPackages, seats, ownSeat, seatsChanged } = await invited({ trusted: true, others: 1 })
  assert.deepEqual([alarms, epoch, waits, keyPackages, ownSeat, seatsChanged], [[], 5, false, 0, true, 1])
  assert.deepEqual(seats, [
    [0, true, undefined],
    [1, false, mallory],
    [2, false, mallory],
  ])
})

test("While it is undecided, the introduction and the KeyPackage stay; of somebody who is blocked, neither does", async () => {
  const undecided = await invited({})
  assert.deepEqual([undecided.undecided, undecided.waits, undecided.keyPackages], [true, true, 1])
  const blocked = await invited({ signer: "blocked" })
  assert.deepEqual([blocked.undecided, blocked.waits, blocked.keyPackages], [false, false, 0])
})

test("What the server gives and does not fit the introduction is refused, and the KeyPackage stays", async () => {
  const other = new Uint8Array(32).fill(9)
  const cases: readonly Invitation[] = [
    { record: (record) => ({ ...record, groupInfo: record.groupInfo.with(40, (record.groupInfo[40] ?? 0) ^ 1) }) },
    { record: (record) => ({ ...record, groupInfo: new Uint8Array() }) },
    { record: (record) => ({ ...record, nextKeyHash: other }) },
    { introduced: { secret: newSeat().secret } },
    { introduced: { adder: 7 } },
  ]
  for (const each of cases) {
    const { alarms, epoch, waits, keyPackages } = await invited({ ...each, trusted: true })
    assert.deepEqual([alarms.length, epoch, waits, keyPackages], [1, Number.NaN, false, 1])
  }
})

test("A record of a commit to which this device was not introduced is nothing to it", async () => {
  const { alarms, epoch, waits, judged } = await invited({ trusted: true, record: (record) => ({ ...record, adds: [] }) })
  assert.deepEqual([alarms, epoch, waits, judged], [[], Number.NaN, true, 0])
})

test("A group that stopped stays stopped, whoever introduces this device to it again", async () => {
  const stopped = await invited({ trusted: true, present: { kind: "group", status: "halted" } })
  assert.deepEqual([stopped.alarms, stopped.epoch], [["red invitation_refused_live_group"], 3])
})
