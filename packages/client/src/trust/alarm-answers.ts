// What a person does about alarms: acknowledges them, exports their evidence, sees how the log stands.

import { fromUtf8, toHex } from "@nodoor/bytes"
import type { EvidenceFile, LogStatusView } from "./log/log-view.ts"
import { ClientError } from "../core/client-error.ts"
import type { Clock } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import type { KeyLog } from "./log/key-log.ts"
import type { Trust } from "./trust.ts"
import type { Watch } from "./watch.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import { evidenceKind } from "./alarm/evidence.ts"
import { resumeSending } from "./alarm/sending-stop.ts"
import { accountTexts, noticeTexts } from "../texts/en.ts"
import { acknowledgeAlarm, findAlarm, findEvidence } from "../store/trust/alarms.ts"
import { findSendingStop, isSendingStopOf, listDistrustedBy } from "../store/trust/distrust.ts"
import { listGroupsWithItems } from "../store/group/account-groups.ts"

export interface AnswerParts {
  readonly clock: Clock
  readonly transactions: Pick<Transactions, "run" | "database">
  readonly trust: Pick<Trust, "refresh">
  readonly keyLog: Pick<KeyLog, "stored" | "pin">
  readonly watch: Pick<Watch, "account">
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
}

export class AlarmAnswers {
  readonly #parts: AnswerParts
  readonly #reader: Reader

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.#reader = readerOf(parts.transactions.database)
  }

  /**
   * What the alarm stopped goes on only if the log, asked again, holds.
   * @throws ClientError `not_found`, `not_allowed` for an unknown device of the own account; as `KeyLog.search`
   */
  async acknowledge(alarmId: Uint8Array): Promise<void> {
    const { transactions, trust, watch, clock } = this.#parts
    const alarm = await findAlarm(this.#reader, alarmId)
    if (!alarm) throw new ClientError("not_found", noticeTexts.noAlarm)
    const { code } = alarm
    if (code === "own_device_unknown" && (await watch.account.acknowledgeChange())) return
    if (code === "own_device_unknown" || code === "own_account_replaced") throw new ClientError("not_allowed", accountTexts.removeOrConfirm)
    // It stays removed; the person has read it.
    if (code === "own_device_removed") return await transactions.run(async (tx) => acknowledgeAlarm(tx, alarmId, clock.nowMs()))
    if (code === "own_account_ended") return await watch.account.acknowledgeEnd()
    if (await isSendingStopOf(this.#reader, alarmId)) await watch.account.look()
    for (const accountId of await listDistrustedBy(this.#reader, alarmId)) await trust.refresh({ accountId })
    await transactions.run(async (tx) => {
      acknowledgeAlarm(tx, alarmId, clock.nowMs())
      await resumeSending(tx, alarmId)
      const groups = await listGroupsWithItems(tx)
      tx.after(() => {
        for (const groupId of groups) this.#parts.kick(groupId)
      })
    })
  }

  /** @throws ClientError `not_found` */
  async evidence(alarmId: Uint8Array): Promise<EvidenceFile> {
    const alarm = await findAlarm(this.#reader, alarmId)
    const file = await findEvidence(this.#reader, alarmId)
    if (alarm === undefined || file === undefined) throw new ClientError("not_found", noticeTexts.noEvidence)
    const text = fromUtf8(file)
    const kind = evidenceKind(text)
    const name = `nodoor-${alarm.code.replaceAll("_", "-")}-${toHex(alarmId).slice(0, 8)}.${kind === "record" ? "json" : "txt"}`
    return { name, kind, text }
  }

  async logStatus(): Promise<LogStatusView> {
    const { keyLog } = this.#parts
    const stored = keyLog.stored
    const pin = keyLog.pin()
    const stop = await findSendingStop(this.#reader)
    return {
      tier: stored === undefined ? "unknown" : stored.tier === "witnessed" ? "witnessed" : "not_independently_witnessed",
      pin: pin && toHex(pin.configHash),
      size: stored?.head.size,
      epochAtMs: stored?.head.epochTimeMs,
      checkedAtMs: stored?.checkedMs,
      witnesses: stored?.witnesses ?? [],
      auditors: stored?.auditors ?? [],
      stopped: stop && { code: stop.code, alarmId: toHex(stop.alarmId) },
    }
  }
}
