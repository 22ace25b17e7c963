// The alarm for an invitation that was refused.

import { readmissionTexts } from "../../texts/en-rejoin.ts"
import { invitationTexts } from "../../texts/en.ts"
import type { NewAlarm } from "../../store/trust/alarms.ts"

const texts: Readonly<Record<string, string>> = { ...invitationTexts, ...readmissionTexts }

/** Honest devices never cause these: somebody tried to take over a chat or to pose as somebody else. */
const red: readonly string[] = [
  "live_group",
  "other_kind",
  "old_epoch",
  "unknown_own_device",
  "unknown_device",
  "removed_device",
  "false_successor",
  "shut_out_device",
]

export function invitationRefusal(code: string): Pick<NewAlarm, "level" | "code" | "text"> {
  return {
    level: red.includes(code) ? "red" : "warn",
    code: `invitation_refused_${code}`,
    text: texts[code] ?? invitationTexts.refused,
  }
}
