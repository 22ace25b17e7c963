// One posting stream: items in, each answered once the disk has it.

import { CodecError } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import {
  type DeliveryCode,
  type PostingRequest,
  decodePostingRequest,
  deliveryCodes,
  encodePostingAnswer,
  itemTypes,
} from "@nodoor/wire/delivery"
import { acceptCommit } from "../log/commit.ts"
import { acceptCreate, acceptRekey } from "../log/create.ts"
import type { Group } from "../log/group.ts"
import { type LogParts, hourOf } from "../log/log-parts.ts"
import { type NewPost, acceptPost } from "../log/post.ts"
import { type Poster, busyMs } from "../log/poster.ts"
import { acceptRejoin } from "../log/rejoin.ts"
import { type Debtor, costOf, owe } from "../log/rate.ts"
import type { Pass } from "../pass/passes.ts"
import type { Admission } from "./admission.ts"
import { Channel } from "./channel.ts"
import { Opening, type OpeningStream } from "./opening.ts"
import type { FramePort, FrameSink } from "./port.ts"
import { isPostFrame, postAt } from "./post-frame.ts"

export interface PostingShared {
  readonly parts: LogParts
  readonly admission: Admission
  flushLater(channel: Channel): void
  ended(stream: PostingStream): void
}

type Item = Exclude<PostingRequest, { readonly type: "open" }>

/** Answers that a client may leave unread before its stream ends. */
const unreadMaxBytes = 8 * 1024 * 1024
/** Frames that may wait while a token is checked. */
const heldMaxBytes = 2 * limits.frameBytes
/** A seat with its keys, as a commit lists it. */
const seatKeysBytes = 80
/** What an item costs that needs a signature checked. */
const signatureCost = 4

export class PostingStream implements FramePort, OpeningStream<Item>, Poster {
  readonly #shared: PostingShared
  readonly #channel: Channel
  readonly #address: Debtor
  readonly #opening: Opening<Item>

  constructor(sink: FrameSink, address: Debtor, shared: PostingShared) {
    this.#shared = shared
    this.#address = address
    this.#channel = new Channel(sink, shared.flushLater, () => {})
    this.#opening = new Opening(this, { admission: shared.admission, kind: "post", heldMaxBytes })
  }

  get isOver(): boolean {
    return this.#channel.ended
  }
  get opened(): boolean {
    return this.#opening.pass !== undefined
  }
  get expiryHour(): number {
    return this.#opening.pass?.expiryHour ?? Infinity
  }

