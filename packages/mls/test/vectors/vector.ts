// What one kind of MLS vector file is.

import type { Entry } from "@nodoor/bytes/vectors"
import type { CryptoProvider } from "../../src/provider/provider.ts"

/** One kind of vector file. */
export interface VectorFormat {
  readonly name: string
  /** Keys that an entry of this kind, and of no other, has. */
  readonly keys: readonly string[]
  /** Checks one entry; throws for a vector that does not hold. */
  run(entry: Entry, crypto: CryptoProvider): void
}
