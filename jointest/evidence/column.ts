// What one column said about each subject, night after night.

import { nightCount } from "../population/step.ts"

/** Different numbers of one subject that are remembered. */
const numbersMax = 48

export class Column {
  /** Where a subject stands in what follows. Most columns know few of all subjects. */
  readonly #places = new Map<number, number>()
  /** By place and night: a hash of all values of the night, whatever their order; 0 where there is no row. */
  #hashes = new Int32Array(0)
  /** The largest number of the night, NaN without one. */
  #numbers = new Float64Array(0)
  /** By subject: every number that ever stood there. */
  readonly #all: (number[] | undefined)[] = []

  note(subject: number, night: number, hash: number, value: number | undefined): void {
    const at = this.#placeOf(subject) * nightCount + night
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
    const place = this.#places.get(subject)
    if (place === undefined) return nightCount
    for (let night = 0; night < nightCount; night++) if (this.#hashes[place * nightCount + night] !== 0) return night
    return nightCount
  }

  first(subject: number): number {
    return this.#numbersOf(subject).find((value) => !Number.isNaN(value)) ?? Number.NaN
  }

  last(subject: number): number {
    return this.#numbersOf(subject).findLast((value) => !Number.isNaN(value)) ?? Number.NaN
  }

  numbers(subject: number): readonly number[] {
    return this.#all[subject] ?? []
  }

  #numbersOf(subject: number): Float64Array {
    const place = this.#places.get(subject)
    return place === undefined ? new Float64Array(0) : this.#numbers.subarray(place * nightCount, (place + 1) * nightCount)
  }

  #mask(subject: number, has: (at: number) => boolean): number {
    const place = this.#places.get(subject)
    if (place === undefined) return 0
    let mask = 0
    for (let night = 0; night < nightCount; night++) if (has(place * nightCount + night)) mask |= 1 << night
    return mask
  }

  #placeOf(subject: number): number {
    const known = this.#places.get(subject)
    if (known !== undefined) return known
    const place = this.#places.size
    this.#places.set(subject, place)
    if ((place + 1) * nightCount > this.#hashes.length) this.#grow(Math.max(8, 2 * place))
    return place
  }

  #grow(places: number): void {
    const [hashes, numbers] = [new Int32Array(places * nightCount), new Float64Array(places * nightCount)]
    hashes.set(this.#hashes)
    numbers.set(this.#numbers)
    numbers.fill(Number.NaN, this.#numbers.length)
    ;[this.#hashes, this.#numbers] = [hashes, numbers]
  }
}
