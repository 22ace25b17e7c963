// What the rules of a log work with.

import type { Clock, Log } from "../../core/ports.ts"
import type { Groups } from "./groups.ts"
import type { Journal } from "./journal.ts"
import type { DeliveryRates } from "./rate.ts"
import type { Rejoins } from "./rejoins.ts"

export interface LogParts {
  readonly groups: Groups
  readonly journal: Journal
  readonly rejoins: Rejoins
  readonly clock: Clock
  readonly log: Log
  readonly rates: DeliveryRates
  /** Most that may wait in one group's log, bytes. */
  readonly groupMaxBytes: number
}

const hourMs = 3_600_000

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / hourMs)
}

/** What may wait for the disk before new items are told to come back. */
const queueMax = 100_000
const queueBytesMax = 64 * 1024 * 1024

export function isBusy({ journal }: LogParts): boolean {
  const { entries, bytes } = journal.waiting
  return entries >= queueMax || bytes >= queueBytesMax
}
