// Bodies this device may have posted and has not seen come back: table `own_body`. Own copies cannot be decrypted, only recognised.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface OwnBody {
  readonly outboxId: number
  /** The shown message it is, if any. */
  readonly messageId: Uint8Array | undefined
  readonly epoch: number
  /** Of a commit: what `encodeStaged` made of it. */
  readonly staged: Uint8Array | undefined
}

interface Key {
  readonly groupId: Uint8Array
  readonly bodyHash: Uint8Array
}

export async function findOwnBody(reader: Reader, { groupId, bodyHash }: Key): Promise<OwnBody | undefined> {
  const [row] = await reader.read(
    "SELECT outbox_id, message_id, epoch, staged FROM own_body WHERE group_id = ? AND body_hash = ?",
    groupId,
    bodyHash,
  )
  return (
    row && {
      outboxId: Number(row["outbox_id"]),
      messageId: (row["message_id"] as Uint8Array | null) ?? undefined,
      epoch: Number(row["epoch"]),
      staged: (row["staged"] as Uint8Array | null) ?? undefined,
    }
  )
}

export function insertOwnBody(tx: Transaction, { groupId, bodyHash, outboxId, messageId, epoch, staged }: Key & OwnBody): void {
  tx.write(
    "INSERT OR REPLACE INTO own_body (group_id, body_hash, outbox_id, message_id, epoch, staged) VALUES (?, ?, ?, ?, ?, ?)",
    groupId,
    bodyHash,
    outboxId,
    messageId ?? null,
    epoch,
    staged ?? null,
  )
}

export function deleteOwnBody(tx: Transaction, { groupId, bodyHash }: Key): void {
  tx.write("DELETE FROM own_body WHERE group_id = ? AND body_hash = ?", groupId, bodyHash)
}

export function deleteOwnBodies(tx: Transaction, groupId: Uint8Array): void {
  tx.write("DELETE FROM own_body WHERE group_id = ?", groupId)
}

/** Commits of ours for epochs before this one, which somebody else's commit ended. */
export function deleteOwnCommits(tx: Transaction, groupId: Uint8Array, { beforeEpoch }: { readonly beforeEpoch: number }): void {
  tx.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL AND epoch < ?", groupId, beforeEpoch)
}
