// The log's tables as functions. No function here begins or ends a transaction.

import { existsSync } from "node:fs"
import { assert, fromUtf8 } from "@nodoor/bytes"
import { type LogEntry, type PrefixMap, type ReadTile, type Tile, encodeDelta, mapRowBytes } from "@nodoor/keylog"
import { type Database, type DatabaseOptions, type DatabaseSchema, openDatabase } from "../../sqlite/database.ts"

/** "ndlg" */
export const logSchema: DatabaseSchema = {
  url: new URL("log-schema.sql", import.meta.url),
  version: 2,
  applicationId: 0x6e646c67,
  upgrades: { 2: new URL("log-upgrade-2.sql", import.meta.url) },
}

/** @throws ServerError as `openDatabase` */
export function openLogDatabase(path: string, options: Pick<DatabaseOptions, "onStep"> = {}): Database {
  return openDatabase(path, { ...options, schema: logSchema })
}

export interface Progress {
  readonly feedPosition: number
  readonly size: number
  readonly publishedNote: Uint8Array | undefined
  readonly auditedNote: Uint8Array | undefined
}

export function readProgress(db: Database): Progress {
  type Row = { feed_position: number; size: number; published_note: Uint8Array | null; audited_note: Uint8Array | null }
  const row = db.get<Row>("SELECT feed_position, size, published_note, audited_note FROM progress WHERE id = 1") as Row
  return {
    feedPosition: row.feed_position,
    size: row.size,
    publishedNote: row.published_note ?? undefined,
    auditedNote: row.audited_note ?? undefined,
  }
}

/** The published checkpoint in the log's file; undefined before the first. */
export function publishedCheckpoint(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const db = openLogDatabase(path)
  try {
    const { publishedNote } = readProgress(db)
    return publishedNote && fromUtf8(publishedNote)
  } finally {
    db.close()
  }
}

export interface VersionRow {
  readonly label: Uint8Array
  readonly version: number
  readonly epoch: number
  readonly index: Uint8Array
  readonly proof: Uint8Array
  readonly opening: Uint8Array
  readonly value: Uint8Array
}

export function addVersion(db: Database, row: VersionRow): void {
  db.run(
    "INSERT INTO versions (label, version, epoch, map_index, vrf_proof, opening, value) VALUES (?, ?, ?, ?, ?, ?, ?)",
    row.label,
    row.version,
    row.epoch,
    row.index,
    row.proof,
    row.opening,
    row.value,
  )
  db.run("DELETE FROM vrf_proofs WHERE label = ? AND version = ?", row.label, row.version)
}

/** The greatest version of a label in epochs up to `epoch`. `opening` and `value` are empty when they were erased. */
export function latestVersion(
  db: Database,
  label: Uint8Array,
  epoch: number,
): { readonly version: number; readonly opening: Uint8Array; readonly value: Uint8Array } | undefined {
  return db.get("SELECT version, opening, value FROM versions WHERE label = ? AND epoch <= ? ORDER BY version DESC LIMIT 1", label, epoch)
}

/** The epoch that put a version of a label into the map. */
export function epochOfVersion(db: Database, label: Uint8Array, version: number): number | undefined {
  return db.get<{ epoch: number }>("SELECT epoch FROM versions WHERE label = ? AND version = ?", label, version)?.epoch
}

/** Where the entry of an epoch stands. */
export function entryOfEpoch(db: Database, epoch: number): number | undefined {
  return db.get<{ entry_index: number }>("SELECT entry_index FROM epochs WHERE epoch = ?", epoch)?.entry_index
}

/** Values of the versions between the two, both excluded, in order; at most `max`. One that was erased is empty. */
export function valuesBetween(
  db: Database,
  input: { readonly label: Uint8Array; readonly after: number; readonly before: number; readonly max: number },
): Uint8Array[] {
  const rows = db.all<{ value: Uint8Array }>(
    "SELECT value FROM versions WHERE label = ? AND version > ? AND version < ? ORDER BY version LIMIT ?",
    input.label,
    input.after,
    input.before,
    input.max,
  )
  return rows.map(({ value }) => value)
}

