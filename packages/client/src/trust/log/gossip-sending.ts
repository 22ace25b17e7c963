// When the log's note goes along with a message: the first one after the head has changed, and not more often than is worth its bytes.

import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { findGossipSent, saveGossipSent } from "../../store/trust/gossip.ts"
import type { KeyLog } from "./key-log.ts"

export interface GossipSendingParts {
  readonly keyLog: Pick<KeyLog, "stored" | "gossip">
  readonly clock: Clock
}

/** A busy log has a new head every second: a group is told of the newest this often at most. */
const againAfterMs = 600_000

/** The note for the next payload to this group; undefined when the group has had this head, or another one a moment ago. */
export async function dueGossip(
  { keyLog, clock }: GossipSendingParts,
  tx: Transaction,
  groupId: Uint8Array,
): Promise<Uint8Array | undefined> {
  const size = keyLog.stored?.head.size
  if (size === undefined) return undefined
  const nowMs = clock.nowMs()
  const sent = await findGossipSent(tx, groupId)
  if (sent && (sent.size === size || Math.abs(nowMs - sent.sentMs) < againAfterMs)) return undefined
  saveGossipSent(tx, groupId, { size, sentMs: nowMs })
  return keyLog.gossip()
}
