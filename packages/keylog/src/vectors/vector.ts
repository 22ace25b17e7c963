// What one kind of log vector is.

import type { Entry } from "@nodoor/bytes/vectors"
import type { LogCrypto } from "../core/crypto.ts"

/** One kind of vector: what its entries hold, and the checks in one of them, each by a name. */
export interface VectorFormat {
  readonly name: string
  /** Whether the entry is of this kind. */
  recognises(entry: Entry): boolean
  /** The checks of one entry; each throws if it does not hold. */
  checks(entry: Entry, crypto: LogCrypto): Check[]
}

export interface Check {
  readonly name: string
  run(): void
}
