// Waiting inside a call that is under way. What is to happen after the call is a job.

import type { Timers } from "./ports.ts"

export function pause(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => timers.after(delayMs, resolve))
}
