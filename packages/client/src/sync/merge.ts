// Merging entries of other devices into those of this one. Which entry stays depends on the two alone, so the order of arrival and repetitions
// make no difference.

import type { SyncEntry } from "../store/sync/sync-entry.ts"
import { syncLimits } from "../store/sync/sync-entry.ts"
import type { Transaction } from "../core/transaction.ts"
import { countEntries, findEntry, putEntry, setOpen } from "../store/sync/entries.ts"
import { type ApplyParts, applyEntry } from "./apply.ts"
import { compareEntries, ruleOf, takes } from "./rules.ts"
import { compareTimes, isBelievable } from "./stamp.ts"

/** `placedMs`: when the server placed what they came in. Without it they come from an archive of this account. */
export async function mergeSyncEntries(
  parts: ApplyParts,
  tx: Transaction,
  entries: readonly SyncEntry[],
  { placedMs }: { readonly placedMs?: number } = {},
): Promise<void> {
  const counts = await countEntries(tx)
  let [room, openRoom] = [syncLimits.entries - counts.all, syncLimits.openEntries - counts.open]
  for (const entry of entries) {
    const rule = ruleOf(entry.key)
    if (!rule || !takes(rule, entry.value)) continue
    const present = await findEntry(tx, entry.key)
    if (placedMs !== undefined && !isBelievable(entry.stamp, { placedMs, shared: present?.shared })) continue
    if (present && compareEntries(rule, entry, present) <= 0) {
      // Others have it, so what is written here is to be later than that.
      if (present.due && compareTimes(entry.stamp, present.shared) > 0) putEntry(tx, { ...present, shared: entry.stamp })
      continue
    }
    if (!present && room <= 0) continue
    const applied = await applyEntry(parts, tx, rule, entry)
    if (!applied && !present?.open && openRoom <= 0) continue
    putEntry(tx, { ...entry, due: false, shared: entry.stamp, open: !applied })
    if (!present) room--
    if (!applied && !present?.open) openRoom--
  }
}

/** Something became known here: entries about it take effect. */
export async function applyOpen(parts: ApplyParts, tx: Transaction, open: readonly SyncEntry[]): Promise<void> {
  for (const entry of open) {
    const rule = ruleOf(entry.key)
    if (rule && (await applyEntry(parts, tx, rule, entry))) setOpen(tx, entry.key, false)
  }
}
