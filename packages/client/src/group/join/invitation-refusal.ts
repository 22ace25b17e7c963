// Why an invitation was refused, as its person is told.

import type { NewAlarm } from "../../store/trust/alarms.ts"

const told: Readonly<Record<string, string>> = {
  removed_device:
    "A device that its owner had removed, or whose account has ended, opened a chat with you in that person's name. It was refused: nothing was shown, and nothing is sent there.",
  stale_device:
    "An invitation to a chat was refused: the chat still holds a device that its owner had removed, and nobody took that device out. Ask whoever invited you to remove you from the chat and to add you again.",
  too_many_strangers:
    "An invitation to a large chat was refused, because it came from somebody you do not know. If you want to be in it, write to that person first, and ask them to remove you from the chat and to add you again.",
}

/** Nobody honest causes these: somebody tried to take over a chat, or to be believed as somebody else. */
const red: readonly string[] = ["live_group", "other_kind", "old_epoch", "unknown_own_device", "unknown_device", "removed_device"]

export function invitationRefusal(code: string): Pick<NewAlarm, "level" | "code" | "text"> {
  return {
    level: red.includes(code) ? "red" : "warn",
    code: `invitation_refused_${code}`,
    text: told[code] ?? "An invitation to a chat could not be verified and was refused.",
  }
}
