// What a failed check means: whom it is about, how loud its alarm is, and which text it has. "Could not check" and "checked and wrong" never
// look alike.

import { type KeylogErrorCode, alarmLevel } from "@nodoor/keylog"
import type { AlarmView } from "../../store/trust/alarm-view.ts"
import { identityTexts, logTexts, tokenKeyTexts } from "../../texts/en.ts"

/** The alarm of a key for tokens that is not the log's. It stops no chat: nothing is drawn with such a key, and no token is shown. */
export const tokenKeyAlarm = "token_key_differs"

/**
 * - `log`: the log as a whole lies; all sending stops.
 * - `account`: what the log or the server shows of one account is wrong; nothing is sent to chats with it.
 * - `own`: the same of this device's own account; all sending stops.
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
  if (level === "warn") return { level: "warn", code: `log_${code}`, text: warnTexts[code] ?? logTexts.late }
  if (code === "token_key_differs") return { level: "red", code: tokenKeyAlarm, text: tokenKeyTexts.differs }
  if (scope === "log") return { level: "red", code: `log_${code}`, text: forkCodes.includes(code) ? logTexts.forked : logTexts.wrong }
  if (code === "handle_claim" && scope === "account")
    return {
      level: "red",
      code: `identity_${code}`,
      text: identityTexts.handle(who),
    }
  if (scope === "own") return { level: "red", code: `own_${code}`, text: identityTexts.own }
  return {
    level: "red",
    code: `identity_${code}`,
    text: identityTexts.wrong(who),
  }
}

const forkCodes: readonly KeylogErrorCode[] = ["tree_fork", "tree_smaller", "tree_consistency"]
const warnTexts: Readonly<Partial<Record<KeylogErrorCode, string>>> = {
  epoch_future: logTexts.epochFuture,
  audit_missing: logTexts.auditMissing,
}
