// The delivery service's streams (docs/protocol.md) as a load generator speaks them: posts are made and signed before the clock starts, and
// frames of posts are read where they stand.

import { hash } from "node:crypto"
import {
  type CommitItem,
  decodePostingAnswer,
  decodeReadingAnswer,
  encodePostingRequest,
  encodeReadingRequest,
  itemTypes,
  postMac,
  postPath,
  readPath,
} from "@nodoor/wire/delivery"
import { type KnownGroup, type OwnSeat, commitItem, createItem, newKnownGroup, newSeat, subscribeItem } from "@nodoor/server/fixtures"
import { type Hooks, type Lane, type System, bodyBytes, numberOf, writeBody } from "./system.ts"
import { type Stream, openStream } from "./web-socket.ts"

export interface Passes {
  readonly read: Uint8Array
  readonly post: Uint8Array
}

const itemBytes = 82 + bodyBytes
const recordHeadBytes = 21
const placedBytes = 17
/** Items of one frame (limits of the protocol). */
const frameItems = 1_024

interface Member {
  readonly group: KnownGroup
  readonly seat: OwnSeat
}

export class Streams implements System {
  readonly answers = true
  #port: number
  readonly #passes: Passes
  readonly #postsReady: number
  readonly #again: boolean
  readonly #streams: Stream[] = []
  readonly #absent: Member[] = []

  /** `postsReady`: of all lanes together; a run that needs more fails. */
  constructor(port: number, passes: Passes, { postsReady, again }: { readonly postsReady: number; readonly again: boolean }) {
    this.#port = port
    this.#passes = passes
    this.#postsReady = postsReady
    this.#again = again
  }

  async pairs(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const { lane: made, members } = await this.#newGroup(2, this.#postsReady / count, (answered) => hooks.answered(lane, answered))
      const [sender, receiver] = members as [Member, Member]
      // The sender reads its own copy, as its other devices would.
      await this.#read(sender, () => {})
      await this.#read(receiver, (numbers) => hooks.arrived(lane, 1, numbers.length))
      lanes.push(made)
    }
    return lanes
  }

  async group(size: number, hooks: Hooks): Promise<Lane> {
    const { lane, members } = await this.#newGroup(size, this.#postsReady / 16, (answered) => hooks.answered(0, answered))
    for (const [device, member] of members.entries()) await this.#read(member, (numbers) => hooks.arrived(0, device, numbers.length))
    return lane
  }

  async absent(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const { lane: made, members } = await this.#newGroup(2, this.#postsReady / count, (answered) => hooks.answered(lane, answered))
      await this.#read(members[0] as Member, () => {})
      this.#absent.push(members[1] as Member)
      lanes.push(made)
    }
    return lanes
  }

  async fetch(lane: number, took: (numbers: readonly number[]) => void): Promise<void> {
    await this.#read(this.#absent[lane] as Member, took)
  }

  moveTo(port: number): void {
    this.#port = port
  }

  close(): void {
    for (const stream of this.#streams) stream.close()
    this.#streams.length = 0
  }

  async #open(path: string, pass: Uint8Array): Promise<Stream> {
    const stream = await openStream(this.#port, path)
    this.#streams.push(stream)
    stream.send(Buffer.from(encodePostingRequest([{ type: "open", with: "pass", data: pass }])))
    return stream
  }

  /** A group of that many seats, and the first one's posting stream with its posts. */
  async #newGroup(
    size: number,
    posts: number,
    answered: (count: number) => void,
  ): Promise<{ readonly lane: Lane; readonly members: readonly Member[] }> {
    const stream = await this.#open(postPath, this.#passes.post)
    const group = newKnownGroup()
    const seats = Array.from({ length: size }, () => newSeat())
    const [creator] = seats as [OwnSeat]
    const settled = Promise.withResolvers<void>()
    stream.take((frame) => {
      for (const answer of decodePostingAnswer(frame)) {
        if (answer.type === "committed") settled.resolve()
        if (answer.type === "refused" || answer.type === "closed") settled.reject(new TypeError(`refused: ${answer.code}`))
      }
    })
    const { item, next } = commitItem(group, { by: creator, adds: seats.slice(1), ref: 2 })
    stream.send(Buffer.from(encodePostingRequest([createItem(group, creator), item satisfies CommitItem])))
    await settled.promise
    stream.take((frame) => answered(answersIn(frame)))
    return {
      lane: new StreamLane(stream, next, { count: Math.ceil(posts), again: this.#again }),
      members: seats.map((seat) => ({ group: next, seat })),
    }
  }

  async #read({ group, seat }: Member, took: (numbers: readonly number[]) => void): Promise<void> {
    const stream = await this.#open(readPath, this.#passes.read)
    const subscribed = Promise.withResolvers<void>()
    const ack = Buffer.alloc(13)
    ack[0] = itemTypes.ack
    ack.writeUInt32BE(1, 1)
    stream.take((frame) => {
      const numbers: number[] = []
      const last = takeRecords(frame, numbers, subscribed)
      if (last !== undefined) {
        last.copy(ack, 5)
        stream.send(Buffer.from(ack))
      }
      if (numbers.length > 0) took(numbers)
    })
    stream.send(Buffer.from(encodeReadingRequest([subscribeItem(group, seat)])))
    await subscribed.promise
  }
}

