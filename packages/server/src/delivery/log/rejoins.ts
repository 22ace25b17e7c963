// Requests to be let in again that wait for another member: in memory and on no disk. A device whose store was put back asks in all its groups on
// one day, and a copy of that night's disk would have its seats side by side. A device asks again every hour and whenever it connects, so that a
// restart loses none for long.

import { limits } from "@nodoor/wire"
import { nameOf } from "./places.ts"

export interface AskedRejoin {
  readonly seat: Uint8Array
  readonly epoch: number
  /** `limits.rejoinBytes`. */
  readonly sealed: Uint8Array
  readonly atMs: number
}

/** What all of them may take: 128 MiB. */
const allMax = 16_384

export class Rejoins {
  readonly #max: number
  /** By name of the group: by name of the seat, one for each. The one with the newest request stands last. */
  readonly #groups = new Map<string, Map<string, AskedRejoin>>()
  #count = 0

  constructor(max: number = allMax) {
    this.#max = max
  }

  of(groupName: string): readonly AskedRejoin[] {
    return [...(this.#groups.get(groupName)?.values() ?? [])]
  }

  find(groupName: string, seatName: string): AskedRejoin | undefined {
    return this.#groups.get(groupName)?.get(seatName)
  }

  isFull(groupName: string): boolean {
    return (this.#groups.get(groupName)?.size ?? 0) >= limits.rejoinsPerGroup
  }

  /** Takes the place of the seat's one before. If there are too many in all, those of the group whose newest is the oldest go. */
  add(groupName: string, asked: AskedRejoin): void {
    const inGroup = this.#groups.get(groupName) ?? new Map<string, AskedRejoin>()
    const seatName = nameOf(asked.seat)
    if (!inGroup.has(seatName)) this.#count++
    inGroup.set(seatName, asked)
    this.#groups.delete(groupName)
    this.#groups.set(groupName, inGroup)
    for (const [name, { size }] of this.#groups) {
      if (this.#count <= this.#max || name === groupName) return
      this.#groups.delete(name)
      this.#count -= size
    }
  }

  /** The seat has left, or what it asked was not taken. */
  delete(groupName: string, seatName: string): void {
    const inGroup = this.#groups.get(groupName)
    if (inGroup?.delete(seatName) !== true) return
    this.#count--
    if (inGroup.size === 0) this.#groups.delete(groupName)
  }

  deleteBefore(beforeMs: number): void {
    for (const [groupName, inGroup] of this.#groups)
      for (const [seatName, { atMs }] of inGroup) if (atMs < beforeMs) this.delete(groupName, seatName)
  }
}
