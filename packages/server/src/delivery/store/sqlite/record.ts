// Changes as bytes: how a batch goes to the thread that writes, and how it stands in a segment file. Posts are written and read in place, because
// there are many; everything else is rare.

import { TlsReader, encodeTls } from "@nodoor/bytes"
import type { Change, CommitChange } from "../delivery-store.ts"
import { placedHashBytes } from "../delivery-store.ts"

const postKind = 1
const otherKind = 2

/** Where the fields of a post stand in its record. */
export const postRecord = { groupId: 1, order: 33, hour: 41, hash: 45, length: 61, body: 65 } as const

/** Bytes of a batch, in memory that can be handed to another thread. */
export class BatchWriter {
  #buffer: Buffer<ArrayBuffer>
  #size = 0

  /** `spare`: the memory of an earlier batch. */
  constructor(spare: ArrayBuffer = new ArrayBuffer(1 << 18)) {
    this.#buffer = Buffer.from(spare)
  }

  get size(): number {
    return this.#size
  }
  /** Nothing may be written after it is handed on. */
  get memory(): ArrayBuffer {
    return this.#buffer.buffer
  }

  add(change: Change): void {
    if (change.kind !== "post") return this.#addOther(change)
    const at = this.#room(postRecord.body + change.body.length)
    const buffer = this.#buffer
    buffer[at] = postKind
    buffer.set(change.groupId, at + postRecord.groupId)
    writeOrder(buffer, change.order, at + postRecord.order)
    buffer.writeUInt32BE(change.hour, at + postRecord.hour)
    const { hash } = change
    buffer.set(hash.length === placedHashBytes ? hash : hash.subarray(0, placedHashBytes), at + postRecord.hash)
    buffer.writeUInt32BE(change.body.length, at + postRecord.length)
    buffer.set(change.body, at + postRecord.body)
  }

  #addOther(change: Exclude<Change, { readonly kind: "post" }>): void {
    const bytes = encodeOther(change)
    const at = this.#room(5 + bytes.length)
    this.#buffer[at] = otherKind
    this.#buffer.writeUInt32BE(bytes.length, at + 1)
    this.#buffer.set(bytes, at + 5)
  }

  #room(sizeBytes: number): number {
    const at = this.#size
    this.#size += sizeBytes
    if (this.#size > this.#buffer.length) {
      const grown = Buffer.from(new ArrayBuffer(Math.max(this.#size, this.#buffer.length * 2)))
      this.#buffer.copy(grown, 0, 0, at)
      this.#buffer = grown
    }
    return at
  }
}

/** Calls back for each record of a batch: a post with its place in the bytes, anything else decoded, with where it begins. */
export function readBatch(
  batch: Buffer,
  visit: { post(at: number): void; other(change: Exclude<Change, { readonly kind: "post" }>, at: number): void },
): void {
  for (let at = 0; at < batch.length;) {
    if (batch[at] === postKind) {
      visit.post(at)
      at += postRecord.body + batch.readUInt32BE(at + postRecord.length)
    } else {
      const length = batch.readUInt32BE(at + 1)
      visit.other(decodeOther(batch.subarray(at + 5, at + 5 + length)), at)
      at += 5 + length
    }
  }
}

export function readOrder(buffer: Buffer, at: number): number {
  return buffer.readUInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
}

export function writeOrder(buffer: Buffer, order: number, at: number): void {
  buffer.writeUInt32BE(Math.floor(order / 0x1_0000_0000), at)
  buffer.writeUInt32BE(order >>> 0, at + 4)
}

const kinds = ["create", "commit", "rekey", "erase", "seatGone"] as const

function encodeOther(change: Exclude<Change, { readonly kind: "post" }>): Uint8Array {
  return encodeTls((w) => {
    w.u8(kinds.indexOf(change.kind)).raw(change.groupId)
    switch (change.kind) {
      case "create":
        w.raw(change.deliveryKey).raw(change.createHash).u32(change.hour).raw(change.seat).raw(change.publicKey).raw(change.readHash)
        return
      case "commit":
        w.u64(BigInt(change.order)).u32(change.hour).raw(change.hash.subarray(0, placedHashBytes)).raw(change.fanout)
        w.u64(BigInt(change.epoch))
          .raw(change.deliveryKey)
          .optional(change.previousKey, (o, key) => o.raw(key))
        w.list(change.adds, (inner, add) => inner.raw(add.seat).raw(add.publicKey).raw(add.readHash))
        w.list(change.removes, (inner, seat) => inner.raw(seat))
        w.optional(change.groupInfo, (o, info) => o.prefixed(4, info)).prefixed(4, change.body)
        return
      case "rekey":
        w.raw(change.seat).raw(change.publicKey).raw(change.readHash).u32(change.rekeyed)
        return
      case "erase":
        w.u64(BigInt(change.from)).u64(BigInt(change.through))
        return
      case "seatGone":
        w.raw(change.seat)
    }
  })
}

function decodeOther(bytes: Uint8Array): Exclude<Change, { readonly kind: "post" }> {
  const r = new TlsReader(bytes)
  const kind = kinds[r.u8()]
  const groupId = r.raw(32)
  const count = (): number => Number(r.u64())
  switch (kind) {
    case "create":
      return {
        kind,
        groupId,
        deliveryKey: r.raw(32),
        createHash: r.raw(32),
        hour: r.u32(),
        seat: r.raw(16),
        publicKey: r.raw(32),
        readHash: r.raw(32),
      }
    case "commit":
      return decodeCommit(r, groupId)
    case "rekey":
      return { kind, groupId, seat: r.raw(16), publicKey: r.raw(32), readHash: r.raw(32), rekeyed: r.u32() }
    case "erase":
      return { kind, groupId, from: count(), through: count() }
    default:
      return { kind: "seatGone", groupId, seat: r.raw(16) }
  }
}

function decodeCommit(r: TlsReader, groupId: Uint8Array): CommitChange {
  return {
    kind: "commit",
    groupId,
    order: Number(r.u64()),
    hour: r.u32(),
    hash: r.raw(placedHashBytes),
    fanout: r.raw(32),
    epoch: Number(r.u64()),
    deliveryKey: r.raw(32),
    previousKey: r.optional((o) => o.raw(32)),
    adds: r.list((inner) => ({ seat: inner.raw(16), publicKey: inner.raw(32), readHash: inner.raw(32) }), Infinity),
    removes: r.list((inner) => inner.raw(16), Infinity),
    groupInfo: r.optional((o) => o.prefixed(4)),
    body: r.prefixed(4),
  }
}
