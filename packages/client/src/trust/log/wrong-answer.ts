// What follows when an answer of the log fails a check: an alarm with its evidence, and nothing is sent where it matters.

import { equal } from "@nodoor/bytes"
import type { AccountId, HeadState, KeylogError } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transactions } from "../../core/transaction.ts"
import { readerOf } from "../../store/reader.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { identityTexts, logTexts } from "../../texts/en.ts"
import { evidenceOf } from "../alarm/evidence.ts"
import { type Scope, alarmOf, isAboutAccount, tokenKeyAlarm } from "../alarm/failed-check.ts"
import { stopSending } from "../alarm/sending-stop.ts"
import { calledInWords } from "../name/called.ts"
import { unavailable } from "./log-answer.ts"

/**
 * Whom an answer is about. `stranger`: the unknown account behind a handle. `several`: no alarm is raised, and each account has to be looked up
 * alone. `everybody`: no account, but what all devices look up alike.
 */
export type SearchSubject = AccountId | "stranger" | "several" | "everybody"

export interface WrongAnswerParts {
  readonly transactions: Transactions
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly own: Pick<OwnDevice, "accountId" | "origin">
}

export interface ShownAnswer {
  readonly config: Uint8Array
  readonly request: Uint8Array
  readonly response: Uint8Array
  readonly subject: SearchSubject
  /** A key for tokens that the server gave. */
  readonly given?: Uint8Array | undefined
  /** The head that this device had before. */
  readonly stored: HeadState | undefined
}

/** Returns the error for the caller. Nothing of the answer was stored. */
export async function refuseAnswer(parts: WrongAnswerParts, cause: KeylogError, shown: ShownAnswer): Promise<ClientError> {
  const { transactions, random, clock, crypto, own } = parts
  const { code } = cause
  const subject = typeof shown.subject === "string" ? undefined : shown.subject
  const atMs = clock.nowMs()
  const aboutAccount = shown.subject !== "everybody" && isAboutAccount(code)
  if (aboutAccount && shown.subject === "several") return new ClientError("identity_untrusted", identityTexts.oneOfSeveral, { cause })
  const isOwn = subject !== undefined && equal(subject, own.accountId)
  const scope: Scope = !aboutAccount ? "log" : isOwn ? "own" : "account"
  const alarm = alarmOf(code, scope, await calledInWords(readerOf(transactions.database), subject, identityTexts.thisPerson))
  if (!alarm) return unavailable(logTexts.unreadable, cause)
  // True as far as it goes, and mostly over in a moment: the watch tells of what lasts.
  if (alarm.level !== "red") return new ClientError("log_unavailable", alarm.text, { cause })
  const evidence = evidenceOf(crypto, { ...shown, code, atMs, origin: own.origin })
  const accountId = scope === "account" ? subject : undefined
  await transactions.run(async (tx) => {
    const id = await raiseAlarmOnce(tx, random, { ...alarm, accountId, atMs, evidence })
    if (alarm.code === tokenKeyAlarm) return
    if (scope !== "account" || accountId) await stopSending(tx, { accountId, code: alarm.code, alarmId: id })
  })
  return new ClientError(scope === "log" ? "log_untrusted" : "identity_untrusted", alarm.text, { cause })
}
