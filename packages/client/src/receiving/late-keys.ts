// Keys that are kept for messages that come late, and epochs that have passed, end after seven days, also in groups where nothing happens:
// a copy of the store opens with them what was recorded.

import { forgetOld } from "@nodoor/mls"
import { groupIdOf } from "../group/group-states.ts"
import type { Kernel } from "../core/kernel.ts"

/** Once a day: a command that runs for a moment does not read every group. */
const everyMs = 20 * 3_600_000

/** Erases what is past its time in every group that holds any. Each group is a turn of its own. */
export async function forgetLateKeys({ transactions, states, clock }: Pick<Kernel, "transactions" | "states" | "clock">): Promise<void> {
  const nowMs = clock.nowMs()
  const [device] = await transactions.database.read("SELECT late_keys_ms FROM device WHERE id = 1")
  const lastMs = device?.["late_keys_ms"]
  if (typeof lastMs === "number" && Math.abs(nowMs - lastMs) < everyMs) return
  const rows = await transactions.database.read(
    "SELECT DISTINCT group_id FROM mls_record WHERE (key >= 'skipped/' AND key < 'skipped0') OR (key >= 'past/' AND key < 'past0')",
  )
  for (const row of rows)
    await transactions.run(async (tx) => {
      const state = await states.find(tx, groupIdOf(row["group_id"] as Uint8Array))
      if (!state) return
      const change = forgetOld(states.environment(), state)
      if (change.writes.length > 0) states.save(tx, change)
    })
  await transactions.run(async (tx) => tx.write("UPDATE device SET late_keys_ms = ? WHERE id = 1", nowMs))
}
