// What the devices of the account tell each other: table `sync_entry`. Which of two entries stays is decided in `sync/`.

import { type CborValue, decodeCbor, encodeCbor } from "@nodoor/bytes"
import type { Hex } from "../../core/hex.ts"
import type { Row } from "../../core/ports.ts"
import { type Stamp, type SyncEntry, syncLimits } from "./sync-entry.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface StoredEntry extends SyncEntry {
  /** The other devices have not been told. */
  readonly due: boolean
  /** The newest stamp for this key that they may have. */
  readonly shared: Pick<Stamp, "ms" | "counter">
  /** What it is about is not known here yet. */
  readonly open: boolean
}

export async function findEntry(reader: Reader, key: string): Promise<StoredEntry | undefined> {
  const [row] = await reader.read("SELECT * FROM sync_entry WHERE key = ?", key)
  return row && entryFromRow(row)
}

/** The value that holds now; undefined also when it was taken away. */
export async function findValue(reader: Reader, key: string): Promise<CborValue | undefined> {
  return (await findEntry(reader, key))?.value ?? undefined
}

/** All entries, for an archive of the account. */
export async function listSyncEntries(reader: Reader): Promise<readonly SyncEntry[]> {
  return (await reader.read("SELECT * FROM sync_entry ORDER BY key")).map(entryFromRow)
}

/** What the person calls their devices, by the id of the device. */
export async function deviceNames(reader: Reader): Promise<ReadonlyMap<Hex, string>> {
  const rows = await reader.read("SELECT * FROM sync_entry WHERE key >= 'device/' AND key < 'device0'")
  return new Map(rows.map(entryFromRow).flatMap(({ key, value }) => (typeof value === "string" ? [[key.split("/")[1] ?? "", value]] : [])))
}

/** Settings of the person, by name. What a newer version keeps in another form is left out. */
export async function listSettings(reader: Reader): Promise<Readonly<Record<string, string>>> {
  const rows = await reader.read("SELECT * FROM sync_entry WHERE key >= 'setting/' AND key < 'setting0'")
  return Object.fromEntries(
    rows.map(entryFromRow).flatMap(({ key, value }) => (typeof value === "string" ? [[key.slice("setting/".length), value]] : [])),
  )
}

export async function listDueEntries(reader: Reader, max: number): Promise<readonly StoredEntry[]> {
  return (await reader.read("SELECT * FROM sync_entry WHERE due = 1 ORDER BY key LIMIT ?", max)).map(entryFromRow)
}

export async function hasDueEntries(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM sync_entry WHERE due = 1 LIMIT 1")).length > 0
}

export async function listOpenEntries(reader: Reader): Promise<readonly StoredEntry[]> {
  return (await reader.read("SELECT * FROM sync_entry WHERE open = 1 ORDER BY key")).map(entryFromRow)
}

export async function countEntries(reader: Reader): Promise<{ readonly all: number; readonly open: number }> {
  const [row] = await reader.read("SELECT (SELECT COUNT(*) FROM sync_entry) AS a, (SELECT COUNT(*) FROM sync_entry WHERE open = 1) AS o")
  return { all: Number(row?.["a"] ?? 0), open: Number(row?.["o"] ?? 0) }
}

export function putEntry(tx: Transaction, { key, value, stamp, due, shared, open }: StoredEntry): void {
  tx.write(
    `INSERT OR REPLACE INTO sync_entry (key, value, ms, counter, device, due, shared_ms, shared_counter, open)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key,
    encodeCbor(value),
    stamp.ms,
    stamp.counter,
    stamp.deviceId,
    due ? 1 : 0,
    shared.ms,
    shared.counter,
    open ? 1 : 0,
  )
}

/** All of it is told again: another device may know none of it. */
export function setAllDue(tx: Transaction): void {
  tx.write("UPDATE sync_entry SET due = 1")
}

/** What this device wrote is told again: while it was out, nobody heard it. */
export function setDueOf(tx: Transaction, deviceId: Uint8Array): void {
  tx.write("UPDATE sync_entry SET due = 1 WHERE device = ?", deviceId)
}

export function setOpen(tx: Transaction, key: string, open: boolean): void {
  tx.write("UPDATE sync_entry SET open = ? WHERE key = ?", open ? 1 : 0, key)
}

function entryFromRow(row: Row): StoredEntry {
  return {
    key: String(row["key"]),
    value: decodeCbor(row["value"] as Uint8Array, { maxBytes: syncLimits.postBytes }),
    stamp: { ms: Number(row["ms"]), counter: Number(row["counter"]), deviceId: row["device"] as Uint8Array },
    due: row["due"] === 1,
    shared: { ms: Number(row["shared_ms"]), counter: Number(row["shared_counter"]) },
    open: row["open"] === 1,
  }
}
