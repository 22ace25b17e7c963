import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { encodeVerifiedAccountState, verifyAccountState } from "@nodoor/keylog"
import { genesis, listed, signed, successor, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { CommitApplication } from "./commit-application.ts"
import type { Kernel } from "./kernel.ts"
import { ranks } from "./outbox-item.ts"
import { openMemoryDatabase } from "./platform/sqlite-node.ts"
import { migrate } from "./store/schema.ts"
import { type IdentifiedMember, Trust, type TrustParts } from "./trust.ts"
import { Turns } from "./turn.ts"

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
async function device(): Promise<{ readonly turns: Turns; readonly trust: Trust }> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const turns = new Turns(database, () => {})
  await turns.run(async (turn) => {
    for (const version of [first, second])
      turn.write(
        "INSERT INTO account_state (account_id, version, state) VALUES (?, ?, ?)",
        accountId,
        version.state.version,
        encodeVerifiedAccountState(version),
      )
  })
  const parts = { turns, crypto, own, clock: { nowMs: () => nowMs } } as unknown as TrustParts
  return { turns, trust: new Trust(parts) }
}

test("A leaf that an earlier version of its account listed is let in to be removed again; one that none listed is not", async () => {
  const { trust } = await device()
  const judged = async (member: IdentifiedMember): Promise<string> => (await trust.judge({ added: [member], kept: [] }, asked)).status
  assert.equal(await judged(leafOf(gone)), "trusted")
  assert.equal(await judged(leafOf(never)), "untrusted")
  assert.equal(await judged({ ...leafOf(gone), signatureKey: never.publicKey }), "untrusted")
})

test("The removal of a leaf that came in revoked goes before everything else that waits to be sent, once", async () => {
  const { turns, trust } = await device()
  const commits = new CommitApplication({ own, trust } as unknown as Kernel)
  const groupId = new Uint8Array(32).fill(1)
  await turns.run(async (turn) => await commits.removeRevoked(turn, groupId, [leafOf(kept)]))
  const queued = async (): Promise<readonly unknown[]> =>
    (await turns.database.read("SELECT kind, rank FROM outbox")).map((row) => ({ ...row }))
  assert.deepEqual(await queued(), [])
  for (let i = 0; i < 2; i++) await turns.run(async (turn) => await commits.removeRevoked(turn, groupId, [leafOf(kept), leafOf(gone)]))
  assert.deepEqual(await queued(), [{ kind: "commit", rank: ranks.removal }])
})
