// Introductions that wait for their devices: in memory and on no disk. A copy of a disk that has them beside their devices shows for whom a seat
// was made lately, and a conversation that has a new seat could be that one. Whoever adds keeps its introduction and leaves it again until the
// seat is taken, so that a restart loses none.

import { equal, fromHex, toHex } from "@nodoor/bytes"

export interface WaitingIntroduction {
  readonly id: Uint8Array
  readonly address: Uint8Array
  /** Number of the UTC day on which the address was given out. */
  readonly day: number
  readonly sealed: Uint8Array
}

export interface WaitingLimits {
  /** For one device. Each is at an address of its own, and an address costs a token. */
  readonly perDevice: number
  /** For all devices. */
  readonly inAll: number
  /** Still taken for one device when more than half of the room for all is used. */
  readonly whenScarce: number
}

/** 8 MB for one device, 128 MB for all. */
export const waitingLimits: WaitingLimits = { perDevice: 2_000, inAll: 32_768, whenScarce: 16 }

export class WaitingIntroductions {
  readonly #limits: WaitingLimits
  /** By device: by id, in the order in which they came. */
  readonly #devices = new Map<string, Map<string, WaitingIntroduction>>()
  /** By address: what waits there. */
  readonly #addresses = new Map<string, WaitingIntroduction>()

  constructor(limits: WaitingLimits = waitingLimits) {
    this.#limits = limits
  }

  /** `used`: another one waits at the address. `full`: there is no room now. */
  add(deviceId: Uint8Array, introduction: WaitingIntroduction): "added" | "same" | "used" | "full" {
    const address = toHex(introduction.address)
    const before = this.#addresses.get(address)
    if (before !== undefined) return equal(before.sealed, introduction.sealed) ? "same" : "used"
    const device = toHex(deviceId)
    const held = this.#devices.get(device)
    if ((held?.size ?? 0) >= this.#roomForOne) return "full"
    // The bytes may be a part of a large request.
    const kept = { ...introduction, sealed: introduction.sealed.slice() }
    this.#addresses.set(address, kept)
    if (held === undefined) this.#devices.set(device, new Map([[toHex(introduction.id), kept]]))
    else held.set(toHex(introduction.id), kept)
    return "added"
  }

  /** The oldest for the device. */
  of(deviceId: Uint8Array, max: number): readonly WaitingIntroduction[] {
    return [...(this.#devices.get(toHex(deviceId))?.values() ?? [])].slice(0, max)
  }

  /** The device has these; answers those that were its. */
  taken(deviceId: Uint8Array, ids: readonly Uint8Array[]): readonly WaitingIntroduction[] {
    const held = this.#devices.get(toHex(deviceId))
    const found = ids.flatMap((id) => held?.get(toHex(id)) ?? [])
    for (const one of found) this.#remove(toHex(deviceId), one)
    return found
  }

  /** For which something waits. */
  devices(): readonly Uint8Array[] {
    return [...this.#devices.keys()].map(fromHex)
  }

  /** Devices that may not connect. */
  drop(deviceIds: readonly Uint8Array[]): void {
    for (const deviceId of deviceIds)
      this.taken(
        deviceId,
        [...this.of(deviceId, Infinity)].map(({ id }) => id),
      )
  }

  /** What was left at addresses that were given out before this day. */
  dropBefore(day: number): void {
    for (const [device, held] of this.#devices) for (const one of held.values()) if (one.day < day) this.#remove(device, one)
  }

  get #roomForOne(): number {
    const { perDevice, inAll, whenScarce } = this.#limits
    const { size } = this.#addresses
    return size >= inAll ? 0 : size >= inAll / 2 ? whenScarce : perDevice
  }

  #remove(device: string, { id, address }: WaitingIntroduction): void {
    this.#addresses.delete(toHex(address))
    const held = this.#devices.get(device)
    held?.delete(toHex(id))
    if (held?.size === 0) this.#devices.delete(device)
  }
}
