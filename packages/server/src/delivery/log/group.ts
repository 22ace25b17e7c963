// A group as the service holds it: a small entry while somebody reads it or something is under way, and its state while it is in use.

import type { DeliveryCode } from "@nodoor/wire/delivery"
import type { Change, StoredGroup } from "../store/delivery-store.ts"
import { MacKey } from "./mac-key.ts"
import { type Places, Places as NoPlaces, loadPlaces, nameOf } from "./places.ts"
import type { AskedRejoin } from "./rejoins.ts"
import { WaitingBodies } from "./waiting-bodies.ts"

export interface Seat {
  readonly id: Uint8Array
  publicKey: Uint8Array
  readHash: Uint8Array
  rekeyed: number
  readonly fromOrder: number
  /** Infinity while it is in the group. */
  endOrder: number
  /** The newest that its reader said it has safe, since the group was loaded: it is never on disk. */
  acked: number
}

/** A body on its way to those who read. */
export interface Delivered {
  readonly order: number
  readonly hour: number
  readonly kind: "post" | "commit"
  readonly body: Uint8Array
}

/** Something that happens to a group once it is on disk, and everything before it. */
export interface Entry {
  readonly group: Group
  /** Undefined for what only waits for what was decided before. */
  readonly change: Change | undefined
  readonly sizeBytes: number
  written(): void
  /** Nobody knows whether it is on disk. */
  failed(): void
}

/** Whoever reads at a seat now. */
export interface Reader {
  readonly seatName: string
  /** As the seat's; kept here because the group's state may not be in memory. */
  endOrder: number
  /** The newest that it said it has safe. */
  readonly acked: number
  /** A body of the group is on disk. Called for each, in order. */
  offer(delivered: Delivered): void
  ephemeral(body: Uint8Array): void
  /** Another seat asks to be let in again. */
  rejoin(asked: AskedRejoin): void
  /** Nothing more comes. */
  ended(code: DeliveryCode): void
}

export class GroupState {
  epoch: number
  key: MacKey
  previousKey: MacKey | undefined
  lastOrder: number
  lastHour: number
  readonly createHash: Uint8Array
  readonly seats: Map<string, Seat> = new Map()
  /** Seats that are in the group. */
  activeSeats = 0
  readonly places: Places
  readonly waiting: WaitingBodies = new WaitingBodies()

  constructor(groupId: Uint8Array, stored: StoredGroup) {
    const { epoch } = stored
    this.epoch = epoch
    this.key = new MacKey(stored.deliveryKey, { groupId, epoch })
    this.previousKey = stored.previousKey && new MacKey(stored.previousKey, { groupId, epoch: epoch - 1 })
    this.lastOrder = stored.lastOrder
    this.lastHour = stored.lastHour
    this.createHash = stored.createHash
    this.places = stored.placed.posts.length + stored.placed.commits.length === 0 ? new NoPlaces() : loadPlaces(stored.placed)
    for (let at = 0; at + 1 < stored.waiting.length; at += 2)
      this.waiting.add(stored.waiting[at] as number, stored.waiting[at + 1] as number)
    for (const { seat, endOrder = Infinity, ...rest } of stored.seats) this.addSeat({ id: seat, endOrder, ...rest, acked: 0 })
  }

  addSeat(seat: Seat): void {
    this.seats.set(nameOf(seat.id), seat)
    if (seat.endOrder === Infinity) this.activeSeats++
  }

  /** About what it holds in memory. */
  get sizeBytes(): number {
    return 1_500 + this.seats.size * 500 + this.places.size * 100 + this.waiting.length * 8
  }
}

export class Group {
  readonly id: Uint8Array
  /** The id as a key of a `Map`. */
  readonly name: string
  state: GroupState | undefined
  /** Runs when the state was loaded, or was found not to be there; undefined while nothing is being loaded. */
  loading: (() => void)[] | undefined
  /** Used since the registry last looked for states to let go. */
  used = true
  /** The newest order on disk. Known while `state` is, or anybody reads. */
  durableOrder = 0
  readonly readers: Reader[] = []
  /** Decided and not yet on the way to the disk, in order. */
  readonly queue: Entry[] = []
  /** On the way to the disk. */
  underWay = 0
  /** When its debt to the rate limit is paid off. */
  paidOffMs = 0

  constructor(id: Uint8Array) {
    this.id = id
    this.name = nameOf(id)
  }

  readersAt(seatName: string): Reader[] {
    return this.readers.filter((reader) => reader.seatName === seatName)
  }

  get isIdle(): boolean {
    return this.underWay === 0 && this.queue.length === 0 && this.loading === undefined
  }
}
