// Two halves that keep nothing by which they can be joined, and on demand exactly one fault. The test must find each fault and nothing in
// the halves without one.

import { hash } from "node:crypto"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import { type Chance, seededChance } from "../../sim/randomness.ts"
import { Names } from "../target/names.ts"
import { startMs } from "../population/step.ts"
import type { Change, FileCopy, Night, Post, Scrape, Target } from "../target/target.ts"

/** Each is something that a careful engineer might add without a second thought. `days`: on one side the day of the last visit, on the other how far each seat has read. `metric label`: sign-ins by device, acknowledgements by seat. */
export const faults = ["hashed id", "row id", "hour", "mtime", "ack order", "token count", "push endpoint", "days", "metric label"] as const
export type Fault = (typeof faults)[number]

const hourMs = 3_600_000

interface Device {
  readonly id: Uint8Array
  readonly row: number
  readonly endpoint: Uint8Array
  tokens: number
  signIns: number
  lastMs: number
}

interface SeatRow {
  readonly id: Uint8Array
  readonly device: number
  posts: number
  ackOrder: number
  acked: number
  reads: number
}

interface GroupRow {
  readonly id: Uint8Array
  readonly seats: Map<number, SeatRow>
  posts: number
}

export class TwoHalves implements Target {
  readonly names: Names = new Names()
  readonly #fault: Fault | undefined
  readonly #chance: Chance
  readonly #accounts = new DatabaseSync(":memory:")
  readonly #delivery = new DatabaseSync(":memory:")
  readonly #devices: Device[] = []
  readonly #accountIds: Uint8Array[] = []
  readonly #groups: GroupRow[] = []
  #ackOrder = 0
  readonly #scrapes: Scrape[] = []

