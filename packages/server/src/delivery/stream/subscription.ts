// One seat that a reading stream follows. It is *behind* while it catches up from the store, and live when everything on disk was sent: then
// new bodies come straight from memory.

import { type DeliveryCode, encodeReadingAnswer, itemTypes } from "@nodoor/wire/delivery"
import type { Delivered, Group, Reader } from "../log/group.ts"
import { nameOf } from "../log/places.ts"
import type { AskedRejoin } from "../log/rejoins.ts"
import type { Channel } from "./channel.ts"

export interface SubscriptionHost {
  readonly channel: Channel
  /** The subscription must catch up from the store. */
  behind(subscription: Subscription): void
  /** Nothing more comes for it. */
  ended(subscription: Subscription, code: DeliveryCode): void
}

export class Subscription implements Reader {
  readonly sub: number
  readonly seatName: string
  readonly group: Group
  readonly #host: SubscriptionHost
  /** Order of the join record that the seat begins with; 0 for none. */
  fromOrder = 0
  endOrder: number = Infinity
  /** The newest that was sent, or that the device had already. */
  cursor = 0
  /** The newest that the device said it has safe. */
  acked = 0
  isLive = false
  isEnded = false

  constructor(host: SubscriptionHost, sub: number, { group, seat }: { readonly group: Group; readonly seat: Uint8Array }) {
    this.#host = host
    this.sub = sub
    this.group = group
    this.seatName = nameOf(seat)
  }

  /** The newest on disk that this seat gets. */
  get head(): number {
    return Math.min(this.endOrder, this.group.durableOrder)
  }

  offer(delivered: Delivered): void {
    // One that is behind comes to it from the store.
    if (!this.isLive || delivered.order > this.endOrder) return
    const { channel } = this.#host
    if (channel.isCongested) return this.fallBehind()
    this.cursor = delivered.order
    writeRecord(channel, this.sub, delivered)
  }

  ephemeral(body: Uint8Array): void {
    const { channel } = this.#host
    // Nobody misses one: a slow client gets none.
    if (channel.ended || channel.isCongested || this.endOrder !== Infinity) return
    const at = channel.room(9 + body.length)
    const { buffer } = channel
    buffer[at] = itemTypes.ephemeral
    buffer.writeUInt32BE(this.sub, at + 1)
    buffer.writeUInt32BE(body.length, at + 5)
    buffer.set(body, at + 9)
  }

  rejoin({ seat, epoch, sealed }: AskedRejoin): void {
    const { channel } = this.#host
    // Whoever misses it gets it with the next subscription.
    if (channel.ended || channel.isCongested || this.endOrder !== Infinity || nameOf(seat) === this.seatName) return
    channel.write(encodeReadingAnswer([{ type: "rejoin", sub: this.sub, seat, epoch, sealed }]))
  }

  fallBehind(): void {
    this.isLive = false
    this.#host.behind(this)
  }

  ended(code: DeliveryCode): void {
    this.#host.ended(this, code)
  }
}

/** A post with its length, or the record of a commit as it is stored; the joiner's with the GroupInfo. */
export function writeRecord(channel: Channel, sub: number, record: Delivered & { readonly groupInfo?: Uint8Array | undefined }): void {
  if (channel.ended) return
  const { body, groupInfo } = record
  const isPost = record.kind === "post"
  const headBytes = isPost ? 21 : 17
  const at = channel.room(headBytes + body.length + (groupInfo === undefined ? 0 : 4 + groupInfo.length))
  const { buffer } = channel
  buffer[at] = isPost ? itemTypes.postRecord : groupInfo === undefined ? itemTypes.commitRecord : itemTypes.joinRecord
  buffer.writeUInt32BE(sub, at + 1)
  buffer.writeUInt32BE(Math.floor(record.order / 0x1_0000_0000), at + 5)
  buffer.writeUInt32BE(record.order >>> 0, at + 9)
  buffer.writeUInt32BE(record.hour, at + 13)
  if (isPost) buffer.writeUInt32BE(body.length, at + 17)
  buffer.set(body, at + headBytes)
  if (groupInfo === undefined) return
  buffer.writeUInt32BE(groupInfo.length, at + headBytes + body.length)
  buffer.set(groupInfo, at + headBytes + body.length + 4)
}
