// The way to the disk: what was decided is written in batches, one after the other, and answered when it is there. Groups take turns, so that
// a busy one does not hold up the others.

import type { Log, Turn } from "../../core/ports.ts"
import type { Change, DeliveryStore } from "../store/delivery-store.ts"
import type { Entry, Group } from "./group.ts"

/** Entries in one batch: bounds how long a write takes. */
const batchMax = 4_096
const batchBytesMax = 8 * 1024 * 1024
/** How many of one group go in a row when others wait. */
const turnMax = 256

export interface JournalPorts {
  readonly store: Pick<DeliveryStore, "write">
  readonly turn: Turn
  readonly log: Log
  /** A batch failed: what is in memory of these groups may differ from what is on disk. */
  readonly lost: (groups: ReadonlySet<Group>) => void
}

export class Journal {
  readonly #ports: JournalPorts
  /** Groups with entries that wait, those to be served first in front. */
  #ready: Group[] = []
  #together: Change[] = []
  #togetherGroups: Group[] = []
  #waiting = 0
  #waitingBytes = 0
  #written = 0
  #writing = false
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(ports: JournalPorts) {
    this.#ports = ports
  }

  /** Bytes and entries that are not on the way to the disk yet. */
  get waiting(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#waiting, bytes: this.#waitingBytes }
  }

  /** Changes written since the last time. */
  takeWritten(): number {
    const count = this.#written
    this.#written = 0
    return count
  }

  add(entry: Entry): void {
    const { queue } = entry.group
    if (queue.length === 0) this.#ready.push(entry.group)
    queue.push(entry)
    this.#waiting++
    this.#waitingBytes += entry.sizeBytes
    this.#schedule()
  }

  /** Changes that are all part of the next batch, before everything that waits. */
  addTogether(groups: readonly Group[], changes: readonly Change[]): void {
    if (changes.length === 0) return
    this.#together = this.#together.concat(changes)
    this.#togetherGroups = this.#togetherGroups.concat(groups)
    for (const group of groups) group.underWay++
    this.#schedule()
  }

  /** Resolves when everything that was added is on disk, or failed. */
  async settled(): Promise<void> {
    if (!this.#writing && this.#waiting === 0 && this.#together.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing) return
    this.#scheduled = true
    this.#ports.turn(() => {
      this.#scheduled = false
      void this.#write()
    })
  }

  async #write(): Promise<void> {
    if (this.#writing) return
    this.#writing = true
    while (this.#waiting > 0 || this.#together.length > 0) {
      const groups = this.#togetherGroups
      const changes = this.#together
      this.#together = []
      this.#togetherGroups = []
      const batch = this.#take()
      for (const entry of batch) if (entry.change !== undefined) changes.push(entry.change)
      try {
        if (changes.length > 0) await this.#ports.store.write({ changes })
      } catch {
        this.#fail(batch, groups)
        continue
      }
      this.#written += batch.length
      for (const entry of batch) entry.group.underWay--
      for (const group of groups) group.underWay--
      for (const entry of batch) entry.written()
    }
    this.#writing = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  /** The next batch: a few of each group in turn. */
  #take(): Entry[] {
    const batch: Entry[] = []
    let bytes = 0
    let at = 0
    const again: Group[] = []
    for (; at < this.#ready.length && batch.length < batchMax && bytes < batchBytesMax; at++) {
      const group = this.#ready[at] as Group
      const { queue } = group
      let count = 0
      while (count < queue.length && count < turnMax && batch.length < batchMax && bytes < batchBytesMax) {
        const entry = queue[count++] as Entry
        batch.push(entry)
        bytes += entry.sizeBytes
      }
      group.underWay += count
      if (count === queue.length) queue.length = 0
      else {
        queue.splice(0, count)
        again.push(group)
      }
    }
    this.#ready = [...this.#ready.slice(at), ...again]
    this.#waiting -= batch.length
    this.#waitingBytes -= bytes
    return batch
  }

  /** Everything that waits was decided on top of what failed, so it fails too. */
  #fail(batch: readonly Entry[], together: readonly Group[]): void {
    this.#ports.log("error", "delivery_write_failed")
    const failed = [...batch]
    for (const group of this.#ready) failed.push(...group.queue.splice(0))
    this.#ready = []
    this.#waiting = 0
    this.#waitingBytes = 0
    for (const entry of batch) entry.group.underWay--
    for (const group of together) group.underWay--
    for (const group of this.#togetherGroups) group.underWay--
    const groups = new Set([...failed.map((entry) => entry.group), ...together, ...this.#togetherGroups])
    this.#together = []
    this.#togetherGroups = []
    this.#ports.lost(groups)
    for (const entry of failed) entry.failed()
  }
}
