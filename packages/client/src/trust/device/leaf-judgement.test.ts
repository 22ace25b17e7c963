import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { genesis, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { noLookups } from "./lookup-batch.ts"
import type { IdentifiedMember } from "./identified-member.ts"
import { judgeLeaves } from "./leaf-judgement.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { migrate } from "../../store/schema.ts"
import { Trust, type TrustParts } from "../trust.ts"
import { Transactions } from "../../core/transaction.ts"

const hourMs = 3_600_000
const [listed, stranger] = [testDevice("listed"), testDevice("stranger")]
const account = genesis(["listed"])
const { accountId } = account.state
const crypto = deterministicProvider((sizeBytes) => new Uint8Array(sizeBytes))
const leaf: IdentifiedMember = {
  leafIndex: 1,
  identity: new Uint8Array(),
  signatureKey: listed.publicKey,
  origin: testOrigin,
  accountId,
  deviceId: listed.deviceId,
}

interface Known {
  readonly recent?: boolean
  readonly ending?: "proven" | "unproven"
  readonly heldUntilMs?: number
  readonly distrusted?: boolean
  readonly own?: boolean
  readonly final?: boolean
}

/** What becomes of a leaf that wants to be let in, with everything as it should be unless said otherwise. */
async function judged(member: IdentifiedMember, known: Known = {}): Promise<string> {
  const database = await openMemoryDatabase()
  await migrate(database)
  if (known.distrusted === true)
    await database.commit([
      { sql: "INSERT INTO distrust (account_id, code, alarm_id) VALUES (?, 'tree_fork', ?)", values: [accountId, new Uint8Array(16)] },
    ])
  const facts = {
    accounts: {
      latest: async () => account,
      ending: async () => known.ending,
      isRecent: async () => known.recent ?? true,
    },
    holds: { heldUntilMs: async () => known.heldUntilMs },
    keyLog: { isClosed: async () => false },
    reader: { read: (sql: string, ...values: never[]) => database.read(sql, values) },
    crypto,
    own: { origin: testOrigin, accountId: known.own === true ? accountId : new Uint8Array(16), deviceId: new Uint8Array(16) },
  } as unknown as Parameters<typeof judgeLeaves>[0]
  const asked = new Set([toHex(accountId)])
  const looks = known.final === false ? noLookups : { asked, final: asked }
  const verdict = await judgeLeaves(facts, { kind: "dm", added: [member] }, looks)
  return verdict.status === "untrusted" ? verdict.code : verdict.status
}

test("A leaf is let in when the log listed its device with its very key within the hour, and was asked anew if not", async () => {
  assert.equal(await judged(leaf), "trusted")
  assert.equal(await judged(leaf, { recent: false, final: false }), "lookup")
  assert.equal(await judged(leaf, { recent: false }), "unknown_device")
})

test("A leaf of another server, of a device or a key that its account does not list, is not let in", async () => {
  assert.equal(await judged({ ...leaf, origin: "elsewhere.example" }), "origin")
  assert.equal(await judged({ ...leaf, deviceId: stranger.deviceId }), "unknown_device")
  assert.equal(await judged({ ...leaf, signatureKey: stranger.publicKey }), "unknown_device")
  assert.equal(await judged({ ...leaf, signatureKey: stranger.publicKey }, { own: true }), "unknown_own_device")
})

test("A leaf of an account that ended unproven, is distrusted or held is not let in", async () => {
  assert.equal(await judged(leaf, { ending: "unproven" }), "unknown_device")
  assert.equal(await judged(leaf, { distrusted: true }), "distrusted")
  assert.equal(await judged(leaf, { heldUntilMs: 1 }), "held")
})

test("What the log showed is recent for an hour, before and after, and what it never showed is not", async () => {
  const transactions = new Transactions(await openMemoryDatabase())
  await migrate(transactions.database)
  const shownMs = 1_790_000_000_000
  await transactions.run(async (tx) =>
    tx.write("INSERT INTO account_check (account_id, checked_ms, size, held_exact) VALUES (?, ?, 1, 1)", accountId, shownMs),
  )
  const recentAt = async (nowMs: number, who = accountId): Promise<boolean> =>
    await new Trust({ transactions, crypto, clock: { nowMs: () => nowMs } } as unknown as TrustParts).isRecent(who)
  assert.deepEqual([await recentAt(shownMs), await recentAt(shownMs + hourMs), await recentAt(shownMs - hourMs)], [true, true, true])
  assert.deepEqual([await recentAt(shownMs + hourMs + 1), await recentAt(shownMs - hourMs - 1)], [false, false])
  assert.equal(await recentAt(shownMs, new Uint8Array(16) as typeof accountId), false)
})
