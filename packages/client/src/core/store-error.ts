// What goes wrong with the store itself, told apart: what passes (no room, another program at it, a disk that fails for now) and damage.
// Who meets the first keeps everything and tries again; nothing helps against the second but another copy.

export type StoreErrorCode = "store_full" | "store_busy" | "store_failing" | "store_damaged"

/** Thrown by the `Database` port. A commit that rejects with it has written nothing. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, options: { readonly cause?: unknown } = {}) {
    super(code, { cause: options.cause })
    this.name = "StoreError"
    this.code = code
  }

  /** Whether the store can work again by itself. */
  get passes(): boolean {
    return this.code !== "store_damaged"
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) by what they mean here. All others are bugs of ours. */
const meanings: Readonly<Record<number, StoreErrorCode>> = {
  5: "store_busy", // BUSY
  6: "store_busy", // LOCKED
  7: "store_failing", // NOMEM
  8: "store_failing", // READONLY: a file system that was mounted again after an error
  10: "store_failing", // IOERR
  11: "store_damaged", // CORRUPT
  13: "store_full", // FULL
  14: "store_failing", // CANTOPEN
  15: "store_busy", // PROTOCOL: locks
  26: "store_damaged", // NOTADB
}

/** `resultCode`: SQLite's, primary or extended. Undefined for what says nothing of the store. */
export function storeErrorOf(resultCode: number, cause: unknown): StoreError | undefined {
  const code = meanings[resultCode & 0xff]
  return code && new StoreError(code, { cause })
}

/** For work that may fail for other reasons: a store that fails is not one of them. */
export function unlessStore(error: unknown): undefined {
  if (error instanceof StoreError) throw error
  return undefined
}