  receive(bytes: Uint8Array): void {
    if (this.#channel.ended) return
    if (this.#opening.holds(bytes)) return
    const frame = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (this.opened && isPostFrame(frame)) return this.#posts(frame)
    try {
      this.#opening.items(decodePostingRequest(frame))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.end("bad_request", "not a frame of this protocol")
    }
  }

  closed(): void {
    if (!this.#channel.ended) this.#channel.closed()
    this.#opening.close()
    this.#shared.ended(this)
  }

  end(code: DeliveryCode, message: string): void {
    if (this.#channel.ended) return
    this.#channel.end(code, message)
    this.#shared.ended(this)
  }

  placed(ref: number, order: number, hour: number): void {
    const at = this.#room(17)
    if (at < 0) return
    const { buffer } = this.#channel
    buffer[at] = itemTypes.placed
    buffer.writeUInt32BE(ref, at + 1)
    buffer.writeUInt32BE(Math.floor(order / 0x1_0000_0000), at + 5)
    buffer.writeUInt32BE(order >>> 0, at + 9)
    buffer.writeUInt32BE(hour, at + 13)
  }

  committed(ref: number, { order, hour, fanout }: { readonly order: number; readonly hour: number; readonly fanout: Uint8Array }): void {
    this.#channel.write(encodePostingAnswer([{ type: "committed", ref, order, hour, fanout }]))
  }

  done(ref: number): void {
    this.#channel.write(encodePostingAnswer([{ type: "done", ref }]))
  }

  refused(ref: number, code: DeliveryCode, detail: { readonly epoch?: number; readonly retryAfterMs?: number } = {}): void {
    const at = this.#room(18)
    if (at < 0) return
    const { buffer } = this.#channel
    const { epoch = 0, retryAfterMs = 0 } = detail
    buffer[at] = itemTypes.refused
    buffer.writeUInt32BE(ref, at + 1)
    buffer[at + 5] = deliveryCodes[code]
    buffer.writeUInt32BE(Math.floor(epoch / 0x1_0000_0000), at + 6)
    buffer.writeUInt32BE(epoch >>> 0, at + 10)
    buffer.writeUInt32BE(Math.min(retryAfterMs, 0xffff_ffff), at + 14)
  }

  /** Negative when the stream has ended, or ends here because its answers are not read. */
  #room(sizeBytes: number): number {
    const channel = this.#channel
    if (channel.ended) return -1
    if (channel.isCongested && channel.bufferedBytes > unreadMaxBytes) {
      this.end("slow_reader", "the answers are not read")
      return -1
    }
    return channel.room(sizeBytes)
  }

  welcome(pass: Pass): void {
    const hour = hourOf(this.#shared.parts.clock.nowMs())
    const opened = { type: "opened", pass: pass.bytes, expiryHour: pass.expiryHour, hour, postsLeft: pass.budget.posts } as const
    this.#channel.write(encodePostingAnswer([opened]))
  }

  item(item: Item): void {
    const nowMs = this.#shared.parts.clock.nowMs()
    switch (item.type) {
      case "ping":
        return this.#channel.write(encodePostingAnswer([{ type: "pong" }]))
      case "post":
        return this.#post(item.groupId, item, nowMs)
      case "commit": {
        const sizeBytes = item.commit.length + (item.groupInfo?.length ?? 0) + (item.adds.length + item.removes.length) * seatKeysBytes
        if (!this.#pays(item.ref, costOf(sizeBytes) + signatureCost, nowMs)) return
        return this.#withGroup(item.groupId, item.ref, sizeBytes, (group) => acceptCommit(this.#shared.parts, group, this, item, nowMs))
      }
      case "create":
        if (!this.#pays(item.ref, signatureCost, nowMs)) return
        return this.#withGroup(item.groupId, item.ref, 0, (group) => this.#create(group, item, nowMs))
      case "rekey":
        if (!this.#pays(item.ref, signatureCost, nowMs)) return
        return this.#withGroup(item.groupId, item.ref, 0, (group) => acceptRekey(this.#shared.parts, group, this, item, nowMs))
      case "rejoin":
        if (!this.#pays(item.ref, signatureCost, nowMs)) return
        return this.#withGroup(item.groupId, item.ref, item.sealed.length, (group) =>
          acceptRejoin(this.#shared.parts, group, this, item, nowMs),
        )
    }
  }

  #create(group: Group, item: Extract<PostingRequest, { readonly type: "create" }>, nowMs: number): void {
    const budget = this.#opening.pass?.budget
    if (group.state === undefined && budget !== undefined) {
      if (budget.groups === 0) return this.refused(item.ref, "pass_used_up")
      budget.groups--
    }
    acceptCreate(this.#shared.parts, group, this, item, nowMs)
  }

  /** A frame of posts only. */
  #posts(frame: Buffer): void {
    const nowMs = this.#shared.parts.clock.nowMs()
    for (let at = 0; at < frame.length;) {
      const end = at + postAt.body + frame.readUInt32BE(at + postAt.length)
      const post: NewPost = {
        ref: frame.readUInt32BE(at + postAt.ref),
        epoch: frame.readUInt32BE(at + postAt.epoch) * 0x1_0000_0000 + frame.readUInt32BE(at + postAt.epoch + 4),
        flags: frame[at + postAt.flags] as 0 | 1,
        mac: frame.subarray(at + postAt.mac, at + postAt.length),
        body: frame.subarray(at + postAt.body, end),
      }
      const group = this.#shared.parts.groups.find(frame.toString("latin1", at + postAt.groupId, at + postAt.epoch))
      if (group === undefined || group.state === undefined || group.loading !== undefined)
        this.#post(frame.subarray(at + postAt.groupId, at + postAt.epoch), post, nowMs)
      else if (this.#pays(post.ref, costOf(post.body.length), nowMs)) {
        group.used = true
        acceptPost(this.#shared.parts, group, this, post, nowMs)
      }
      at = end
    }
  }

  #post(groupId: Uint8Array, post: NewPost, nowMs: number): void {
    if (!this.#pays(post.ref, costOf(post.body.length), nowMs)) return
    this.#withGroup(groupId, post.ref, post.body.length, (group) => acceptPost(this.#shared.parts, group, this, post, nowMs))
  }

  #withGroup(groupId: Uint8Array, ref: number, heldBytes: number, run: (group: Group) => void): void {
    const failed = (): void => this.refused(ref, "unavailable", { retryAfterMs: busyMs })
    this.#shared.parts.groups.withGroup(groupId, { heldBytes, run, failed })
  }

  /** Whether pass and address may still post this; else the item is refused here. */
  #pays(ref: number, cost: number, nowMs: number): boolean {
    const budget = this.#opening.pass?.budget
    if (budget === undefined || budget.posts < cost) {
      this.refused(ref, "pass_used_up")
      return false
    }
    const waitMs = owe(this.#address, nowMs, this.#shared.parts.rates.address, cost)
    if (waitMs > 0) {
      this.refused(ref, "rate_limited", { retryAfterMs: waitMs })
      return false
    }
    budget.posts -= cost
    return true
  }
}
