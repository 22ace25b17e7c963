// The delivery service of the real server, driven as devices do: groups, commits, posts, re-keying, reading and acknowledging. The bodies
// are random.

import { createHash } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { assert, toBase64Url } from "@nodoor/bytes"
import {
  type AskedBlob,
  type DeliveryWorld,
  type KnownGroup,
  type OwnSeat,
  type PostClient,
  type ReadClient,
  type SegmentedStore,
  askForBlob,
  commitItem,
  createItem,
  deliveryWorld,
  newKnownGroup,
  newSeat,
  openSegmentedStore,
  passOf,
  postItem,
  random,
  rejoinItem,
  rekeyItem,
} from "@nodoor/server/fixtures"
import { type PostingRequest, blobHeaders, blobUploadPath, tusChunkType } from "@nodoor/wire/delivery"
import { tokenKeyEpoch } from "@nodoor/wire"
import { type DeliveryMeter, type MemoryFiles, memoryFiles } from "@nodoor/server"
import type { Names } from "../target/names.ts"

interface Group {
  known: KnownGroup
  readonly seats: Map<number, Place>
}

/** A device's place in a group. */
interface Place {
  seat: OwnSeat
  /** Whether the keys of the seat are its own by now. */
  isOwn: boolean
  after: number
  /** When the device brings new keys into the group again. */
  renewsMs: number
}

const hourMs = 3_600_000

/** After joining within a day, after a path at an age of 20 to 24 hours, in whatever sitting comes then. */
function renewal(nowMs: number, after: "joining" | "path"): number {
  const [byte = 0] = random(1)
  return nowMs + (after === "joining" ? (24 * hourMs * byte) / 256 : (20 + (4 * byte) / 256) * hourMs)
}

interface Online {
  readonly reader: ReadClient
  readonly poster: PostClient
  /** By number of the subscription: the group. */
  readonly groups: number[]
}

/** Backups are numbered behind all groups. */
const firstBackup = 1_000_000

/** In place of a group whose subscription has ended. */
const none = -1

export class DeliverySide {
  readonly world: DeliveryWorld
  readonly blobs: MemoryFiles
  readonly store: SegmentedStore
  readonly #names: Names
  readonly #renews: boolean
  readonly #groups: Group[] = []
  readonly #online = new Map<number, Online>()
  readonly #backups = new Map<number, { readonly day: number; readonly keys: { readonly id: Uint8Array; readonly secret: Uint8Array } }>()

  private constructor(
    world: DeliveryWorld,
    blobs: MemoryFiles,
    store: SegmentedStore,
    { names, renews }: { readonly names: Names; readonly renews: boolean },
  ) {
    this.world = world
    this.blobs = blobs
    this.store = store
    this.#names = names
    this.#renews = renews
  }

  static async open(
    path: string,
    segments: string,
    { names, meter, renews }: { readonly names: Names; readonly meter: DeliveryMeter; readonly renews: boolean },
  ): Promise<DeliverySide> {
    const plenty = { burst: 1e9, perSecond: 1e9 }
    const store = openSegmentedStore(path, segments)
    const blobFiles = memoryFiles()
    return new DeliverySide(
      await deliveryWorld({ store, blobFiles, meter, rates: { open: plenty, address: plenty, group: plenty, blobs: plenty } }),
      blobFiles,
      store,
      { names, renews },
    )
  }

