// Which bodies of a group still wait, and how large they are.

export interface OrderRange {
  readonly from: number
  readonly through: number
}

export class WaitingBodies {
  /** Order of the first entry of `#sizes`. */
  #first = 1
  /** By order; 0: gone. */
  #sizes: number[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }
  get length(): number {
    return this.#sizes.length
  }
  /** The oldest that waits; undefined if none does. */
  get oldest(): number | undefined {
    return this.#sizes.length === 0 ? undefined : this.#first
  }
  get newest(): number {
    return this.#first + this.#sizes.length - 1
  }

  add(order: number, sizeBytes: number): void {
    if (this.#sizes.length === 0) this.#first = order
    while (this.newest < order - 1) this.#sizes.push(0)
    this.#sizes.push(sizeBytes)
    this.#bytes += sizeBytes
  }

  /** Whether any of them waited. */
  erase({ from, through }: OrderRange): boolean {
    let any = false
    for (let order = Math.max(from, this.#first); order <= through && order <= this.newest; order++) {
      const at = order - this.#first
      const sizeBytes = this.#sizes[at] as number
      any ||= sizeBytes > 0
      this.#bytes -= sizeBytes
      this.#sizes[at] = 0
    }
    let gone = 0
    while (gone < this.#sizes.length && this.#sizes[gone] === 0) gone++
    if (gone === 0) return any
    this.#sizes = this.#sizes.slice(gone)
    this.#first += gone
    return any
  }

  /** The oldest ones that must go so that no more than `maxBytes` wait. */
  excess(maxBytes: number): OrderRange | undefined {
    let bytes = this.#bytes
    let at = 0
    for (; bytes > maxBytes && at < this.#sizes.length; at++) bytes -= this.#sizes[at] as number
    return at === 0 ? undefined : { from: this.#first, through: this.#first + at - 1 }
  }
}
