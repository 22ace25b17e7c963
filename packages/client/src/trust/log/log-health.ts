// Whether the log goes on as it must, and whether this device's clock can tell (docs/transparency.md, "A log that stands still"). An
// operator chooses the times that epochs state and the time that the server says it is; how long this device has looked at one and the same
// head is for nobody to choose.

import { type HeadState, clockSkewMs } from "@nodoor/keylog"
import type { Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Reader } from "../../store/reader.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { logTexts } from "../../texts/en.ts"
import { findLogHealth, saveLook, saveStillSince } from "../../store/trust/log-health.ts"

export interface HealthParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: { readonly stored: { readonly head: HeadState } | undefined; ageMs(): Promise<number> }
  readonly random: Random
  readonly clock: Clock
}

const hourMs = 3_600_000
/** A log has an epoch every day (docs/protocol.md); two hours for those who look after it. */
const stillAfterMs = 26 * hourMs
/** From then on no new keys are let in. */
export const closedAfterMs: number = 72 * hourMs
/** Two looks count as one stretch up to this long: a clock that jumps, or a device that slept, makes no old log by itself. */
const stretchMs = 12 * hourMs
/** What has been still for less than this when it was looked at may be a server that has just come back. */
const lastsMs = 600_000

/** The log's answer was valid. Part of the transaction that stores the answer. */
export async function noteLook(tx: Transaction, { size, nowMs }: { readonly size: number; readonly nowMs: number }): Promise<void> {
  const before = await findLogHealth(tx)
  const same = before?.size === size
  const sinceMs = same ? Math.min(stretchMs, Math.max(0, nowMs - before.lookedMs)) : 0
  saveLook(tx, { size, lookedMs: nowMs, watchedMs: same ? before.watchedMs + sinceMs : 0 })
}

/** How old the head is at least: by the time it states, if both clocks agree what time it is; in any case by how long it was looked at. */
export async function headAgeMs(
  reader: Reader,
  { head, nowMs, serverAheadMs }: { readonly head: HeadState; readonly nowMs: number; readonly serverAheadMs: number | undefined },
): Promise<number> {
  const health = await findLogHealth(reader)
  const byDateMs = agree(serverAheadMs) ? nowMs - head.epochTimeMs : 0
  return Math.max(byDateMs, health?.size === head.size ? health.watchedMs : 0)
}

/** Tells what is wrong with the log's age or with the clocks. */
export class LogHealth {
  readonly #parts: HealthParts

  constructor(parts: HealthParts) {
    this.#parts = parts
  }

  /** After a look at the log. Says whether it should be looked at again before long. */
  async look(): Promise<boolean> {
    const { keyLog, transactions, clock, session } = this.#parts
    const head = keyLog.stored?.head
    if (!head) return false
    const nowMs = clock.nowMs()
    const ageMs = await keyLog.ageMs()
    const isStill = ageMs > stillAfterMs
    const lasts = await transactions.run(async (tx) => {
      const health = await findLogHealth(tx)
      const sinceMs = isStill ? (health?.stillMs ?? nowMs) : undefined
      saveStillSince(tx, sinceMs)
      return sinceMs !== undefined && Math.abs(nowMs - sinceMs) >= lastsMs
    })
    if (lasts && ageMs >= closedAfterMs) await this.#tell("log_closed", logTexts.closed(ageMs))
    else if (lasts) await this.#tell("log_still", logTexts.still(ageMs))
    const aheadMs = head.epochTimeMs - nowMs
    if (aheadMs > clockSkewMs && agree(session.serverAheadMs) && (await this.#agreesNow()))
      await this.#tell("log_ahead", logTexts.ahead(aheadMs))
    return isStill
  }

  /** Compares this device's clock with the server's, which is asked once more before the person is told. @throws WireError, NetworkError */
  async compareClocks(): Promise<void> {
    const { session } = this.#parts
    if (session.serverAheadMs === undefined || agree(session.serverAheadMs)) return
    const serverAheadMs = await this.#askedAnew()
    if (serverAheadMs !== undefined && !agree(serverAheadMs))
      await this.#tell("clock_differs", logTexts.clocksDiffer(Math.abs(serverAheadMs)))
  }

  /** How far the server's clock is ahead of this device's by a new answer: since the last one either may have been set. */
  async #askedAnew(): Promise<number | undefined> {
    const { session } = this.#parts
    session.forget()
    await session.token()
    return session.serverAheadMs
  }

  /** False also when the server cannot be asked: then nobody's clock is named. */
  async #agreesNow(): Promise<boolean> {
    return agree(await this.#askedAnew().catch(() => undefined))
  }

  async #tell(code: string, text: string): Promise<void> {
    const { transactions, random, clock } = this.#parts
    await transactions.run(async (tx) => void (await raiseAlarmOnce(tx, random, { level: "warn", code, text, atMs: clock.nowMs() })))
  }
}

function agree(serverAheadMs: number | undefined): boolean {
  return serverAheadMs !== undefined && Math.abs(serverAheadMs) <= clockSkewMs
}
