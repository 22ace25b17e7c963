// Indices that were proven once. Proving one again takes milliseconds of arithmetic, remembering it 32 bytes.

import { toHex } from "@nodoor/bytes"
import { vrfInput } from "../map/commitment.ts"
import type { IndexReader, LearnedIndex } from "./search-verify.ts"

/** Bounded; the least recently used go first. Filled only with what `verifySearch` returned as learned. */
export class IndexCache implements IndexReader {
  readonly #byInput = new Map<string, Uint8Array>()
  readonly #maxEntries: number

  constructor({ maxEntries }: { readonly maxEntries: number }) {
    this.#maxEntries = maxEntries
  }

  get entryCount(): number {
    return this.#byInput.size
  }

  get(label: Uint8Array, version: number): Uint8Array | undefined {
    const key = toHex(vrfInput(label, version))
    const index = this.#byInput.get(key)
    if (!index) return undefined
    this.#byInput.delete(key)
    this.#byInput.set(key, index)
    return index
  }

  add(learned: readonly LearnedIndex[]): void {
    for (const { label, version, index } of learned) this.#byInput.set(toHex(vrfInput(label, version)), index)
    for (const key of this.#byInput.keys()) {
      if (this.#byInput.size <= this.#maxEntries) break
      this.#byInput.delete(key)
    }
  }
}
