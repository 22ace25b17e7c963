// One reading stream: the seats that a device follows, each from its own cursor.

import { timingSafeEqual } from "node:crypto"
import { CodecError } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import {
  type DeliveryCode,
  type ReadingAnswer,
  type ReadingRequest,
  type SubscribeItem,
  decodeReadingRequest,
  encodeReadingAnswer,
} from "@nodoor/wire/delivery"
import { sha256 } from "../../core/crypto.ts"
import type { DeliveryStore, StoredBody } from "../store/delivery-store.ts"
import type { Acks } from "../log/acks.ts"
import type { Group } from "../log/group.ts"
import { type LogParts, hourOf } from "../log/log-parts.ts"
import { nameOf } from "../log/places.ts"
import { type Debtor, owe } from "../log/rate.ts"
import type { Pass } from "../pass/passes.ts"
import { ackAt, isAckFrame } from "./ack-frame.ts"
import type { Admission } from "./admission.ts"
import { Channel } from "./channel.ts"
import { Opening, type OpeningStream } from "./opening.ts"
import type { FramePort, FrameSink } from "./port.ts"
import { Subscription, type SubscriptionHost, writeRecord } from "./subscription.ts"

export interface ReadingShared {
  readonly parts: LogParts
  readonly store: Pick<DeliveryStore, "readBodies">
  readonly acks: Acks
  readonly admission: Admission
  flushLater(channel: Channel): void
  delivered(records: number): void
  ended(stream: ReadingStream): void
}

type Item = Exclude<ReadingRequest, { readonly type: "open" }>

/** Frames that may wait while a token is checked. */
const heldMaxBytes = 4 * 1024 * 1024
/** What one reading from the store takes. */
const readMaxRecords = 500
const readMaxBytes = 1_048_576

export class ReadingStream implements FramePort, OpeningStream<Item>, SubscriptionHost {
  readonly channel: Channel
  readonly #shared: ReadingShared
  readonly #address: Debtor
  readonly #subscriptions = new Map<number, Subscription>()
  readonly #opening: Opening<Item>
  /** Those that must catch up, in turn. */
  #behind: Subscription[] = []
  #isCatchingUp = false

