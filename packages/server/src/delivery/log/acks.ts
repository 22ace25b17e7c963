// Acknowledgements stay in memory: on disk they would say on which days each device came, and so which seats are one device's. What may go
// because of them is erased every few seconds for all readers together. After a restart a body stays until its readers come again, who say
// anew what they have, or for its retention.

import type { Change } from "../store/delivery-store.ts"
import type { Group, GroupState } from "./group.ts"
import type { LogParts } from "./log-parts.ts"
import type { OrderRange } from "./waiting-bodies.ts"

export class Acks {
  readonly #parts: Pick<LogParts, "groups" | "journal">
  /** By group, the newest acknowledgement of each seat. */
  #gathered = new Map<Group, Map<string, number>>()

  constructor(parts: Pick<LogParts, "groups" | "journal">) {
    this.#parts = parts
  }

  add(group: Group, seatName: string, order: number): void {
    let seats = this.#gathered.get(group)
    if (seats === undefined) this.#gathered.set(group, (seats = new Map()))
    seats.set(seatName, Math.max(order, seats.get(seatName) ?? 0))
  }

  /** The newest that the seat acknowledged and that is not in the group's state yet. */
  gathered(group: Group, seatName: string): number {
    return this.#gathered.get(group)?.get(seatName) ?? 0
  }

  /** Resolves when what was gathered until now is part of a batch. */
  async write(): Promise<void> {
    const gathered = this.#gathered
    if (gathered.size === 0) return
    this.#gathered = new Map()
    const groups: Group[] = []
    const changes: Change[] = []
    // In the order of the ids, not of the acknowledgements.
    const sorted = [...gathered].sort(([a], [b]) => (a.name < b.name ? -1 : 1))
    for (const [group, seats] of sorted) {
      if (group.state === undefined) await this.#load(group)
      if (group.state === undefined) continue
      groups.push(group)
      changes.push(...takeAcks(group, group.state, seats))
    }
    this.#parts.journal.addTogether(groups, changes)
  }

  #load(group: Group): Promise<void> {
    return new Promise((resolve) => this.#parts.groups.withGroup(group.id, { heldBytes: 0, run: () => resolve(), failed: resolve }))
  }
}

function takeAcks(group: Group, state: GroupState, acked: ReadonlyMap<string, number>): Change[] {
  const groupId = group.id
  const changes: Change[] = []
  for (const [name, order] of acked) {
    const seat = state.seats.get(name)
    if (seat === undefined || order <= seat.acked) continue
    seat.acked = order
    if (order >= seat.endOrder) {
      state.seats.delete(name)
      changes.push({ kind: "seatGone", groupId, seat: seat.id })
      for (const reader of group.readersAt(name)) reader.ended("seat_unknown")
    }
  }
  for (const range of erasable(state, group.durableOrder))
    if (state.waiting.erase(range)) changes.push({ kind: "erase", groupId, ...range })
  return changes
}

/** What on disk no seat waits for any more: a seat waits for everything that it should get and has not acknowledged. */
export function erasable(state: GroupState, durableOrder: number): OrderRange[] {
  const { oldest, newest } = state.waiting
  if (oldest === undefined) return []
  let floor = Math.min(newest, durableOrder)
  const ended: OrderRange[] = []
  for (const seat of state.seats.values()) {
    const has = Math.max(seat.acked, seat.fromOrder - 1)
    if (seat.endOrder === Infinity) floor = Math.min(floor, has)
    else if (seat.endOrder > has) ended.push({ from: has + 1, through: seat.endOrder })
  }
  const ranges: OrderRange[] = []
  let from = oldest
  for (const wanted of ended.sort((a, b) => a.from - b.from)) {
    if (from > floor) break
    if (wanted.from > from) ranges.push({ from, through: Math.min(floor, wanted.from - 1) })
    from = Math.max(from, wanted.through + 1)
  }
  if (from <= floor) ranges.push({ from, through: floor })
  return ranges
}
