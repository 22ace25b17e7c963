// A failing store, as the connection sees it. Nothing is fetched or sent while its outcome could not be stored. The server keeps the records, and
// everything continues from the cursor when the store works again.

import { type Backoff, doubledMs } from "../core/backoff.ts"
import type { Database } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { probeStore } from "../store/probe.ts"

/** The store is tried again soon, because this costs the server nothing. */
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

  /** Returns how long to wait before the next attempt. */
  begin(error: StoreError): number {
    this.#error = error
    return doubledMs(++this.#failures, pause)
  }

  /** Something was stored. */
  worked(): void {
    this.#failures = 0
  }

  /** Returns the error if the store still fails. */
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
