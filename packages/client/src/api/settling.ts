// Whether there is nothing left to wait for: everything that was announced is taken in, everything that may be sent is sent.

import type { OwnDevice } from "../core/own-device.ts"
import { pause } from "../core/pause.ts"
import type { Clock, Timers } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import type { Reading } from "../receiving/reading.ts"
import { readerOf } from "../store/reader.ts"
import { countUnsettled } from "../store/unsettled.ts"

const pollMs = 25

export interface SettlingParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly own: Pick<OwnDevice, "accountId">
  readonly transactions: Transactions
  readonly reading: Pick<Reading, "caughtUp" | "hasUndecided">
  /** Whether the account was deleted. */
  isOver(): boolean
  isClosed(): boolean
}

/** Waits until nothing is left, at most this long. False when something is, or the device was closed. */
export async function settled(parts: SettlingParts, timeoutMs: number): Promise<boolean> {
  const endMs = parts.clock.nowMs() + timeoutMs
  for (;;) {
    if (parts.isClosed()) return false
    await parts.transactions.idle()
    if (await isSettled(parts)) return true
    if (parts.clock.nowMs() >= endMs) return false
    await pause(parts.timers, pollMs)
  }
}

async function isSettled({ own, transactions, reading, isOver }: SettlingParts): Promise<boolean> {
  if (isOver()) return true
  if (!reading.caughtUp || (await reading.hasUndecided())) return false
  return (await countUnsettled(readerOf(transactions.database), own.accountId)) === 0
}
