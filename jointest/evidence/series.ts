// What one column said about one subject, night after night.

import { nightCount } from "../population/step.ts"

export class Series {
  /** A hash of all values of the night, whatever their order; 0 where there is no row. */
  readonly hashes: Int32Array = new Int32Array(nightCount)
  /** The largest number of the night, NaN without one. */
  readonly numbers: Float64Array = new Float64Array(nightCount).fill(Number.NaN)

  note(night: number, hash: number, value: number | undefined): void {
    // Never 0 for a row that is there.
    this.hashes[night] = ((this.hashes[night] ?? 0) + (hash | 1)) | 0 || 1
    if (value !== undefined && !(value <= (this.numbers[night] ?? Number.NaN))) this.numbers[night] = value
  }

  /** One bit for each night on which there is a row. */
  existing(): number {
    return this.#mask((night) => this.hashes[night] !== 0)
  }

  /** One bit for each night that differs from the night before. */
  changes(): number {
    return this.#mask((night) => night > 0 && this.hashes[night] !== this.hashes[night - 1])
  }

  first(): number {
    return this.numbers.find((value) => !Number.isNaN(value)) ?? Number.NaN
  }

  last(): number {
    return this.numbers.findLast((value) => !Number.isNaN(value)) ?? Number.NaN
  }

  #mask(has: (night: number) => boolean): number {
    let mask = 0
    for (let night = 0; night < nightCount; night++) if (has(night)) mask |= 1 << night
    return mask
  }
}
