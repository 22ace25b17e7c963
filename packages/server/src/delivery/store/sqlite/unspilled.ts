// What of one segment is not in the database: where bodies stand in the file, by group, and which posts were placed.

import { nameOf } from "../../log/places.ts"
import { placedEntryBytes, placedHashBytes } from "../delivery-store.ts"
import { postRecord, readOrder } from "./record.ts"

/** A body in the file. */
export interface FiledBody {
  readonly order: number
  readonly hour: number
  readonly kind: "post" | "commit"
  readonly at: number
  readonly sizeBytes: number
  /** Where a GroupInfo stands, and its size: 0 for none. */
  readonly infoAt: number
  readonly infoBytes: number
}

/** Numbers of one body in `#bodies`: order, hour, kind, place, size, place and size of the GroupInfo. */
const fields = 7

export class UnspilledGroup {
  readonly id: Uint8Array
  lastOrder = 0
  lastHour = 0
  /** Flat, because there may be hundreds of thousands. */
  #bodies: number[] = []
  /** Those before it are gone. */
  #start = 0
  #placed: Buffer = Buffer.allocUnsafeSlow(placedEntryBytes * 4)
  #placedBytes = 0
  firstPlaced = 0

  constructor(id: Uint8Array) {
    this.id = id
  }

  get count(): number {
    return (this.#bodies.length - this.#start) / fields
  }
  /** As in the table. */
  get placed(): Buffer {
    return this.#placed.subarray(0, this.#placedBytes)
  }

  add(body: FiledBody): void {
    const { order, hour } = body
    this.#bodies.push(order, hour, body.kind === "post" ? 0 : 1, body.at, body.sizeBytes, body.infoAt, body.infoBytes)
    this.lastOrder = order
    this.lastHour = hour
  }

  /** `record`: that of a post in `batch`, which begins at `fileAt` in the file. */
  addPost(batch: Buffer, record: number, fileAt: number): void {
    const order = readOrder(batch, record + postRecord.order)
    const hour = batch.readUInt32BE(record + postRecord.hour)
    const sizeBytes = batch.readUInt32BE(record + postRecord.length)
    this.#bodies.push(order, hour, 0, fileAt + record + postRecord.body, sizeBytes, 0, 0)
    this.lastOrder = order
    this.lastHour = hour
    if (this.#placedBytes === 0) this.firstPlaced = order
    if (this.#placedBytes + placedEntryBytes > this.#placed.length) {
      const grown = Buffer.allocUnsafeSlow(this.#placed.length * 2)
      this.#placed.copy(grown, 0, 0, this.#placedBytes)
      this.#placed = grown
    }
    // Hash, order and hour; in the record they stand as order, hour, hash.
    batch.copy(this.#placed, this.#placedBytes, record + postRecord.hash, record + postRecord.hash + placedHashBytes)
    batch.copy(this.#placed, this.#placedBytes + placedHashBytes, record + postRecord.order, record + postRecord.hash)
    this.#placedBytes += placedEntryBytes
  }

  bodyAt(index: number): FiledBody {
    const at = this.#start + index * fields
    const of = (field: number): number => this.#bodies[at + field] as number
    return {
      order: of(0),
      hour: of(1),
      kind: of(2) === 0 ? "post" : "commit",
      at: of(3),
      sizeBytes: of(4),
      infoAt: of(5),
      infoBytes: of(6),
    }
  }

  /** Index of the first body after `order`. */
  indexAfter(order: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#bodies[this.#start + middle * fields] as number) > order) high = middle
      else low = middle + 1
    }
    return low
  }

  erase(from: number, through: number): void {
    const [first, end] = [this.indexAfter(from - 1), this.indexAfter(through)]
    if (first === end) return
    if (first > 0) this.#bodies.splice(this.#start + first * fields, (end - first) * fields)
    else this.#start += end * fields
    if (this.#start < 65_536 || this.#start < this.#bodies.length / 2) return
    this.#bodies = this.#bodies.slice(this.#start)
    this.#start = 0
  }
}

export class Unspilled {
  readonly groups: Map<string, UnspilledGroup> = new Map()

  at(groupId: Uint8Array): UnspilledGroup {
    return this.#named(nameOf(groupId), groupId)
  }

  /** The group of the post's record in the batch. */
  ofPost(batch: Buffer, record: number): UnspilledGroup {
    const [from, to] = [record + postRecord.groupId, record + postRecord.order]
    const name = batch.toString("latin1", from, to)
    return this.groups.get(name) ?? this.#named(name, batch.subarray(from, to))
  }

  #named(name: string, groupId: Uint8Array): UnspilledGroup {
    let group = this.groups.get(name)
    if (group === undefined) this.groups.set(name, (group = new UnspilledGroup(new Uint8Array(groupId))))
    return group
  }
}
