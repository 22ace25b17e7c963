// Heads of the key log that members pass on: tables `gossip` (heard and not proven yet), `gossip_sent` (what each group was told last) and
// `gossip_dropped` (how much was thrown away).

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface WaitingGossip {
  readonly size: number
  readonly root: Uint8Array
  readonly note: Uint8Array
  /** Since when something of its device waits. */
  readonly heardMs: number
}

/** The heads that wait to be proven, the one that waits longest first. */
export async function listGossip(reader: Reader): Promise<readonly WaitingGossip[]> {
  const rows = await reader.read("SELECT * FROM gossip ORDER BY heard_ms")
  return rows.map((row) => ({
    size: Number(row["size"]),
    root: row["root"] as Uint8Array,
    note: row["note"] as Uint8Array,
    heardMs: Number(row["heard_ms"]),
  }))
}

/**
 * A device that was shown a larger log was shown that it grew out of what came before, so its newest note speaks for all of them. It has
 * waited since the first one that is larger than `ownSize`, the log that this device was shown.
 */
export function saveGossip(
  tx: Transaction,
  gossip: WaitingGossip & { readonly deviceId: Uint8Array },
  { ownSize }: { readonly ownSize: number },
): void {
  tx.write(
    `INSERT INTO gossip (device_id, size, root, note, heard_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note,
       heard_ms = CASE WHEN size > ? THEN heard_ms ELSE excluded.heard_ms END WHERE excluded.size > size`,
    gossip.deviceId,
    gossip.size,
    gossip.root,
    gossip.note,
    gossip.heardMs,
    ownSize,
  )
}

export function deleteGossip(tx: Transaction, { size, root }: Pick<WaitingGossip, "size" | "root">): void {
  tx.write("DELETE FROM gossip WHERE size = ? AND root = ?", size, root)
}

export function countDroppedGossip(tx: Transaction): void {
  tx.write("INSERT INTO gossip_dropped (id, count) VALUES (1, 1) ON CONFLICT DO UPDATE SET count = count + 1")
}

/** The head that a group was told last. */
export async function findGossipSent(
  reader: Reader,
  groupId: Uint8Array,
): Promise<{ readonly size: number; readonly sentMs: number } | undefined> {
  const [row] = await reader.read("SELECT size, sent_ms FROM gossip_sent WHERE group_id = ?", groupId)
  return row && { size: Number(row["size"]), sentMs: Number(row["sent_ms"]) }
}

export function saveGossipSent(
  tx: Transaction,
  groupId: Uint8Array,
  { size, sentMs }: { readonly size: number; readonly sentMs: number },
): void {
  tx.write("INSERT OR REPLACE INTO gossip_sent (group_id, size, sent_ms) VALUES (?, ?, ?)", groupId, size, sentMs)
}
