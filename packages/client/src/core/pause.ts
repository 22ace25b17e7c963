// Waiting inside a running call. Work that happens after the call is a job.

import type { Timers } from "./ports.ts"

export function pause(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => timers.after(delayMs, resolve))
}

/** Waits for what is under way, but no longer than this. */
export async function waitAtMost(timers: Timers, delayMs: number, work: Promise<unknown>): Promise<void> {
  let cancel = (): void => {}
  const late = new Promise<void>((resolve) => (cancel = timers.after(delayMs, resolve)))
  await Promise.race([work, late])
  cancel()
}
