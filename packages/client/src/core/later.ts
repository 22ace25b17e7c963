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

/** A pause that doubles with every failure in a row, from the second on. */
export function doubledMs(failures: number, pause: { readonly firstMs: number; readonly lastMs: number }): number {
  return Math.min(pause.lastMs, pause.firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30))
}
