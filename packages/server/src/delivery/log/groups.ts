// The groups in memory. States are loaded when they are needed and let go when they were not used for the longest time.

import type { Clock, Log } from "../../core/ports.ts"
import type { DeliveryStore } from "../store/delivery-store.ts"
import { Group, GroupState } from "./group.ts"
import { nameOf, placedHours } from "./places.ts"

const hourMs = 3_600_000
/** Items that may wait for groups that are being loaded. */
const waitingMax = 50_000
const waitingBytesMax = 64 * 1024 * 1024

export interface GroupsPorts {
  readonly store: Pick<DeliveryStore, "loadGroup">
  readonly clock: Clock
  readonly log: Log
}

export class Groups {
  readonly #ports: GroupsPorts
  readonly #maxBytes: number
  readonly #groups = new Map<string, Group>()
  #stateBytes = 0
  #waiting = 0
  #waitingBytes = 0

  constructor(ports: GroupsPorts, maxBytes: number) {
    this.#ports = ports
    this.#maxBytes = maxBytes
  }

  /** Groups whose state is in memory, and about how large these are. */
  get held(): { readonly groups: number; readonly bytes: number } {
    return { groups: this.#groups.size, bytes: this.#stateBytes }
  }

  find(name: string): Group | undefined {
    return this.#groups.get(name)
  }

  /**
   * Runs with the group's state in memory, or with none if there is no such group: now, or once it is loaded. What is asked of one group runs
   * in the order of the calls. `failed` runs instead if the store cannot say, or too much waits.
   */
  withGroup(groupId: Uint8Array, { heldBytes, run, failed }: { heldBytes: number; run: (group: Group) => void; failed: () => void }): void {
    const name = nameOf(groupId)
    const group = this.#groups.get(name) ?? this.#open(name, groupId)
    group.used = true
    if (group.loading === undefined && group.state !== undefined) return run(group)
    if (this.#waiting >= waitingMax || this.#waitingBytes + heldBytes > waitingBytesMax) return failed()
    this.#waiting++
    this.#waitingBytes += heldBytes
    const start = group.loading === undefined
    group.loading ??= []
    group.loading.push(() => {
      this.#waiting--
      this.#waitingBytes -= heldBytes
      if (this.#failed === group) failed()
      else run(group)
    })
    if (start) void this.#load(group)
  }

  /** The group whose loading failed, while those who waited for it are told. */
  #failed: Group | undefined

  #open(name: string, groupId: Uint8Array): Group {
    // The id may be a part of a large frame.
    const group = new Group(new Uint8Array(groupId))
    this.#groups.set(name, group)
    return group
  }

  async #load(group: Group): Promise<void> {
    const placedSinceHour = Math.floor(this.#ports.clock.nowMs() / hourMs) - placedHours
    try {
      const stored = await this.#ports.store.loadGroup({ groupId: group.id, placedSinceHour })
      if (stored !== undefined) this.settle(group, new GroupState(group.id, stored))
    } catch {
      this.#ports.log("error", "delivery_group_unread")
      this.#failed = group
    }
    const waiting = group.loading ?? []
    group.loading = undefined
    for (const run of waiting) run()
    this.#failed = undefined
    this.release(group)
  }

  /** Gives the group its state: loaded, or that of a new group. */
  settle(group: Group, state: GroupState): void {
    group.state = state
    group.durableOrder = state.lastOrder
    // How far seats have read is nowhere else.
    for (const { seatName, acked } of group.readers) {
      const seat = state.seats.get(seatName)
      if (seat !== undefined) seat.acked = Math.max(seat.acked, acked)
    }
    this.#stateBytes += state.sizeBytes
    if (this.#stateBytes > this.#maxBytes) this.#evict()
  }

  /** What is in memory of the group does not count any more: the next use loads it. */
  drop(group: Group): void {
    group.state = undefined
    this.release(group)
  }

  /** Forgets the entry of a group that nobody needs. */
  release(group: Group): void {
    if (group.state === undefined && group.readers.length === 0 && group.isIdle) this.#groups.delete(group.name)
  }

  /** Counts the states anew, because they grow, and lets some go if they take too much. Call every few seconds. */
  recount(): void {
    this.#stateBytes = this.#count()
    if (this.#stateBytes > this.#maxBytes) this.#evict()
  }

  #count(): number {
    let bytes = 0
    for (const group of this.#groups.values()) bytes += group.state?.sizeBytes ?? 0
    return bytes
  }

  /** States that were not used since the last time go, until a quarter of the room is free. */
  #evict(): void {
    let bytes = this.#count()
    const goal = this.#maxBytes * 0.75
    for (let round = 0; round < 2 && bytes > goal; round++) {
      for (const group of this.#groups.values()) {
        if (bytes <= goal) break
        if (group.state === undefined || !group.isIdle) continue
        if (group.used) group.used = false
        else {
          bytes -= group.state.sizeBytes
          this.drop(group)
        }
      }
    }
    this.#stateBytes = bytes
  }

  *all(): IterableIterator<Group> {
    yield* this.#groups.values()
  }
}
