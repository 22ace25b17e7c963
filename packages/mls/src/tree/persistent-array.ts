// A sparse array that is copied when it changes, sharing all but one path of 32-entry blocks. A message changes one ratchet of a
// group; the old state must stay whole, and the cost must not grow with the group.

const bits = 5
const width = 1 << bits
const mask = width - 1

type Block<T> = readonly (Block<T> | T | undefined)[]

export class PersistentArray<T> {
  readonly #root: Block<T> | undefined
  readonly #depth: number
  private constructor(root: Block<T> | undefined, depth: number) {
    this.#root = root
    this.#depth = depth
  }

  /** An empty array for indices below `capacity`. */
  static empty<T>(capacity: number): PersistentArray<T> {
    let depth = 1
    while (width ** depth < capacity) depth++
    return new PersistentArray<T>(undefined, depth)
  }

  get(index: number): T | undefined {
    let block = this.#root
    for (let shift = bits * (this.#depth - 1); shift > 0; shift -= bits) {
      if (block === undefined) return undefined
      block = block[(index >>> shift) & mask] as Block<T> | undefined
    }
    return block?.[index & mask] as T | undefined
  }

  /** This array with `value` (undefined: nothing) at `index`. */
  with(index: number, value: T | undefined): PersistentArray<T> {
    const place = (block: Block<T> | undefined, shift: number): Block<T> => {
      const copy: (Block<T> | T | undefined)[] = block === undefined ? new Array<undefined>(width).fill(undefined) : [...block]
      const slot = (index >>> shift) & mask
      copy[slot] = shift === 0 ? value : place(copy[slot] as Block<T> | undefined, shift - bits)
      return copy
    }
    return new PersistentArray<T>(place(this.#root, bits * (this.#depth - 1)), this.#depth)
  }

  /** All present entries, by index. */
  *entries(): Generator<[number, T]> {
    function* walk(block: Block<T> | undefined, shift: number, base: number): Generator<[number, T]> {
      if (block === undefined) return
      for (let slot = 0; slot < width; slot++) {
        const entry = block[slot]
        if (entry === undefined) continue
        const index = base + slot * 2 ** shift
        if (shift === 0) yield [index, entry as T]
        else yield* walk(entry as Block<T>, shift - bits, index)
      }
    }
    yield* walk(this.#root, bits * (this.#depth - 1), 0)
  }
}
