// Time as the machine has it. A simulation hands in its own.

import type { Timer } from "./ports.ts"

export const systemTimer: Timer = (afterMs, run) => {
  const timer = setTimeout(run, afterMs)
  return () => clearTimeout(timer)
}