  constructor(seed: number, fault?: Fault) {
    this.#chance = seededChance(seed ^ 0xc0ffee)
    this.#fault = fault
    this.#accounts.exec(
      `CREATE TABLE accounts (account_id BLOB PRIMARY KEY, handle TEXT, created_day INTEGER) WITHOUT ROWID;
       CREATE TABLE devices (device_id BLOB PRIMARY KEY, account_id BLOB, row INTEGER, time INTEGER, tokens INTEGER) WITHOUT ROWID`,
    )
    this.#delivery.exec(
      `CREATE TABLE groups (group_id BLOB PRIMARY KEY) WITHOUT ROWID;
       CREATE TABLE seats (group_id BLOB, seat BLOB, more, PRIMARY KEY (group_id, seat)) WITHOUT ROWID`,
    )
  }

  register(device: number, account: number, atMs: number): void {
    let accountId = this.#accountIds[account]
    if (accountId === undefined) {
      accountId = this.#accountIds[account] = this.#chance.bytes(16)
      this.names.account(account, accountId)
      const handle = Buffer.from(this.#chance.bytes(9)).toString("hex")
      run(this.#accounts, "INSERT INTO accounts VALUES (?, ?, ?)", accountId, handle, Math.floor(atMs / 24 / hourMs))
    }
    const made = {
      id: this.#chance.bytes(16),
      row: this.#chance.below(1e9),
      endpoint: this.#chance.bytes(32),
      tokens: 0,
      signIns: 0,
      lastMs: atMs,
    }
    this.#devices[device] = made
    this.names.device(device, made.id)
    run(this.#accounts, "INSERT INTO devices VALUES (?, ?, NULL, NULL, NULL)", made.id, accountId)
    this.#write(device)
  }

  come(device: number, { reads }: { readonly reads: readonly number[] }, atMs: number): void {
    const known = this.#devices[device] as Device
    known.lastMs = atMs
    known.signIns++
    this.#write(device)
    for (const group of reads) this.#acknowledge(group, device)
    if (this.#fault === "metric label" && atMs >= startMs) this.#scrape(device, reads, atMs)
  }

  #scrape(device: number, reads: readonly number[], atMs: number): void {
    const { id, signIns } = this.#devices[device] as Device
    const seats = reads.flatMap((group) => this.#groups[group]?.seats.get(device) ?? [])
    const lines = [
      `sign_ins_total{device="${hex(id)}"} ${signIns}`,
      ...seats.map((seat) => `acknowledged_total{seat="${hex(seat.id)}"} ${++seat.reads}`),
    ]
    this.#scrapes.push({ atMs, text: lines.join("\n") })
  }

  leave(): void {}

  create(group: number, device: number): void {
    const id = this.#chance.bytes(32)
    this.#groups[group] = { id, seats: new Map(), posts: 0 }
    this.names.group(group, id)
    run(this.#delivery, "INSERT INTO groups VALUES (?)", id)
    this.#seat(group, device)
  }

  add(group: number, { devices }: Change): void {
    for (const device of devices) this.#seat(group, device)
  }

  remove(): void {}

  ask(): void {}

  readmit(): void {}

  post(group: number, { by, readers }: Post): void {
    const device = this.#devices[by] as Device
    device.tokens++
    this.#write(by)
    const seat = this.#groups[group]?.seats.get(by)
    if (seat !== undefined) seat.posts++
    const posted = this.#groups[group]
    if (posted !== undefined) posted.posts++
    for (const reader of readers) this.#acknowledge(group, reader)
  }

  night(_: number, atMs: number): Night {
    const files: FileCopy[] = [
      { path: "accounts.db", half: "accounts", bytes: this.#accounts.serialize(), mtimeMs: atMs },
      { path: "delivery.db", half: "delivery", bytes: this.#delivery.serialize(), mtimeMs: atMs },
    ]
    if (this.#fault === "mtime") {
      const empty = { bytes: new Uint8Array(1) }
      for (const { id, lastMs } of this.#devices.filter(Boolean))
        files.push({ ...empty, path: `waiting/${hex(id)}`, half: "accounts", mtimeMs: lastMs })
      for (const { seats } of this.#groups.filter(Boolean))
        for (const { id, device } of seats.values())
          files.push({ ...empty, path: `seats/${hex(id)}`, half: "delivery", mtimeMs: this.#devices[device]?.lastMs ?? 0 })
    }
    return { files, scrapes: this.#scrapes.splice(0) }
  }

  close(): void {
    this.#accounts.close()
    this.#delivery.close()
  }

  #seat(group: number, device: number): void {
    const made = this.#groups[group] as GroupRow
    if (made.seats.has(device)) return
    const seat = { id: this.#chance.bytes(16), device, posts: 0, ackOrder: 0, acked: 0, reads: 0 }
    made.seats.set(device, seat)
    if (this.names.seatOf(group, device) === undefined) this.names.seat(group, device, seat.id)
    run(this.#delivery, "INSERT INTO seats VALUES (?, ?, NULL)", made.id, seat.id)
    this.#writeSeat(group, seat)
  }

  #acknowledge(group: number, device: number): void {
    const seat = this.#groups[group]?.seats.get(device)
    if (seat === undefined) return
    seat.ackOrder = ++this.#ackOrder
    seat.acked = this.#groups[group]?.posts ?? 0
    this.#writeSeat(group, seat)
  }

  /** What only one of the faults writes beside the device. */
  #write(device: number): void {
    const { id, row, lastMs, tokens } = this.#devices[device] as Device
    if (this.#fault === "row id") run(this.#accounts, "UPDATE devices SET row = ? WHERE device_id = ?", row, id)
    if (this.#fault === "hour") run(this.#accounts, "UPDATE devices SET time = ? WHERE device_id = ?", Math.floor(lastMs / hourMs), id)
    if (this.#fault === "days") run(this.#accounts, "UPDATE devices SET time = ? WHERE device_id = ?", Math.floor(lastMs / 24 / hourMs), id)
    if (this.#fault === "token count") run(this.#accounts, "UPDATE devices SET tokens = ? WHERE device_id = ?", tokens, id)
  }

  /** And beside the seat. */
  #writeSeat(group: number, seat: SeatRow): void {
    const device = this.#devices[seat.device] as Device
    const more: Readonly<Record<Fault, SQLInputValue>> = {
      "hashed id": new Uint8Array(hash("sha256", device.id, "buffer")).subarray(0, 16),
      "row id": device.row,
      hour: Math.floor(device.lastMs / hourMs),
      mtime: null,
      "ack order": seat.ackOrder,
      "token count": seat.posts,
      "push endpoint": device.endpoint,
      days: seat.acked,
      "metric label": null,
    }
    if (this.#fault !== undefined)
      run(
        this.#delivery,
        "UPDATE seats SET more = ? WHERE group_id = ? AND seat = ?",
        more[this.#fault],
        this.#groups[group]?.id ?? null,
        seat.id,
      )
  }
}

function run(db: DatabaseSync, statement: string, ...values: SQLInputValue[]): void {
  db.prepare(statement).run(...values)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