export function addEntry(db: Database, index: number, kind: LogEntry["kind"], entry: Uint8Array): void {
  db.run("INSERT INTO entries (entry_index, kind, entry) VALUES (?, ?, ?)", index, kind, entry)
}

export function readEntry(db: Database, index: number): Uint8Array | undefined {
  return db.get<{ entry: Uint8Array }>("SELECT entry FROM entries WHERE entry_index = ?", index)?.entry
}

export function readEntries(db: Database, from: number, to: number): Uint8Array[] {
  const rows = db.all<{ entry: Uint8Array }>(
    "SELECT entry FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index",
    from,
    to,
  )
  return rows.map(({ entry }) => entry)
}

/** Everything that is no epoch, in order, before `size`: a few rows a day. */
export function otherEntries(db: Database, size: number): { readonly index: number; readonly entry: Uint8Array }[] {
  return db.all("SELECT entry_index AS \"index\", entry FROM entries WHERE kind <> 'epoch' AND entry_index < ? ORDER BY entry_index", size)
}

/** Index of the last epoch entry before `size`, and its epoch number. */
export function lastEpochBefore(db: Database, size: number): { readonly epoch: number; readonly index: number } | undefined {
  return db.get('SELECT epoch, entry_index AS "index" FROM epochs WHERE entry_index < ? ORDER BY epoch DESC LIMIT 1', size)
}

export function addEpoch(db: Database, epoch: number, entryIndex: number, delta: Uint8Array): void {
  db.run("INSERT INTO epochs (epoch, entry_index, delta) VALUES (?, ?, ?)", epoch, entryIndex, delta)
}

export function readDelta(db: Database, epoch: number): Uint8Array | undefined {
  return db.get<{ delta: Uint8Array }>("SELECT delta FROM epochs WHERE epoch = ?", epoch)?.delta
}

export function writeTile(db: Database, { level, index }: Pick<Tile, "level" | "index">, hashes: Uint8Array): void {
  db.run(
    "INSERT INTO tiles (level, tile_index, hashes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hashes = excluded.hashes",
    level,
    index,
    hashes,
  )
}

export function tileReader(db: Database): ReadTile {
  return ({ level, index }) =>
    db.get<{ hashes: Uint8Array }>("SELECT hashes FROM tiles WHERE level = ? AND tile_index = ?", level, index)?.hashes
}

export function pendingEntries(db: Database): { readonly order: number; readonly entry: Uint8Array }[] {
  return db.all('SELECT pending_order AS "order", entry FROM pending ORDER BY pending_order')
}

/** Keeps the checkpoint with which a policy came into force. `before`: hash of the policy entry that it replaced. */
export function addPolicyChange(
  db: Database,
  input: { readonly entryIndex: number; readonly before: Uint8Array; readonly note: Uint8Array },
): void {
  db.run("INSERT INTO policy_changes (entry_index, before_hash, note) VALUES (?, ?, ?)", input.entryIndex, input.before, input.note)
}

/** The changes of policy since the one with that hash, oldest first; none if it never was in force. */
export function policyChangesSince(db: Database, before: Uint8Array): { readonly index: number; readonly note: Uint8Array }[] {
  return db.all(
    'SELECT entry_index AS "index", note FROM policy_changes WHERE entry_index >= (SELECT max(entry_index) FROM policy_changes WHERE before_hash = ?) ORDER BY entry_index',
    before,
  )
}

/** Inserts all rows of the first `epochs` deltas, many at a time. */
export function loadMap(db: Database, map: PrefixMap, epochs: number): void {
  let rows: { index: Uint8Array; commitment: Uint8Array }[] = []
  const flush = (): void => {
    map.insert(encodeDelta(rows))
    rows = []
  }
  for (let epoch = 0; epoch < epochs; epoch++) {
    const delta = readDelta(db, epoch)
    assert(delta !== undefined, "every epoch has its delta")
    for (let at = 0; at < delta.length; at += mapRowBytes) {
      rows.push({ index: delta.subarray(at, at + 32), commitment: delta.subarray(at + 32, at + mapRowBytes) })
    }
    if (rows.length >= loadRows) flush()
  }
  flush()
}

const loadRows = 50_000
