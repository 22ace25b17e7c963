// Tells the person when the key log could not be checked for long. What passes in a moment is not told.

import { KeylogError, type KeylogErrorCode } from "@nodoor/keylog"
import type { Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transactions } from "../../core/transaction.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { logTexts } from "../../texts/en.ts"
import { alarmOf } from "../alarm/failed-check.ts"

/** A log that cannot be checked for this long is told; for a day, louder. */
const tellAfterMs = 3_600_000
const staleAfterMs = 86_400_000
/** Statements of witnesses and auditors come moments after what they are about. When they are missing for this long, it is told. */
export const missingAfterMs = 600_000
/** What has lasted already, or does not go away by itself. */
const tellAtOnce: readonly KeylogErrorCode[] = ["witness_stale", "epoch_future"]

export interface LogTroubleParts {
  readonly transactions: Transactions
  readonly keyLog: { readonly stored: { readonly checkedMs: number } | undefined }
  readonly random: Random
  readonly clock: Clock
  fault(error: unknown): void
}

export class LogTrouble {
  readonly #parts: LogTroubleParts
  #sinceMs: number | undefined

  constructor(parts: LogTroubleParts) {
    this.#parts = parts
  }

  /** The log was checked. */
  over(): void {
    this.#sinceMs = undefined
  }

  /** A look failed. An error that no server or network can cause is a fault. */
  async failed(error: unknown): Promise<void> {
    const { clock, keyLog } = this.#parts
    const known =
      error instanceof ClientError || error instanceof NetworkError || error instanceof WireError || error instanceof KeylogError
    if (!known) return this.#parts.fault(error)
    const nowMs = clock.nowMs()
    this.#sinceMs ??= nowMs
    const cause = error instanceof ClientError && error.cause instanceof KeylogError ? error.cause.code : undefined
    const warning = cause && alarmOf(cause, "log", "")
    if (cause && warning?.level === "warn") {
      const lasting = tellAtOnce.includes(cause) || nowMs - this.#sinceMs > missingAfterMs
      if (lasting) await this.#tell(warning.code, warning.text)
      return
    }
    const staleMs = nowMs - Math.min(this.#sinceMs, keyLog.stored?.checkedMs ?? nowMs)
    if (staleMs > staleAfterMs) await this.#tell("log_stale", logTexts.stale)
    else if (nowMs - this.#sinceMs > tellAfterMs) await this.#tell("log_unavailable", logTexts.unavailable)
  }

  async #tell(code: string, text: string): Promise<void> {
    const { transactions, random, clock, fault } = this.#parts
    await transactions
      .run(async (tx) => void (await raiseAlarmOnce(tx, random, { level: "warn", code, text, atMs: clock.nowMs() })))
      .catch((error: unknown) => fault(error))
  }
}