  constructor(sink: FrameSink, address: Debtor, shared: ReadingShared) {
    this.#shared = shared
    this.#address = address
    this.channel = new Channel(sink, shared.flushLater, () => void this.#catchUp())
    this.#opening = new Opening(this, { admission: shared.admission, kind: "read", heldMaxBytes })
  }

  get isOver(): boolean {
    return this.channel.ended
  }
  get opened(): boolean {
    return this.#opening.pass !== undefined
  }
  get expiryHour(): number {
    return this.#opening.pass?.expiryHour ?? Infinity
  }

  receive(bytes: Uint8Array): void {
    if (this.channel.ended) return
    if (this.#opening.holds(bytes)) return
    const frame = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (this.opened && isAckFrame(frame)) return this.#acks(frame)
    try {
      this.#opening.items(decodeReadingRequest(frame))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.end("bad_request", "not a frame of this protocol")
    }
  }

  closed(): void {
    this.channel.closed()
    this.#leave()
  }

  end(code: DeliveryCode, message: string): void {
    if (this.channel.ended) return
    this.channel.end(code, message)
    this.#leave()
  }

  behind(subscription: Subscription): void {
    this.#behind.push(subscription)
    void this.#catchUp()
  }

  ended(subscription: Subscription, code: DeliveryCode): void {
    if (!this.#remove(subscription)) return
    this.#send({ type: "unsubscribed", sub: subscription.sub, code })
  }

  #leave(): void {
    this.#opening.close()
    this.#behind = []
    for (const subscription of this.#subscriptions.values()) this.#remove(subscription)
    this.#shared.ended(this)
  }

  #remove(subscription: Subscription): boolean {
    if (subscription.isEnded) return false
    subscription.isEnded = true
    subscription.isLive = false
    this.#subscriptions.delete(subscription.sub)
    const { group } = subscription
    const at = group.readers.indexOf(subscription)
    if (at >= 0) group.readers.splice(at, 1)
    this.#shared.parts.groups.release(group)
    return true
  }

  #send(item: ReadingAnswer): void {
    this.channel.write(encodeReadingAnswer([item]))
  }

  welcome(pass: Pass): void {
    const hour = hourOf(this.#shared.parts.clock.nowMs())
    this.#send({ type: "opened", pass: pass.bytes, expiryHour: pass.expiryHour, hour, postsLeft: 0 })
  }

  item(item: Item): void {
    switch (item.type) {
      case "ping":
        return this.#send({ type: "pong" })
      case "subscribe":
        return this.#subscribe(item)
      case "unsubscribe": {
        const subscription = this.#subscriptions.get(item.sub)
        if (subscription !== undefined) this.#remove(subscription)
        return
      }
      case "ack":
        return this.#ack(item.sub, item.order)
    }
  }

  #subscribe(item: SubscribeItem): void {
    const { sub } = item
    if (this.#subscriptions.has(sub)) return this.end("bad_request", "the number of a subscription is used once")
    if (this.#subscriptions.size >= limits.subscriptions) return this.#send({ type: "unsubscribed", sub, code: "too_large" })
    const { parts } = this.#shared
    if (owe(this.#address, parts.clock.nowMs(), parts.rates.address, 1) > 0)
      return this.#send({ type: "unsubscribed", sub, code: "rate_limited" })
    let subscription: Subscription | undefined
    let isSettled = false
    parts.groups.withGroup(item.groupId, {
      heldBytes: 200,
      run: (group) => {
        isSettled = true
        if (this.channel.ended || subscription?.isEnded === true) return parts.groups.release(group)
        subscription ??= this.#start(item, group)
        this.#begin(subscription, item)
      },
      failed: () => {
        isSettled = true
        if (subscription === undefined) this.#send({ type: "unsubscribed", sub, code: "unavailable" })
        else this.ended(subscription, "unavailable")
      },
    })
    // While the group is being loaded, its number is taken.
    const group = isSettled ? undefined : parts.groups.find(nameOf(item.groupId))
    if (group !== undefined) subscription = this.#start(item, group)
  }

  #start({ sub, seat }: SubscribeItem, group: Group): Subscription {
    const subscription = new Subscription(this, sub, { group, seat })
    this.#subscriptions.set(sub, subscription)
    return subscription
  }

  /** The group is in memory. */
  #begin(subscription: Subscription, { readSecret, after }: SubscribeItem): void {
    const { group, sub, seatName } = subscription
    const { state } = group
    if (state === undefined) return this.ended(subscription, "group_not_found")
    const seat = state.seats.get(seatName)
    const shown = sha256(readSecret)
    if (seat === undefined || !timingSafeEqual(shown, seat.readHash)) return this.ended(subscription, "seat_unknown")
    subscription.endOrder = seat.endOrder
    subscription.fromOrder = seat.fromOrder
    const { head } = subscription
    if (after > head) return this.ended(subscription, "cursor_ahead")
    for (const other of group.readersAt(seatName)) other.ended("seat_taken")
    group.readers.push(subscription)
    subscription.cursor = Math.max(after, seat.fromOrder - 1)
    const acked = Math.max(seat.acked, this.#shared.acks.gathered(group, seatName))
    this.#send({ type: "subscribed", sub, head, acked, epoch: state.epoch })
    // The cursor of a subscription is what the device has safe: after a restart of this service nobody else knows.
    this.#acked(subscription, after)
    for (const asked of this.#shared.parts.rejoins.of(group.name)) subscription.rejoin(asked)
    if (subscription.cursor < head) this.behind(subscription)
    else subscription.isLive = true
  }

  #acks(frame: Buffer): void {
    for (let at = 0; at < frame.length; at += ackAt.size) {
      const order = frame.readUInt32BE(at + ackAt.order) * 0x1_0000_0000 + frame.readUInt32BE(at + ackAt.order + 4)
      this.#ack(frame.readUInt32BE(at + ackAt.sub), order)
    }
  }

  #ack(sub: number, order: number): void {
    const subscription = this.#subscriptions.get(sub)
    // One that ended may still be acknowledged by a client that does not know yet.
    if (subscription === undefined) return
    if (order > subscription.cursor) return this.ended(subscription, "cursor_ahead")
    this.#acked(subscription, order)
  }

  #acked(subscription: Subscription, order: number): void {
    if (order <= subscription.acked) return
    subscription.acked = order
    this.#shared.acks.add(subscription.group, subscription.seatName, order)
  }

  /** Reads from the store at the pace of the client, each subscription in turn, until all are live. */
  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp) return
    this.#isCatchingUp = true
    try {
      while (!this.channel.ended && !this.channel.isCongested) {
        const subscription = this.#behind.shift()
        if (subscription === undefined) return
        if (!subscription.isEnded) await this.#readOn(subscription)
      }
    } catch {
      this.end("unavailable", "the store cannot read now")
    } finally {
      this.#isCatchingUp = false
    }
  }

  async #readOn(subscription: Subscription): Promise<void> {
    const { group, cursor: after } = subscription
    const through = subscription.head
    const bodies = await this.#shared.store.readBodies({
      groupId: group.id,
      after,
      through,
      maxRecords: readMaxRecords,
      maxBytes: readMaxBytes,
    })
    if (subscription.isEnded || this.channel.ended) return
    for (const body of bodies) this.#writeStored(subscription, body)
    // All that was asked for was looked at, and what is missing at the end is gone.
    if (bodies.length === 0) this.#gap(subscription, through)
    this.#shared.delivered(bodies.length)
    await new Promise<void>((resolve) => this.channel.flush(resolve))
    if (subscription.isEnded) return
    if (subscription.cursor < subscription.head) this.#behind.push(subscription)
    else subscription.isLive = true
  }

  #writeStored(subscription: Subscription, stored: StoredBody): void {
    this.#gap(subscription, stored.order - 1)
    subscription.cursor = stored.order
    const groupInfo = stored.order === subscription.fromOrder ? stored.groupInfo : undefined
    writeRecord(this.channel, subscription.sub, { ...stored, groupInfo })
  }

  #gap(subscription: Subscription, through: number): void {
    if (subscription.cursor >= through) return
    subscription.cursor = through
    this.#send({ type: "gap", sub: subscription.sub, through })
  }
}
