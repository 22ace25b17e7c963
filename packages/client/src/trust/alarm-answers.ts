// What a person does about alarms: reads them, takes their evidence along, goes on.

import { fromUtf8, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { EvidenceFile, LogStatusView } from "./log/log-view.ts"
import { ClientError } from "../core/client-error.ts"
import type { Kernel } from "../core/kernel.ts"
import type { Reader } from "../store/reader.ts"
import { evidenceKind } from "./alarm/evidence.ts"
import { deviceStop, goOn, stopsDevice } from "./alarm/sending-stop.ts"
import { accountTexts, noticeTexts } from "../texts/en.ts"

export class AlarmAnswers {
  readonly #kernel: Kernel
  readonly #reader: Reader

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#reader = { read: (sql, ...values) => kernel.transactions.database.read(sql, values) }
  }

  /**
   * What the alarm stopped goes on only if the log, asked again, holds.
   * @throws ClientError `not_found`, `not_allowed` for an unknown device of the own account; as `KeyLog.search`
   */
  async acknowledge(alarmId: Uint8Array): Promise<void> {
    const { transactions, trust, watch, clock } = this.#kernel
    const [alarm] = await this.#reader.read("SELECT code FROM alarm WHERE id = ?", alarmId)
    if (!alarm) throw new ClientError("not_found", noticeTexts.noAlarm)
    const code = String(alarm["code"])
    if (code === "own_device_unknown" && (await watch.account.acknowledgeChange())) return
    if (code === "own_device_unknown" || code === "own_account_replaced") throw new ClientError("not_allowed", accountTexts.removeOrConfirm)
    if (code === "own_account_ended") return await watch.account.acknowledgeEnd()
    if (await stopsDevice(this.#reader, alarmId)) await watch.account.look()
    const distrusted = await this.#reader.read("SELECT account_id FROM distrust WHERE alarm_id = ?", alarmId)
    for (const row of distrusted) await trust.refresh({ accountId: row["account_id"] as AccountId })
    await transactions.run(async (tx) => {
      tx.write("UPDATE alarm SET acknowledged_ms = ? WHERE id = ?", clock.nowMs(), alarmId)
      await goOn(tx, alarmId)
      const groups = await tx.read("SELECT DISTINCT group_id FROM outbox")
      tx.after(() => {
        for (const row of groups) this.#kernel.kick(row["group_id"] as Uint8Array)
      })
    })
  }

  /** @throws ClientError `not_found` */
  async evidence(alarmId: Uint8Array): Promise<EvidenceFile> {
    const [row] = await this.#reader.read("SELECT code, evidence FROM alarm WHERE id = ?", alarmId)
    if (!(row?.["evidence"] instanceof Uint8Array)) throw new ClientError("not_found", noticeTexts.noEvidence)
    const text = fromUtf8(row["evidence"])
    const kind = evidenceKind(text)
    const name = `nodoor-${String(row["code"]).replaceAll("_", "-")}-${toHex(alarmId).slice(0, 8)}.${kind === "proof" ? "txt" : "json"}`
    return { name, kind, text }
  }

  async logStatus(): Promise<LogStatusView> {
    const { keyLog } = this.#kernel
    const stored = keyLog.stored
    const pin = keyLog.pin()
    const stop = await deviceStop(this.#reader)
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
