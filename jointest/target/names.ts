// Which bytes stand for which account, device, group and seat. The server's side fills it in; the attacker uses it to tell which row is
// about whom in its own half, and never to get from one half to the other.

import { toHex } from "@nodoor/bytes"

export interface Seat {
  readonly group: number
  readonly device: number
}

export type Subject =
  | { readonly kind: "account"; readonly index: number }
  | { readonly kind: "device"; readonly index: number }
  | { readonly kind: "group"; readonly index: number }
  | { readonly kind: "seat"; readonly index: number }

export class Names {
  readonly seats: Seat[] = []
  readonly #subjects = new Map<string, Subject>()
  readonly #ids: { readonly id: Uint8Array; readonly subject: Subject }[] = []
  readonly #seatIndex = new Map<string, number>()
  readonly #seatByName = new Map<string, number>()

  account(index: number, id: Uint8Array): void {
    this.#name(id, { kind: "account", index })
  }

  device(index: number, id: Uint8Array): void {
    this.#name(id, { kind: "device", index })
  }

  group(index: number, id: Uint8Array): void {
    this.#name(id, { kind: "group", index })
  }

  /** `id`: what the row of the seat is called within its group. */
  seat(group: number, device: number, id: Uint8Array): void {
    const index = this.seats.push({ group, device }) - 1
    this.#seatIndex.set(`${group}/${device}`, index)
    this.#seatByName.set(`${group}/${toHex(id)}`, index)
    // Where seats are called after devices, only a row that names the group as well is about the seat.
    if (!this.#subjects.has(toHex(id))) this.#name(id, { kind: "seat", index })
  }

  seatOf(group: number, device: number): number | undefined {
    return this.#seatIndex.get(`${group}/${device}`)
  }

  find(id: Uint8Array): Subject | undefined {
    return this.#subjects.get(toHex(id))
  }

  seatNamed(group: number, id: Uint8Array): number | undefined {
    return this.#seatByName.get(`${group}/${toHex(id)}`)
  }

  /** Every id with whom it stands for. */
  ids(): readonly { readonly id: Uint8Array; readonly subject: Subject }[] {
    return this.#ids
  }

  #name(id: Uint8Array, subject: Subject): void {
    this.#subjects.set(toHex(id), subject)
    this.#ids.push({ id, subject })
  }
}
