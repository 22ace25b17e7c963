// How far the device has come with what waited for it at the server.

import type { CatchUp } from "./connection-status.ts"

/** Less is there before anybody could read about it. */
const worthTelling = 200

export class CatchingUp {
  #taken = 0
  #total = 0
  #toldPercent = -1

  /** So many more records wait. */
  expect(records: number): void {
    this.#total += Math.max(records, 0)
  }

  taken(records: number): void {
    this.#taken += records
  }

  /** Something to tell, at most once for each hundredth. */
  news(): CatchUp | undefined {
    if (this.#total < worthTelling) return undefined
    const taken = Math.min(this.#taken, this.#total)
    const percent = Math.floor((100 * taken) / this.#total)
    if (percent === this.#toldPercent) return undefined
    this.#toldPercent = percent
    return { taken, total: this.#total }
  }
}