  /** Opens both streams, each with a token, and reads these groups. */
  async come(device: number, groups: readonly number[]): Promise<void> {
    if (!this.#online.has(device)) {
      const { store, clock } = this.world
      for (let at = 0; at < 2; at++) await store.spendToken({ tokenHash: random(32), keyEpoch: tokenKeyEpoch(clock.nowMs()) })
      const address = `10.0.${device >> 8}.${device & 255}`
      this.#online.set(device, { reader: await this.world.reader(address), poster: await this.world.poster(address), groups: [] })
    }
    const { reader, groups: subscribed } = this.#online.get(device) as Online
    for (const group of groups) {
      const seat = this.#groups[group]?.seats.get(device)
      if (seat === undefined || subscribed.includes(group)) continue
      const sub = subscribed.push(group) - 1
      const { seat: id, readSecret } = seat.seat
      const groupId = (this.#groups[group] as Group).known.groupId
      reader.send({ type: "subscribe", sub, groupId, seat: id, readSecret, after: seat.after })
    }
    await this.#read([device])
    if (this.#renews) for (const group of groups) await this.#renew(group, device)
  }

  /** Each device brings new keys into each of its groups every day on which it is open. */
  async #renew(group: number, device: number): Promise<void> {
    const made = this.#groups[group] as Group
    const place = made.seats.get(device)
    const nowMs = this.world.clock.nowMs()
    if (place === undefined || nowMs < place.renewsMs) return
    if (place.isOwn) {
      place.renewsMs = renewal(nowMs, "path")
      await this.#commit(group, device, {})
    } else await this.#takeSeat(group, device)
    await this.#read([...made.seats.keys()])
  }

  /**
   * The device's daily backup: a blob that takes the place of the one before. To the attacker it is a group of its own with one seat, which it
   * would like to give to somebody.
   */
  async backUp(device: number, sizeBytes: number): Promise<void> {
    const dayMs = 86_400_000
    const { clock, half, store } = this.world
    const day = Math.floor(clock.nowMs() / dayMs)
    const before = this.#backups.get(device)
    if (before?.day === day) return
    const keys = before?.keys ?? { id: random(32), secret: random(32) }
    this.#backups.set(device, { day, keys })
    const idHash = new Uint8Array(createHash("sha256").update(keys.id).digest())
    if (!before) {
      this.#names.group(firstBackup + device, idHash)
      this.#names.seat(firstBackup + device, device, idHash)
    }
    const pass = await passOf(store, "post", Math.floor(clock.nowMs() / 3_600_000))
    // In steps, as devices round.
    const size = Math.ceil(sizeBytes / 512) * 512
    const named = { [blobHeaders.id]: toBase64Url(keys.id), [blobHeaders.secret]: toBase64Url(keys.secret), [blobHeaders.tus]: "1.0.0" }
    const create = { [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.length]: String(size), [blobHeaders.keepDays]: "90" }
    const address = `10.0.${device >> 8}.${device & 255}`
    const ask = (asked: AskedBlob): ReturnType<typeof askForBlob> => askForBlob(half.blob, address, asked)
    await ask({ method: "POST", path: blobUploadPath, headers: { ...named, ...create, [blobHeaders.replace]: "1" } })
    const part = { ...named, "content-type": tusChunkType, [blobHeaders.offset]: "0" }
    const { status } = await ask({ method: "PATCH", path: blobUploadPath, headers: part, body: random(size) })
    assert(status === 204, "a backup is stored")
  }

  leave(device: number): void {
    const online = this.#online.get(device)
    this.#online.delete(device)
    online?.reader.port.closed()
    online?.poster.port.closed()
  }

  async create(group: number, device: number): Promise<void> {
    const [known, seat] = [newKnownGroup(), newSeat()]
    this.#groups[group] = {
      known,
      seats: new Map([[device, { seat, isOwn: true, after: 0, renewsMs: renewal(this.world.clock.nowMs(), "path") }]]),
    }
    this.#names.group(group, known.groupId)
    this.#names.seat(group, device, seat.seat)
    await this.#send(device, createItem(known, seat))
    await this.come(device, [group])
  }

  async add(group: number, by: number, devices: readonly number[], readers: readonly number[]): Promise<void> {
    const made = this.#groups[group] as Group
    const adds = devices.map((device) => {
      const seat = newSeat()
      made.seats.set(device, { seat, isOwn: false, after: 0, renewsMs: renewal(this.world.clock.nowMs(), "joining") })
      this.#names.seat(group, device, seat.seat)
      return seat
    })
    await this.#commit(group, by, { adds })
    await this.#read(readers)
  }

