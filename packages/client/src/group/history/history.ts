// One history for all (docs/protocol.md): a hash chain over the bodies of a group in the server's order. Every payload says how far its
// sender had seen it, so that a server that withholds, reorders or forks is found by the next message between the two sides. What a member
// says it has seen is only its claim, so an alarm names the member who contradicts this device.

import { concat, equal, toUtf8 } from "@nodoor/bytes"
import type { Seen } from "../../core/seen.ts"
import {
  type HistoryRow,
  deleteClaimsUpTo,
  deleteHistory,
  deleteHistoryBefore,
  findChain,
  findHistory,
  insertHistory,
  listClaims,
  listHistoryFrom,
  noteTeller,
  replaceClaim,
  setChain,
} from "../../store/group/history.ts"
import type { Transaction } from "../../core/transaction.ts"

type Sha256 = (data: Uint8Array) => Uint8Array

/** Orders kept for comparison. Claims about older ones can no longer be checked. */
const keptOrders = 4096

/** The chain before the first body: SHA-256("nodoor/history/v1" ‖ 0x00 ‖ group_id). */
export function historyStart(sha256: Sha256, groupId: Uint8Array): Uint8Array {
  return sha256(concat(toUtf8("nodoor/history/v1\0"), groupId))
}

/** chain = SHA-256(previous chain ‖ SHA-256(body)). */
export function extendHistory(sha256: Sha256, chain: Uint8Array, bodyHash: Uint8Array): Uint8Array {
  return sha256(concat(chain, bodyHash))
}

/** Starts the history on this device. The creator knows the first chain; a joiner learns the chain from others. */
export function beginHistory(
  tx: Transaction,
  groupId: Uint8Array,
  { order, chain }: { readonly order: number; readonly chain: Uint8Array | undefined },
): void {
  deleteHistory(tx, groupId)
  insertHistory(tx, groupId, { order, bodyHash: new Uint8Array(32), chain })
}

/** Takes in the body at the next order. Returns the accounts that claimed another history up to it. */
export async function appendHistory(
  tx: Transaction,
  sha256: Sha256,
  place: { readonly groupId: Uint8Array; readonly order: number; readonly bodyHash: Uint8Array },
): Promise<readonly Uint8Array[]> {
  const { groupId, order, bodyHash } = place
  const before = await findChain(tx, groupId, order - 1)
  const known = before && extendHistory(sha256, before, bodyHash)
  const claims = await listClaims(tx, groupId, order)
  const told = known ? undefined : claims[0]
  if (told) noteTeller(tx, groupId, told.accountId)
  const chain = known ?? told?.chain
  insertHistory(tx, groupId, { order, bodyHash, chain })
  if (claims.length > 0) deleteClaimsUpTo(tx, groupId, order)
  if (order % 256 === 0) deleteHistoryBefore(tx, groupId, order - keptOrders)
  return claims.filter((claim) => chain !== undefined && !equal(claim.chain, chain)).map(({ accountId }) => accountId)
}

/** How far this device has seen the group, for the next payload; undefined while a joiner does not know the chain. */
export async function seenOf(tx: Transaction, groupId: Uint8Array, lastOrder: number): Promise<Seen | undefined> {
  const chain = await findChain(tx, groupId, lastOrder)
  return chain && { order: lastOrder, chain }
}

/** Compares what a member says it has seen with what this device has. A claim beyond it waits for the bodies. */
export async function checkSeen(
  tx: Transaction,
  sha256: Sha256,
  claim: { readonly groupId: Uint8Array; readonly accountId: Uint8Array; readonly lastOrder: number; readonly seen: Seen },
): Promise<{ readonly forked: boolean }> {
  const { groupId, accountId, lastOrder, seen } = claim
  if (seen.order > lastOrder) {
    replaceClaim(tx, groupId, { order: seen.order, chain: seen.chain, accountId })
    return { forked: false }
  }
  const own = await findHistory(tx, groupId, seen.order)
  if (!own) return { forked: false }
  if (own.chain) return { forked: !equal(own.chain, seen.chain) }
  return adopt(tx, sha256, { groupId, accountId, seen, rows: await listHistoryFrom(tx, groupId, seen.order) })
}

/** A joiner adopts the first chain that a member claims, and extends it over its own bodies. Earlier claims must agree. */
function adopt(
  tx: Transaction,
  sha256: Sha256,
  {
    groupId,
    accountId,
    seen,
    rows,
  }: {
    readonly groupId: Uint8Array
    readonly accountId: Uint8Array
    readonly seen: Seen
    readonly rows: readonly HistoryRow[]
  },
): { readonly forked: boolean } {
  const filled: { order: number; chain: Uint8Array }[] = []
  let chain = seen.chain
  for (const row of rows) {
    if (row.order > seen.order) chain = extendHistory(sha256, chain, row.bodyHash)
    if (row.chain) {
      if (!equal(row.chain, chain)) return { forked: true }
      break
    }
    filled.push({ order: row.order, chain })
  }
  noteTeller(tx, groupId, accountId)
  for (const row of filled) setChain(tx, groupId, row)
  return { forked: false }
}
