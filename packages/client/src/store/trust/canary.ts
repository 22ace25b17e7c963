// The canary in the store: one row, which is not there until the first look.

import type { CanaryChangeView } from "./canary-view.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface CanaryRow {
  /** The file that this device knows: the first it saw, a renewal of it, or one that its person accepted. */
  readonly held: Uint8Array | undefined
  /** The newest file that holds, if it is more than a renewal. */
  readonly latest: Uint8Array | undefined
  readonly changes: readonly CanaryChangeView[]
  /** The last look that got an answer, and a later one that got none. */
  readonly checkedMs: number | undefined
  readonly failedMs: number | undefined
  /** What the person has read, and when. */
  readonly read: { readonly what: string; readonly atMs: number } | undefined
}

const nothing: CanaryRow = {
  held: undefined,
  latest: undefined,
  changes: [],
  checkedMs: undefined,
  failedMs: undefined,
  read: undefined,
}

export async function readCanaryRow(reader: Reader): Promise<CanaryRow> {
  const [row] = await reader.read("SELECT * FROM canary WHERE id = 1")
  if (row === undefined) return nothing
  const { held, latest, checked_ms: checkedMs, failed_ms: failedMs, read_what: what, read_ms: atMs } = row
  return {
    held: held instanceof Uint8Array ? held : undefined,
    latest: latest instanceof Uint8Array ? latest : undefined,
    changes: JSON.parse(String(row["changes"])) as CanaryChangeView[],
    checkedMs: typeof checkedMs === "number" ? checkedMs : undefined,
    failedMs: typeof failedMs === "number" ? failedMs : undefined,
    read: typeof what === "string" && typeof atMs === "number" ? { what, atMs } : undefined,
  }
}

export function writeCanaryRow(tx: Transaction, { held, latest, changes, checkedMs, failedMs, read }: CanaryRow): void {
  tx.write(
    "INSERT OR REPLACE INTO canary (id, held, latest, changes, checked_ms, failed_ms, read_what, read_ms) VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
    held ?? null,
    latest ?? null,
    JSON.stringify(changes),
    checkedMs ?? null,
    failedMs ?? null,
    read?.what ?? null,
    read?.atMs ?? null,
  )
}
