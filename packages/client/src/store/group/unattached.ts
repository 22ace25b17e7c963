// Seats that nobody took: their devices were added and have not put a key of their own there. Whoever may add can add them again.

import { toHex } from "@nodoor/bytes"
import { hourMs } from "../../core/group-record.ts"
import { type Reader, optionalNumber } from "../reader.ts"
import type { KeptSeat } from "./seats.ts"

/** A device that is at work takes its seat within this time. */
const attachWithinMs = 86_400_000

/** Seats of which this device does not know when they were given, because it came later, are not said to be. */
export function isUnattached({ own, addedMs }: Pick<KeptSeat, "own" | "addedMs">, nowMs: number): boolean {
  return !own && addedMs !== undefined && nowMs >= addedMs + hourMs + attachWithinMs
}

/** Accounts of a group of which no device has taken its seat, in hexadecimal. */
export async function listUnattached(
  reader: Reader,
  { groupId, nowMs }: { readonly groupId: Uint8Array; readonly nowMs: number },
): Promise<ReadonlySet<string>> {
  const rows = await reader.read(
    `SELECT m.account_id, MAX(s.added_ms) AS added_ms FROM member m JOIN seat s ON s.group_id = m.group_id AND s.leaf_index = m.leaf_index
     WHERE m.group_id = ? GROUP BY m.account_id HAVING MAX(s.own) = 0`,
    groupId,
  )
  const late = rows.filter((row) => isUnattached({ own: false, addedMs: optionalNumber(row["added_ms"]) }, nowMs))
  return new Set(late.map((row) => toHex(row["account_id"] as Uint8Array)))
}
