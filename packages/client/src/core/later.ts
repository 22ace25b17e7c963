// One thing to do later. Setting it again takes the place of what was set before, so that there is never a second one under way.

import type { Timers } from "./ports.ts"

export class Later {
  readonly #timers: Timers
  #cancel: (() => void) | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  set(delayMs: number, run: () => void): void {
    this.cancel()
    this.#cancel = this.#timers.after(delayMs, run)
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
