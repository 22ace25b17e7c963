// A map of recently used entries in bounded memory. It has two generations, and drops the older one as a whole when the younger is full.
// Deleting entries one by one from a large `Map` would cost more.

/** Holds what was set or read last: at least `max` entries, at most twice as many. */
export class RecentMap<Value> {
  readonly #max: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#max && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Everything that is held, each once. */
  *values(): Generator<Value> {
    yield* this.#young.values()
    for (const [key, value] of this.#old) if (!this.#young.has(key)) yield value
  }

  /** Deletes every entry whose value fits. Looks at all of them. */
  deleteWhere(fits: (value: Value) => boolean): void {
    for (const map of [this.#young, this.#old]) for (const [key, value] of map) if (fits(value)) map.delete(key)
  }
}
