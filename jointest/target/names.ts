// Which bytes stand for which account, device, group and seat. The server's side fills it in; the attacker uses it to tell which row is
// about whom in its own half, and never to get from one half to the other.

export interface Seat {
  readonly group: number
  readonly device: number
  /** When the device gave it keys of its own. */
  takenMs?: number
  /** When a commit ended it. */
  goneMs?: number
}

export interface Subject {
  readonly kind: "account" | "device" | "group" | "seat"
  readonly index: number
}

export class Names {
  readonly seats: Seat[] = []
  readonly #subjects = new Map<string, Subject>()
  readonly #ids: { readonly id: Uint8Array; readonly subject: Subject }[] = []
  /** By the name of its row within its group. */
  readonly #seats = new Map<string, Subject>()
  readonly #seatIndex = new Map<string, number>()
  readonly #lengths = new Set<number>()

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
    const seat: Subject = { kind: "seat", index }
    this.#seatIndex.set(`${group}/${device}`, index)
    this.#seats.set(`${group}/${latin(id)}`, seat)
    this.#lengths.add(id.length)
    // Where seats are called after devices, only a row that names the group as well is about the seat.
    if (!this.#subjects.has(latin(id))) this.#name(id, seat)
  }

  seatOf(group: number, device: number): number | undefined {
    return this.#seatIndex.get(`${group}/${device}`)
  }

  /** Of the newest seat of the device in the group. */
  note(group: number, device: number, times: Pick<Seat, "takenMs" | "goneMs">): void {
    Object.assign(this.seats[this.#seatIndex.get(`${group}/${device}`) ?? -1] ?? {}, times)
  }

  find(id: Uint8Array): Subject | undefined {
    return this.#lengths.has(id.length) ? this.#subjects.get(latin(id)) : undefined
  }

  seatNamed(group: number, id: Uint8Array): Subject | undefined {
    return this.#lengths.has(id.length) ? this.#seats.get(`${group}/${latin(id)}`) : undefined
  }

  /** Every id with whom it stands for. */
  ids(): readonly { readonly id: Uint8Array; readonly subject: Subject }[] {
    return this.#ids
  }

  #name(id: Uint8Array, subject: Subject): void {
    this.#subjects.set(latin(id), subject)
    this.#lengths.add(id.length)
    this.#ids.push({ id, subject })
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
}
