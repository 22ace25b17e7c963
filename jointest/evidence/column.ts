// What one column said about each subject, night after night.

import { nightCount } from "../population/step.ts"

/** Different numbers of one subject that are remembered. */
const numbersMax = 48

export class Column {
  /** By subject and night: a hash of all values of the night, whatever their order; 0 where there is no row. */
  #hashes = new Int32Array(0)
  /** The largest number of the night, NaN without one. */
  #numbers = new Float64Array(0)
  /** By subject: every number that ever stood there. */
  readonly #all: (number[] | undefined)[] = []

  note(subject: number, night: number, hash: number, value: number | undefined): void {
    const at = subject * nightCount + night
    if (at >= this.#hashes.length) this.#grow(at + 1)
    // Never 0 for a row that is there.
    this.#hashes[at] = ((this.#hashes[at] as number) + (hash | 1)) | 0 || 1
    if (value === undefined) return
    if (!(value <= (this.#numbers[at] as number))) this.#numbers[at] = value
    const all = (this.#all[subject] ??= [])
    if (all.at(-1) !== value && all.length < numbersMax && !all.includes(value)) all.push(value)
  }

  /** One bit for each night on which there is a row. */
  existing(subject: number): number {
    return this.#mask(subject, (at) => this.#hashes[at] !== 0)
  }

  /** One bit for each night that differs from the night before. */
  changes(subject: number): number {
    return this.#mask(subject, (at) => at % nightCount > 0 && this.#hashes[at] !== this.#hashes[at - 1])
  }

  /** The first night with a row, or `nightCount`. */
  firstNight(subject: number): number {
    for (let night = 0; night < nightCount; night++) if ((this.#hashes[subject * nightCount + night] ?? 0) !== 0) return night
    return nightCount
  }

  first(subject: number): number {
    for (let night = 0; night < nightCount; night++) if (!Number.isNaN(this.#at(subject, night))) return this.#at(subject, night)
    return Number.NaN
  }

  last(subject: number): number {
    for (let night = nightCount - 1; night >= 0; night--) if (!Number.isNaN(this.#at(subject, night))) return this.#at(subject, night)
    return Number.NaN
  }

  numbers(subject: number): readonly number[] {
    return this.#all[subject] ?? []
  }

  #at(subject: number, night: number): number {
    return this.#numbers[subject * nightCount + night] ?? Number.NaN
  }

  #mask(subject: number, has: (at: number) => boolean): number {
    let mask = 0
    const from = subject * nightCount
    if (from >= this.#hashes.length) return 0
    for (let night = 0; night < nightCount; night++) if (has(from + night)) mask |= 1 << night
    return mask
  }

  #grow(least: number): void {
    const size = Math.ceil(Math.max(least, 64 * nightCount, this.#hashes.length * 2) / nightCount) * nightCount
    const [hashes, numbers] = [new Int32Array(size), new Float64Array(size).fill(Number.NaN)]
    hashes.set(this.#hashes)
    numbers.set(this.#numbers)
    ;[this.#hashes, this.#numbers] = [hashes, numbers]
  }
}
