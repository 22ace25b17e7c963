// A store that fails, as far as the connection is concerned: nothing is asked for and nothing sent whose outcome could not be stored. The
// server keeps what it holds, and everything goes on from the cursor once the store works again.

import { type Backoff, doubledMs } from "../core/backoff.ts"
import type { Database } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { probeStore } from "../store/probe.ts"

/** A store that fails is tried again soon: no server is burdened by it. */
const pause: Backoff = { firstMs: 500, lastMs: 20_000 }

export class StoreTrouble {
  readonly #database: Database
  #error: StoreError | undefined
  #failures = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** Set while the store takes nothing in. */
  get error(): StoreError | undefined {
    return this.#error
  }

  /** Returns after how long to try again. */
  begin(error: StoreError): number {
    this.#error = error
    return doubledMs(++this.#failures, pause)
  }

  /** Something was stored. */
  worked(): void {
    this.#failures = 0
  }

  /** Returns what still fails: then the trouble goes on. */
  async probe(): Promise<StoreError | undefined> {
    try {
      await probeStore(this.#database)
      this.#error = undefined
      return undefined
    } catch (error) {
      if (error instanceof StoreError) return error
      throw error
    }
  }
}
