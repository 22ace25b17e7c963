// Where bodies of a group were placed lately, by half of their hash: the same bytes again get the same answer. The newest 4,096 at least are
// remembered, for 48 hours at least unless there were more; a receiver drops what it has already taken in.

import { type StoredPlaces, placedEntryBytes, placedHashBytes } from "../store/delivery-store.ts"

export interface Place {
  readonly order: number
  readonly hour: number
  /** Of a commit. */
  readonly fanout: Uint8Array | undefined
}

export const placedHours = 48
/** In each of two generations: the older goes as a whole. */
export const placesMax = 4_096

/** Order and hour of a post in one number: hours need 21 bits until the year 2209, orders have the other 32. */
const hourRoom = 2 ** 21

export class Places {
  #young = new Map<string, number | Place>()
  #old = new Map<string, number | Place>()

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(name: string): Place | undefined {
    const found = this.#young.get(name) ?? (this.#old.size === 0 ? undefined : this.#old.get(name))
    if (typeof found !== "number") return found
    const order = Math.floor(found / hourRoom)
    return { order, hour: found - order * hourRoom, fanout: undefined }
  }

  addPost(name: string, order: number, hour: number): void {
    this.#add(name, order * hourRoom + hour)
  }

  addCommit(name: string, place: Place): void {
    this.#add(name, place)
  }

  #add(name: string, place: number | Place): void {
    if (this.#young.size >= placesMax) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, place)
  }
}

export function loadPlaces(stored: StoredPlaces): Places {
  const places = new Places()
  const posts = Buffer.from(stored.posts.buffer, stored.posts.byteOffset, stored.posts.length)
  for (let at = 0; at + placedEntryBytes <= posts.length; at += placedEntryBytes) {
    const name = posts.toString("latin1", at, at + placedHashBytes)
    places.addPost(name, Number(posts.readBigUInt64BE(at + placedHashBytes)), posts.readUInt32BE(at + placedHashBytes + 8))
  }
  for (const { hash, order, hour, fanout } of stored.commits) places.addCommit(nameOf(hash), { order, hour, fanout })
  return places
}

/** Bytes as a key of a `Map`. */
export function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
}
