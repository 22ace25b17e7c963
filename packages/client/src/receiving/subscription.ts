// One group on the reading stream: how far it has come, and which records may come next.

import { toHex } from "@nodoor/bytes"
import type { ReadSeat, ReadingRow } from "../store/group/reading.ts"

/** A seat of this device, and what is needed to read there. */
export interface OwnSeat extends ReadSeat {
  readonly readSecret: Uint8Array
  /** Only this device knows the secret: it made the group, or has re-keyed the seat. Until then, whoever added it can read there too. */
  readonly isOwn: boolean
  /** The device is a member. Until then, only the record that lets it join is taken in. */
  readonly joined: boolean
  /** A place that it asked for, or left for it: that the server does not know it is nothing new. */
  readonly isAsked?: boolean
  /** It is being re-keyed: the server may know either secret. */
  readonly isChanging?: boolean
}

export class Subscription {
  readonly sub: number
  seat: OwnSeat
  readonly #row: ReadingRow
  /** The newest order that came, in order. */
  received: number
  /** The newest order that is safe on disk. */
  stored: number
  /** The newest order that this seat is to get. */
  head: number
  gapThrough: number
  hour: number
  /** The server has answered it. */
  answered = false

  constructor(sub: number, seat: OwnSeat, row: ReadingRow) {
    this.sub = sub
    this.seat = seat
    this.#row = row
    this.received = row.after
    this.stored = row.after
    this.head = row.after
    this.gapThrough = row.gapThrough
    this.hour = row.hour
  }

  /** What the seat had acknowledged before only this device could; undefined while others could. */
  get ackedBefore(): number | undefined {
    return this.#row.ackedBefore
  }

  /** At a place from an archive, or that was asked for, there is nothing for this device to read but that it ends, or begins. */
  get isOnlyAsked(): boolean {
    return this.seat.isAsked === true && !this.seat.joined
  }

  get isBehind(): boolean {
    if (this.isOnlyAsked) return !this.answered
    return !this.answered || this.received < this.head
  }
}

/** The subscriptions of one stream, by their number and by their group. */
export class Subscriptions {
  readonly #bySub = new Map<number, Subscription>()
  readonly #byName = new Map<string, Subscription>()
  #next = 1

  get all(): readonly Subscription[] {
    return [...this.#bySub.values()]
  }

  get size(): number {
    return this.#bySub.size
  }

  /** Takes the place of one for the same seat. */
  add(seat: OwnSeat, row: ReadingRow): Subscription {
    const subscription = new Subscription(this.#next++, seat, row)
    this.remove(this.find(seat))
    this.#bySub.set(subscription.sub, subscription)
    this.#byName.set(nameOf(seat), subscription)
    return subscription
  }

  /** Undefined for a number that was never given, or whose subscription has ended. */
  bySub(sub: number): Subscription | undefined {
    return this.#bySub.get(sub)
  }

  find(seat: ReadSeat): Subscription | undefined {
    return this.#byName.get(nameOf(seat))
  }

  remove(subscription: Subscription | undefined): void {
    if (!subscription) return
    this.#bySub.delete(subscription.sub)
    if (this.find(subscription.seat) === subscription) this.#byName.delete(nameOf(subscription.seat))
  }
}

export function nameOf({ groupId, seat }: ReadSeat): string {
  return `${toHex(groupId)}/${toHex(seat)}`
}
