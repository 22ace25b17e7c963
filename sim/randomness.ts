// One seeded source for everything that is left to chance: keys, delays, faults, what people do.

export interface Chance {
  /** A number in [0, 1). */
  next(): number
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number
  /** True with this probability. */
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T | undefined
  bytes(sizeBytes: number): Uint8Array
}

/** sfc32: fast, small, and the same on every machine. Not for secrets, only to replay. */
export function seededChance(seed: number): Chance {
  let [a, b, c, d] = [seed >>> 0, (seed ^ 0x9e3779b9) >>> 0, 0x243f6a88, 1]
  const word = (): number => {
    const sum = (((a + b) >>> 0) + d) >>> 0
    d = (d + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + ((c << 3) >>> 0)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < 16; i++) word()
  const next = (): number => word() / 2 ** 32
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    happens: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)],
    bytes: (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => word() & 0xff),
  }
}