/** Reads the frame's records; the order of the last one, as it stands on the wire. */
function takeRecords(frame: Buffer, numbers: number[], subscribed: PromiseWithResolvers<void>): Buffer | undefined {
  let last: Buffer | undefined
  let at = 0
  while (at < frame.length && frame[at] === itemTypes.postRecord) {
    last = frame.subarray(at + 5, at + 13)
    numbers.push(numberOf(frame, at + recordHeadBytes))
    at += recordHeadBytes + frame.readUInt32BE(at + 17)
  }
  if (at === frame.length) return last
  for (const item of decodeReadingAnswer(frame.subarray(at))) {
    if (item.type === "subscribed") subscribed.resolve()
    if (item.type === "unsubscribed" || item.type === "closed") subscribed.reject(new TypeError(`not read: ${item.code}`))
    if (item.type === "post") numbers.push(numberOf(Buffer.from(item.body), 0))
    if (item.type === "post" || item.type === "commit" || item.type === "join") {
      last = Buffer.alloc(8)
      last.writeBigUInt64BE(BigInt(item.order))
    }
  }
  return last
}

function answersIn(frame: Buffer): number {
  let at = 0
  while (at < frame.length && frame[at] === itemTypes.placed) at += placedBytes
  if (at === frame.length) return at / placedBytes
  const other = decodePostingAnswer(frame.subarray(at)).find(({ type }) => type !== "placed")
  throw new TypeError(`a post was answered with ${other?.type} ${other !== undefined && "code" in other ? other.code : ""}`)
}

class StreamLane implements Lane {
  readonly #stream: Stream
  readonly #items: Buffer
  readonly #count: number
  readonly #again: boolean
  #next = 0

  constructor(
    stream: Stream,
    { groupId, epoch, deliveryKey }: KnownGroup,
    { count, again }: { readonly count: number; readonly again: boolean },
  ) {
    this.#stream = stream
    this.#again = again
    this.#count = count
    this.#items = Buffer.allocUnsafeSlow(count * itemBytes)
    const sha256 = (data: Uint8Array): Uint8Array => hash("sha256", data, "buffer")
    for (let number = 0, at = 0; number < count; number++, at += itemBytes) {
      const items = this.#items
      writeBody(items, at + 82, number)
      const bodyHash = sha256(items.subarray(at + 82, at + itemBytes))
      items[at] = itemTypes.post
      items.writeUInt32BE(number, at + 1)
      items.set(groupId, at + 5)
      items.writeBigUInt64BE(BigInt(epoch), at + 37)
      items[at + 45] = 0
      items.set(postMac(sha256, deliveryKey, { groupId, epoch, flags: 0, bodyHash }), at + 46)
      items.writeUInt32BE(bodyBytes, at + 78)
    }
  }

  send(count: number): void {
    for (let left = count; left > 0; left -= frameItems) {
      const items = Math.min(left, frameItems)
      if (this.#again && this.#next + items > this.#count) this.#next = 0
      if (this.#next + items > this.#count) throw new TypeError("more posts are needed than were made ready")
      this.#stream.send(this.#items.subarray(this.#next * itemBytes, (this.#next + items) * itemBytes))
      this.#next += items
    }
  }
}

/** A pass for the kind of stream that the path names. */
export async function buyPass(port: number, path: string, token: Uint8Array): Promise<Uint8Array> {
  const stream = await openStream(port, path)
  const bought = Promise.withResolvers<Uint8Array>()
  stream.take((frame) => {
    const [answer] = decodePostingAnswer(frame)
    if (answer?.type === "opened") bought.resolve(new Uint8Array(answer.pass))
    else bought.reject(new TypeError(`no pass: ${answer?.type}`))
  })
  stream.send(Buffer.from(encodePostingRequest([{ type: "open", with: "token", data: token }])))
  const pass = await bought.promise
  stream.close()
  return pass
}
