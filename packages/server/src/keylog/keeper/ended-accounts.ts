// What the log erases of accounts that their people deleted (docs/transparency.md, "Ended accounts"): openings and values of everything
// before the end, and of the handle's binding. Map, deltas, entries and tiles stay as they are, and so do the proofs of places.

import { assert } from "@nodoor/bytes"
import { decodeSignedAccountState, parseLogEntry } from "@nodoor/keylog"
import type { Database } from "../../sqlite/database.ts"
import { type VersionRow, entryOfEpoch, readEntry } from "./log-rows.ts"

const accountLabelByte = 0x01
/** As many at a time. The rest follows with the next sweep. */
const dueMax = 200
/** Stands for the epoch of an account of which copies may be left in unused parts of the file, and nothing else. */
const tracesEpoch = -1

/** Notes the accounts that end with these versions; inside the transaction that writes them. */
export function noteEnded(db: Database, versions: readonly VersionRow[]): void {
  for (const { label, value, epoch } of versions) {
    if (label[0] !== accountLabelByte || decodeSignedAccountState(value).state.kind !== "tombstone") continue
    db.run("INSERT OR REPLACE INTO ended (label, epoch) VALUES (?, ?)", label, epoch)
  }
}

/** Labels of accounts whose end was published in an epoch before `beforeMs`, and of which something is to be erased. */
export function endedBefore(db: Database, input: { readonly publishedEpoch: number; readonly beforeMs: number }): Uint8Array[] {
  type Row = { label: Uint8Array; epoch: number }
  const rows = db.all<Row>(
    "SELECT label, epoch FROM ended WHERE epoch > ? AND epoch <= ? ORDER BY epoch LIMIT ?",
    tracesEpoch,
    input.publishedEpoch,
    dueMax,
  )
  return rows.filter(({ epoch }) => timeOf(db, epoch) < input.beforeMs).map(({ label }) => label)
}

/** Erases what the log kept from before the account's end, and its handle's binding. Repeating it changes nothing. */
export function eraseEnded(db: Database, { account, handle }: { readonly account: Uint8Array; readonly handle: Uint8Array }): void {
  const empty = "UPDATE versions SET opening = x'', value = x'' WHERE label = ?"
  db.run(`${empty} AND version < (SELECT max(version) FROM versions WHERE label = ?)`, account, account)
  db.run(empty, handle)
  for (const label of [account, handle]) db.run("DELETE FROM vrf_proofs WHERE label = ?", label)
  db.run("UPDATE ended SET epoch = ? WHERE label = ?", tracesEpoch, account)
}

/** Whether the file may still hold copies of what was erased. */
export function tracesAreLeft(db: Database): boolean {
  return db.get("SELECT 1 FROM ended WHERE epoch = ?", tracesEpoch) !== undefined
}

/** After the file was written anew. */
export function forgetTraces(db: Database): void {
  db.run("DELETE FROM ended WHERE epoch = ?", tracesEpoch)
}

function timeOf(db: Database, epoch: number): number {
  const index = entryOfEpoch(db, epoch)
  const entry = index === undefined ? undefined : readEntry(db, index)
  assert(entry !== undefined, "the entry of an epoch")
  const parsed = parseLogEntry(entry)
  assert(parsed.kind === "epoch", "the entry of an epoch is one")
  return parsed.timeMs
}
