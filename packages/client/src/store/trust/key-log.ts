// The key log as this device believes it: tables `key_log` (the pinned log and its last head that passed every check), `log_head` (heads
// that are proven ancestors of it) and `log_index` (where labels stand in the map).

import { type HeadState, type LearnedIndex, type TreeHead, type WitnessStatement, decodeHeadState, encodeHeadState } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalBytes } from "../reader.ts"

export interface StoredLog {
  readonly config: Uint8Array
  readonly head: HeadState
  readonly witnesses: readonly string[]
  readonly auditors: readonly string[]
  readonly tier: "solo" | "witnessed"
  readonly checkedMs: number
}

/** A head that was shown to somebody, with the log's note if it came with one. */
export interface HeardHead extends TreeHead {
  readonly note?: Uint8Array | undefined
}

/** Proven heads that are kept, so that gossip can be answered without asking the log again. */
const keptHeads = 256

export async function findStoredLog(reader: Reader): Promise<StoredLog | undefined> {
  const [row] = await reader.read("SELECT * FROM key_log WHERE id = 1")
  return (
    row && {
      config: row["config"] as Uint8Array,
      head: decodeHeadState(row["head"] as Uint8Array),
      witnesses: JSON.parse(String(row["witnesses"])) as string[],
      auditors: JSON.parse(String(row["auditors"])) as string[],
      tier: row["tier"] === "witnessed" ? "witnessed" : "solo",
      checkedMs: Number(row["checked_ms"]),
    }
  )
}

export function saveStoredLog(
  tx: Transaction,
  log: {
    readonly config: Uint8Array
    readonly head: HeadState
    readonly statement: WitnessStatement
    readonly learned: readonly LearnedIndex[]
    readonly nowMs: number
  },
): StoredLog {
  const { config, head, statement, nowMs } = log
  const witnesses = statement.witnesses.map(({ key }) => key.name)
  const auditors = statement.auditors.map(({ key }) => key.name)
  tx.write(
    "INSERT OR REPLACE INTO key_log (id, config, head, witnesses, auditors, tier, checked_ms) VALUES (1, ?, ?, ?, ?, ?, ?)",
    config,
    encodeHeadState(head),
    JSON.stringify(witnesses),
    JSON.stringify(auditors),
    statement.tier,
    nowMs,
  )
  saveAncestor(tx, { size: head.size, root: head.root, note: head.note })
  tx.write("DELETE FROM log_head WHERE size <= (SELECT size FROM log_head ORDER BY size DESC LIMIT 1 OFFSET ?)", keptHeads)
  for (const { label, version, index } of log.learned)
    tx.write("INSERT OR IGNORE INTO log_index (label, version, map_index) VALUES (?, ?, ?)", label, version, index)
  return { config, head, witnesses, auditors, tier: statement.tier, checkedMs: nowMs }
}

/** The log as another own device knows it, for a device that begins with it. */
export async function readLogToHandOver(reader: Reader): Promise<{ readonly config: Uint8Array; readonly head: Uint8Array } | undefined> {
  const [row] = await reader.read("SELECT config, head FROM key_log WHERE id = 1")
  return row && { config: row["config"] as Uint8Array, head: row["head"] as Uint8Array }
}

/** Begins with what another own device knows: a server that shows this one another log is found out. @throws CodecError */
export function beginWithLog(tx: Transaction, { config, head: encoded }: { readonly config: Uint8Array; readonly head: Uint8Array }): void {
  const head = decodeHeadState(encoded)
  tx.write(
    "INSERT OR REPLACE INTO key_log (id, config, head, witnesses, auditors, tier, checked_ms) VALUES (1, ?, ?, '[]', '[]', 'solo', 0)",
    config,
    encodeHeadState(head),
  )
  saveAncestor(tx, { size: head.size, root: head.root, note: head.note })
}

/** A head that is proven to be an ancestor of the stored one. */
export function saveAncestor(tx: Transaction, head: HeardHead): void {
  tx.write(
    "INSERT INTO log_head (size, root, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = COALESCE(note, excluded.note)",
    head.size,
    head.root,
    head.note ?? null,
  )
}

/** The root that is proven for a size, if it is remembered, with the note that was seen. */
export async function findAncestor(
  reader: Reader,
  size: number,
): Promise<{ readonly root: Uint8Array; readonly note: Uint8Array | undefined } | undefined> {
  const [row] = await reader.read("SELECT root, note FROM log_head WHERE size = ?", size)
  return row && { root: row["root"] as Uint8Array, note: optionalBytes(row["note"]) }
}

/** Where versions of labels stand in the map: proven once, true for ever. */
export async function listIndices(reader: Reader, max: number): Promise<readonly LearnedIndex[]> {
  const rows = await reader.read("SELECT label, version, map_index FROM log_index LIMIT ?", max)
  return rows.map((row) => ({
    label: row["label"] as Uint8Array,
    version: Number(row["version"]),
    index: row["map_index"] as Uint8Array,
  }))
}
