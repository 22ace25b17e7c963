// The hash chain over a group's bodies, and what its members claim about it: tables `history`, `history_claim` and `history_teller`.

import type { Transaction } from "../../core/transaction.ts"
import type { Row } from "../../core/ports.ts"
import { type Reader, optionalBytes } from "../reader.ts"

export interface HistoryRow {
  readonly order: number
  readonly bodyHash: Uint8Array
  /** Undefined while a joiner does not know it. */
  readonly chain: Uint8Array | undefined
}

export interface HistoryClaim {
  readonly order: number
  readonly chain: Uint8Array
  readonly accountId: Uint8Array
}

export async function findChain(reader: Reader, groupId: Uint8Array, order: number): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT chain FROM history WHERE group_id = ? AND ord = ?", groupId, order)
  return (row?.["chain"] as Uint8Array | null | undefined) ?? undefined
}

export async function findHistory(reader: Reader, groupId: Uint8Array, order: number): Promise<HistoryRow | undefined> {
  const [row] = await reader.read("SELECT ord, body_hash, chain FROM history WHERE group_id = ? AND ord = ?", groupId, order)
  return row && historyFromRow(row)
}

/** Whether a body with this hash is in the log, among the newest. */
export async function hasBody(reader: Reader, groupId: Uint8Array, bodyHash: Uint8Array): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM history WHERE group_id = ? AND body_hash = ? LIMIT 1", groupId, bodyHash)).length > 0
}

export async function listHistoryFrom(reader: Reader, groupId: Uint8Array, order: number): Promise<readonly HistoryRow[]> {
  const rows = await reader.read("SELECT ord, body_hash, chain FROM history WHERE group_id = ? AND ord >= ? ORDER BY ord", groupId, order)
  return rows.map(historyFromRow)
}

function historyFromRow(row: Row): HistoryRow {
  return { order: Number(row["ord"]), bodyHash: row["body_hash"] as Uint8Array, chain: optionalBytes(row["chain"]) }
}

export function insertHistory(tx: Transaction, groupId: Uint8Array, { order, bodyHash, chain }: HistoryRow): void {
  tx.write("INSERT OR REPLACE INTO history (group_id, ord, body_hash, chain) VALUES (?, ?, ?, ?)", groupId, order, bodyHash, chain ?? null)
}

export function setChain(
  tx: Transaction,
  groupId: Uint8Array,
  { order, chain }: { readonly order: number; readonly chain: Uint8Array },
): void {
  tx.write("UPDATE history SET chain = ? WHERE group_id = ? AND ord = ?", chain, groupId, order)
}

export function deleteHistoryBefore(tx: Transaction, groupId: Uint8Array, order: number): void {
  tx.write("DELETE FROM history WHERE group_id = ? AND ord < ?", groupId, order)
}

/** Everything that was known of the group's history, and who said what about it. */
export function deleteHistory(tx: Transaction, groupId: Uint8Array): void {
  for (const table of ["history", "history_claim", "history_teller"]) tx.write(`DELETE FROM ${table} WHERE group_id = ?`, groupId)
}

export async function listClaims(reader: Reader, groupId: Uint8Array, order: number): Promise<readonly HistoryClaim[]> {
  const rows = await reader.read("SELECT chain, account_id FROM history_claim WHERE group_id = ? AND ord = ?", groupId, order)
  return rows.map((row) => ({ order, chain: row["chain"] as Uint8Array, accountId: row["account_id"] as Uint8Array }))
}

/** One claim waits for each member, the last. */
export function replaceClaim(tx: Transaction, groupId: Uint8Array, { order, chain, accountId }: HistoryClaim): void {
  tx.write("DELETE FROM history_claim WHERE group_id = ? AND account_id = ?", groupId, accountId)
  tx.write("INSERT INTO history_claim (group_id, ord, chain, account_id) VALUES (?, ?, ?, ?)", groupId, order, chain, accountId)
}

export function deleteClaimsUpTo(tx: Transaction, groupId: Uint8Array, order: number): void {
  tx.write("DELETE FROM history_claim WHERE group_id = ? AND ord <= ?", groupId, order)
}

/** Who told this device the chain that its own began with; undefined when it was there from the start. */
export async function findTeller(reader: Reader, groupId: Uint8Array): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT account_id FROM history_teller WHERE group_id = ?", groupId)
  return row?.["account_id"] as Uint8Array | undefined
}

/** The first one stays. */
export function noteTeller(tx: Transaction, groupId: Uint8Array, accountId: Uint8Array): void {
  tx.write("INSERT OR IGNORE INTO history_teller (group_id, account_id) VALUES (?, ?)", groupId, accountId)
}