  async remove(group: number, by: number, devices: readonly number[], readers: readonly number[]): Promise<void> {
    const made = this.#groups[group] as Group
    const removes = devices.flatMap((device) => made.seats.get(device)?.seat.seat ?? [])
    for (const device of devices) {
      made.seats.delete(device)
      this.#names.note(group, device, { goneMs: this.world.clock.nowMs() })
    }
    await this.#commit(group, by, { removes })
    await this.#read([...readers, ...devices.filter((device) => this.#online.has(device))])
  }

  async ask(group: number, device: number): Promise<void> {
    const made = this.#groups[group] as Group
    await this.#send(device, rejoinItem(made.known, (made.seats.get(device) as { seat: OwnSeat }).seat))
  }

  /** One commit takes the old seat away and adds the new one. */
  async readmit(group: number, by: number, device: number, readers: readonly number[]): Promise<void> {
    const made = this.#groups[group] as Group
    const before = (made.seats.get(device) as { seat: OwnSeat }).seat
    const seat = newSeat()
    this.#names.note(group, device, { goneMs: this.world.clock.nowMs() })
    this.#names.seat(group, device, seat.seat)
    await this.#commit(group, by, { adds: [seat], removes: [before.seat] })
    made.seats.set(device, { seat, isOwn: true, after: 0, renewsMs: renewal(this.world.clock.nowMs(), "joining") })
    this.#unsubscribe(device, group)
    await this.#read(readers)
  }

  async post(group: number, by: number, sizeBytes: number, readers: readonly number[]): Promise<void> {
    await this.#takeSeat(group, by)
    await this.#send(by, postItem((this.#groups[group] as Group).known, random(sizeBytes)))
    await this.#read(readers)
  }

  /** Before its first message a device brings keys of its own into the group, and re-keys its seat. */
  async #takeSeat(group: number, device: number): Promise<void> {
    const made = this.#groups[group] as Group
    const own = made.seats.get(device)
    if (own === undefined || own.isOwn) return
    await this.#commit(group, device, {})
    const next = newSeat(own.seat.seat)
    await this.#send(device, rekeyItem(made.known, own.seat, next, 1))
    this.#names.note(group, device, { takenMs: this.world.clock.nowMs() })
    made.seats.set(device, { seat: next, isOwn: true, after: own.after, renewsMs: renewal(this.world.clock.nowMs(), "path") })
    this.#unsubscribe(device, group)
    await this.come(device, [group])
  }

  /** Its keys or its seat are others now, so what it reads there has another number. */
  #unsubscribe(device: number, group: number): void {
    const groups = this.#online.get(device)?.groups
    const sub = groups?.indexOf(group) ?? -1
    if (groups !== undefined && sub >= 0) groups[sub] = none
  }

  async #commit(
    group: number,
    by: number,
    change: { readonly adds?: readonly OwnSeat[]; readonly removes?: readonly Uint8Array[] },
  ): Promise<void> {
    const made = this.#groups[group] as Group
    const { item, next } = commitItem(made.known, { by: (made.seats.get(by) as { seat: OwnSeat }).seat, ...change })
    await this.#send(by, item)
    made.known = next
  }

  async #send(device: number, item: PostingRequest): Promise<void> {
    const poster = this.#online.get(device)?.poster ?? (await this.world.poster())
    poster.send(item)
    const [answer] = await poster.take()
    if (answer === undefined || answer.type === "refused" || answer.type === "closed")
      throw new TypeError(`refused: ${JSON.stringify(answer)}`)
  }

  /** Lets these devices take in and acknowledge what has come. */
  async #read(devices: readonly number[]): Promise<void> {
    for (let turns = 0; turns < 4; turns++) await setImmediate()
    for (const device of devices) {
      const online = this.#online.get(device)
      if (online === undefined) continue
      const newest = new Map<number, number>()
      for (const answer of await online.reader.take(0))
        if (answer.type === "post" || answer.type === "commit" || answer.type === "join") newest.set(answer.sub, answer.order)
        else if (answer.type === "gap") newest.set(answer.sub, answer.through)
      for (const [sub, order] of newest) {
        const seat = this.#groups[online.groups[sub] as number]?.seats.get(device)
        if (seat !== undefined) seat.after = order
        online.reader.send({ type: "ack", sub, order })
      }
    }
  }
}
