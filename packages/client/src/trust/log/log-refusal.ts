// What a failed check means: for whom, how loud, and in which words. "Could not check" and "checked and wrong" never look alike.

import { type KeylogErrorCode, alarmLevel } from "@nodoor/keylog"
import type { AlarmView } from "../../store/trust/alarm-view.ts"

/**
 * - `log`: the log as a whole lies; nothing is sent any more.
 * - `account`: what the log or the server shows of one account is wrong; nothing is sent to chats with it.
 * - `own`: the same of this device's own account; nothing is sent any more.
 */
export type Scope = "log" | "account" | "own"

/** Codes that say something about the account that was asked for, under a head that holds. */
const aboutAccount: readonly KeylogErrorCode[] = ["wrong_account", "version_lower", "value_changed", "commitment", "erased_living"]

export function isAboutAccount(code: KeylogErrorCode): boolean {
  return code.startsWith("account_") || code.startsWith("handle_") || aboutAccount.includes(code)
}

/** The alarm of a failed check; undefined while the bytes say nothing, which is told only when it lasts. */
export function alarmOf(
  code: KeylogErrorCode,
  scope: Scope,
  who: string,
): { readonly level: AlarmView["level"]; readonly code: string; readonly text: string } | undefined {
  const level = alarmLevel(code)
  if (level === "unchecked") return undefined
  if (level === "warn") return { level: "warn", code: `log_${code}`, text: warnTexts[code] ?? lateText }
  if (scope === "log") return { level: "red", code: `log_${code}`, text: forkCodes.includes(code) ? forkText : logText }
  if (code === "handle_claim" && scope === "account")
    return {
      level: "red",
      code: `identity_${code}`,
      text: `The server names a handle for ${who} that its key log gives to somebody else, or to nobody. Somebody may be posing as another person. The handle was not believed, and nothing is sent to chats with ${who}. Ask, by another way, who is writing to you.`,
    }
  if (scope === "own") return { level: "red", code: `own_${code}`, text: ownText }
  return {
    level: "red",
    code: `identity_${code}`,
    text: `The server shows keys for ${who} that do not follow from what was known or are not ${who}'s. Nothing of it was believed, and nothing is sent to chats with ${who}. Compare safety numbers in person.`,
  }
}

const forkCodes: readonly KeylogErrorCode[] = ["tree_fork", "tree_smaller", "tree_consistency"]
const forkText =
  "The server's key log contradicts what it showed this device before: it may be showing different people different keys. Nothing is sent any more. Export the evidence, and compare safety numbers with your contacts in person."
const logText =
  "The server's key log was checked and is wrong. Nothing of it was believed, and nothing is sent any more. Export the evidence, and ask whoever runs the server."
const ownText =
  "The server shows keys for your own account that this device did not make and that do not follow from its own. Nothing is sent any more. Tell your contacts by another way, and export the evidence."
const lateText = "The key log has no fresh statement of its witnesses. No new keys are accepted until it has; your chats go on."
const warnTexts: Readonly<Partial<Record<KeylogErrorCode, string>>> = {
  epoch_future:
    "The server's key log is dated more than a month ahead of this device's clock: one of the two clocks is wrong. Compare the time of this device with another clock. No new keys are accepted until they agree; your chats go on.",
  audit_missing: "No auditor has confirmed the key log lately. No new keys are accepted until one has; your chats go on.",
}
