// Keys that are kept for messages that come late, and epochs that have passed, end after seven days, also in groups where nothing happens:
// a copy of the store opens with them what was recorded.

import { forgetOld } from "@nodoor/mls"
import type { Kernel } from "../core/kernel.ts"
import { listGroupsWithLateKeys } from "../store/group/mls-records.ts"
import { readLateKeysMs, setLateKeysMs } from "../store/progress.ts"
import { readerOf } from "../store/reader.ts"

/** Once a day: a command that runs for a moment does not read every group. */
const everyMs = 20 * 3_600_000

/** Erases what is past its time in every group that holds any. Each group is a turn of its own. */
export async function forgetLateKeys({ transactions, states, clock }: Pick<Kernel, "transactions" | "states" | "clock">): Promise<void> {
  const nowMs = clock.nowMs()
  const reader = readerOf(transactions.database)
  const lastMs = await readLateKeysMs(reader)
  if (lastMs !== undefined && Math.abs(nowMs - lastMs) < everyMs) return
  for (const groupId of await listGroupsWithLateKeys(reader))
    await transactions.run(async (tx) => {
      const state = await states.find(tx, groupId)
      if (!state) return
      const change = forgetOld(states.environment(), state)
      if (change.writes.length > 0) states.save(tx, change)
    })
  await transactions.run(async (tx) => setLateKeysMs(tx, nowMs))
}
