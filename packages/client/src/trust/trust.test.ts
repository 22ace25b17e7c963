import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { encodeVerifiedAccountState, verifyAccountState } from "@nodoor/keylog"
import { genesis, listed, signed, successor, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { noLookups } from "./device/lookup-batch.ts"
import { enqueueRevoked } from "../group/membership/must-go.ts"
import { ranks } from "../store/group/outbox-item.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate } from "../store/schema.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { type IdentifiedMember, type LeavesToJudge, Trust, type TrustParts } from "./trust.ts"
import { Transactions } from "../core/transaction.ts"

const [kept, gone, never] = [testDevice("kept"), testDevice("gone"), testDevice("never")] as const
const first = genesis(["kept", "gone"])
const { accountId } = first.state
const own = {
  origin: testOrigin,
  accountId: bytes<"AccountId">(new Uint8Array(16).fill(9)),
  deviceId: bytes<"DeviceId">(new Uint8Array(16)),
}
const nowMs = 1_790_000_000_000
const crypto = deterministicProvider((sizeBytes) => new Uint8Array(sizeBytes))
const withoutGone = signed(successor(first, [listed(kept, 0)]), [kept])
const second = verifyAccountState(crypto, { previous: first, next: withoutGone, origin: testOrigin, accountId })
const asked = new Set([toHex(accountId)])

function leafOf(device: ReturnType<typeof testDevice>): IdentifiedMember {
  const { deviceId, publicKey } = device
  return { leafIndex: 1, identity: new Uint8Array(), signatureKey: publicKey, origin: testOrigin, accountId, deviceId }
}

/** A device that has seen both versions of the account in the log. */
async function device(before?: Transactions): Promise<{ readonly transactions: Transactions; readonly trust: Trust }> {
  const transactions = before ?? new Transactions(await openMemoryDatabase())
  if (!before) await migrate(transactions.database)
  await transactions.run(async (tx) => {
    for (const version of [first, second])
      tx.write(
        "INSERT OR IGNORE INTO account_state (account_id, version, state) VALUES (?, ?, ?)",
        accountId,
        version.state.version,
        encodeVerifiedAccountState(version),
      )
    tx.write("INSERT OR REPLACE INTO account_check (account_id, checked_ms, size, held_exact) VALUES (?, ?, 1, 1)", accountId, nowMs)
  })
  const keyLog = { isClosed: async () => false }
  const parts = { transactions, crypto, own, keyLog, clock: { nowMs: () => nowMs } } as unknown as TrustParts
  return { transactions, trust: new Trust(parts) }
}

const looked = { asked, final: asked }

test("A leaf that an earlier version of its account listed is let in to be removed again; one that none listed is not", async () => {
  const { trust } = await device()
  const judged = async (member: IdentifiedMember): Promise<string> => (await trust.judge({ kind: "group", added: [member] }, looked)).status
  assert.equal(await judged(leafOf(gone)), "trusted")
  assert.equal(await judged(leafOf(never)), "untrusted")
  assert.equal(await judged({ ...leafOf(gone), signatureKey: never.publicKey }), "untrusted")
})

test("A leaf that its account lists no more keeps what it had in a group, and is stale in an invitation, as is the account that ended", async () => {
  const { trust, transactions } = await device()
  const judged = async (leaves: Omit<LeavesToJudge, "kind">): Promise<string> =>
    (await trust.judge({ kind: "group", ...leaves }, looked)).status
  assert.equal(await judged({ kept: [leafOf(gone)] }), "trusted")
  assert.equal(await judged({ kept: [leafOf(never)] }), "untrusted")
  assert.equal(await judged({ welcomed: [leafOf(gone)] }), "stale")
  assert.equal(await judged({ welcomed: [leafOf(never)] }), "untrusted")
  assert.equal(await judged({ welcomed: [leafOf(kept)] }), "trusted")
  await transactions.run(async (tx) => tx.write("INSERT INTO account_ended (account_id, version) VALUES (?, 2)", accountId))
  const { trust: after } = await device(transactions)
  const now = async (leaves: Omit<LeavesToJudge, "kind">): Promise<string> =>
    (await after.judge({ kind: "group", ...leaves }, looked)).status
  assert.equal(await now({ welcomed: [leafOf(kept)] }), "stale")
  assert.equal(await now({ kept: [leafOf(kept)] }), "trusted")
})

test("An invitation is signed by who is looked at first and anew: until then nobody else is asked for", async () => {
  const { trust } = await device()
  const other = { ...leafOf(never), accountId: bytes<"AccountId">(new Uint8Array(16).fill(3)) }
  const leaves = { kind: "group", welcomed: [leafOf(kept), other], signer: leafOf(kept) } as const
  assert.deepEqual(await trust.judge(leaves, noLookups), { status: "lookup", accounts: [accountId] })
  assert.deepEqual(await trust.judge(leaves, { asked, final: new Set() }), { status: "lookup", accounts: [other.accountId] })
  const stale = await trust.judge({ ...leaves, welcomed: [leafOf(gone), other], signer: leafOf(gone) }, noLookups)
  assert.equal(stale.status, "stale")
})

test("The removal of a leaf that came in revoked goes before everything else that waits to be sent, once", async () => {
  const { transactions, trust } = await device()
  const parts = { own, trust }
  const group = { groupId: new Uint8Array(32).fill(1), policy: { kind: "group" } } as unknown as GroupRow
  await transactions.run(async (tx) => await enqueueRevoked(parts, tx, group, [leafOf(kept)]))
  const queued = async (): Promise<readonly unknown[]> =>
    (await transactions.database.read("SELECT kind, rank FROM outbox")).map((row) => ({ ...row }))
  assert.deepEqual(await queued(), [])
  for (let i = 0; i < 2; i++) await transactions.run(async (tx) => await enqueueRevoked(parts, tx, group, [leafOf(kept), leafOf(gone)]))
  assert.deepEqual(await queued(), [{ kind: "commit", rank: ranks.removal }])
})
