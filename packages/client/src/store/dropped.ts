// How much was thrown away because it was nothing: table `dropped`.

import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

/** What it was meant to be. */
export type DroppedKind = "introduction" | "post"

export function countDropped(tx: Transaction, what: DroppedKind): void {
  tx.write("INSERT INTO dropped (what, count) VALUES (?, 1) ON CONFLICT (what) DO UPDATE SET count = count + 1", what)
}

export async function readDropped(reader: Reader, what: DroppedKind): Promise<number> {
  const [row] = await reader.read("SELECT count FROM dropped WHERE what = ?", what)
  return Number(row?.["count"] ?? 0)
}
