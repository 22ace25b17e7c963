// What is kept for messages that come late has an end, RFC 9420 §15.3: by count as it comes (`codec/limits.ts`), and by time here. A copy of the
// store opens late messages for as long as their keys are in it.

import type { Engine, RecordWrite } from "../api/api.ts"
import { erasePast } from "./applied-commit.ts"
import { type Group, type PastEpoch, internal } from "./group-state.ts"
import { pastRecord } from "./records.ts"
import { isOld, withoutOldKeys } from "../secrets/secret-tree.ts"

/**
 * The state without keys that were passed over, and without epochs that passed, more than seven days before. What has no time yet, because an
 * earlier version kept it, counts from now on.
 */
export const forgetOld: Engine["forgetOld"] = (env, state) => {
  const group = internal(state)
  const current = withoutOldKeys(group.secretTree, env.timeMs)
  const writes: RecordWrite[] = [...current.writes]
  const past: PastEpoch[] = []
  for (const epoch of group.past) {
    if (isOld(epoch.passedMs, env.timeMs)) {
      writes.push(...erasePast(epoch))
      continue
    }
    const keys = withoutOldKeys(epoch.secretTree, env.timeMs)
    const dated = epoch.passedMs !== undefined && epoch.passedMs <= env.timeMs
    const kept = { ...epoch, secretTree: keys.tree, passedMs: dated ? epoch.passedMs : env.timeMs }
    writes.push(...keys.writes, ...(dated ? [] : [pastRecord(kept)]))
    past.push(kept)
  }
  if (writes.length === 0) return { state, writes }
  const after: Group = { ...group, secretTree: current.tree, past }
  return { state: after, writes }
}
