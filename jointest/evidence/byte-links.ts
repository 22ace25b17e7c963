// Bytes that stand in both halves: as they are, hashed, cut or spelled otherwise. And bytes that several seats share.

import type { Names, Subject } from "../target/names.ts"
import type { People } from "../population/step.ts"
import type { FileCopy } from "../target/target.ts"
import { KeyFinder, headAndTail, spellings, transformed } from "./spelling.ts"

/** A value that more people than this share says nothing about one of them. */
const sharedByMax = 4
/** In a file that is no database: how far from somebody's id a value may stand to be about them. */
const nearBytes = 512

const kinds: readonly Subject["kind"][] = ["account", "device", "group", "seat"]

export class ByteLinks {
  readonly #names: Names
  /** By eight bytes: whose value in the account half makes them. */
  readonly #people = new KeyFinder<number>()
  /** By eight bytes: of which seat or group the delivery half has them. */
  readonly #seats = new KeyFinder<number>()
  readonly #groups = new KeyFinder<number>()
  /** Values that were taken, by subject and hash. */
  readonly #seen = new Set<number>()
  readonly #named = { count: 0 }
  /** By seat and device: how surely bytes say that the seat is the device's, from 0 to 1. */
  readonly links: Map<number, Map<number, number>> = new Map()
  /** By seat: those with which it has bytes in common that few others have. */
  readonly twins: Map<number, Set<number>> = new Map()

  /** By number of the account: its devices, as accounts.db says it anyway. */
  readonly #devicesOf: readonly (readonly number[])[]

  constructor(names: Names, people: People) {
    this.#names = names
    this.#devicesOf = Array.from({ length: people.accountCount }, (_, account) =>
      people.accountOf.flatMap((of, device) => (of === account ? [device] : [])),
    )
  }

  /** `valueHash`: 32 bits. */
  takeValue(subject: Subject, value: Uint8Array | string, valueHash: number): void {
    if (value.length < 8) return
    const once = (subject.index * kinds.length + kinds.indexOf(subject.kind)) * 2 ** 32 + (valueHash >>> 0)
    if (this.#seen.has(once)) return
    this.#seen.add(once)
    const bytes = typeof value === "string" ? Buffer.from(value) : value
    if (subject.kind === "seat" || subject.kind === "group") {
      const keys = subject.kind === "seat" ? this.#seats : this.#groups
      for (const key of [bytes, ...decoded(value)].flatMap(headAndTail)) keys.add(key, subject.index)
    } else this.#addPerson(subject, bytes, isId(this.#names, bytes))
  }

  /** Looks for ids and values of one half in the raw bytes of the other: free pages, write-ahead log, segments, lines of text. */
  takeFile({ half, bytes }: FileCopy): void {
    this.#nameAll()
    if (half === "both") return
    const ofFew = <Hit extends { readonly owners: ReadonlySet<number> }>(hits: readonly Hit[]): Hit[] =>
      hits.filter(({ owners }) => owners.size <= sharedByMax)
    // First what should not be there at all.
    const devices = half === "accounts" ? [] : ofFew(this.#people.in(bytes))
    if (half !== "accounts" && devices.length === 0) return
    const [seats, groups] = [ofFew(this.#seats.in(bytes)), ofFew(this.#groups.in(bytes))]
    if (half === "accounts" && seats.length + groups.length > 0) devices.push(...ofFew(this.#people.in(bytes)))
    const seatsOf = this.#seatsByGroup()
    // Whatever of the delivery half stands nearest; less sure than a row that says so.
    const marks = [
      ...seats.map(({ at, owners }) => ({ at, seats: [...owners] })),
      ...groups.map(({ at, owners }) => ({ at, seats: [...owners].flatMap((group) => seatsOf.get(group) ?? []) })),
    ].toSorted((a, b) => a.at - b.at)
    let next = 0
    for (const { at, owners } of devices) {
      while (next < marks.length && (marks[next] as (typeof marks)[0]).at <= at) next++
      const around = [marks[next - 1], marks[next]].filter((mark) => mark !== undefined && Math.abs(mark.at - at) < nearBytes)
      const [nearest] = around.toSorted((a, b) => Math.abs((a?.at ?? 0) - at) - Math.abs((b?.at ?? 0) - at))
      for (const seat of nearest?.seats ?? []) this.#link(seat, owners, 0.5)
    }
  }

  finish(): void {
    const seatsOf = this.#seatsByGroup()
    for (const [key, seats] of this.#seats.entries()) this.#join(key, seats)
    for (const [key, groups] of this.#groups.entries())
      if (this.#people.get(key) !== undefined) this.#join(key, new Set([...groups].flatMap((group) => seatsOf.get(group) ?? [])))
    for (const [, seats] of this.#seats.entries())
      if (seats.size > 1 && seats.size <= 64)
        for (const a of seats) for (const b of seats) if (a !== b) (this.twins.get(a) ?? this.twins.set(a, new Set()).get(a))?.add(b)
  }

  #join(key: string, seats: ReadonlySet<number>): void {
    const people = this.#people.get(key)
    if (people !== undefined) for (const seat of seats) this.#link(seat, people)
  }

  #link(seat: number, people: ReadonlySet<number>, sureness = 1): void {
    if (people.size > sharedByMax) return
    const links = this.links.get(seat) ?? new Map<number, number>()
    this.links.set(seat, links)
    for (const device of people) links.set(device, Math.max(links.get(device) ?? 0, sureness / people.size))
  }

  /** Ids are looked for in every spelling and under every hash, from the night on which they are first there. */
  #nameAll(): void {
    for (const { id, subject } of this.#names.ids().slice(this.#named.count)) {
      if (subject.kind === "account" || subject.kind === "device") this.#addPerson(subject, id, true)
      else
        for (const key of spellings(id).flatMap(headAndTail)) (subject.kind === "seat" ? this.#seats : this.#groups).add(key, subject.index)
    }
    this.#named.count = this.#names.ids().length
  }

  #addPerson(subject: Subject, bytes: Uint8Array, isId: boolean): void {
    const devices = subject.kind === "device" ? [subject.index] : (this.#devicesOf[subject.index] ?? [])
    for (const key of transformed(bytes, isId).flatMap(spellings).flatMap(headAndTail))
      for (const device of devices) this.#people.add(key, device)
  }

  #seatsByGroup(): Map<number | undefined, number[]> {
    return Map.groupBy(this.#names.seats.keys(), (seat) => this.#names.seats[seat]?.group)
  }
}

function isId(names: Names, bytes: Uint8Array): boolean {
  return names.find(bytes) !== undefined
}

/** What a text may stand for. */
function decoded(value: Uint8Array | string): Uint8Array[] {
  if (typeof value !== "string") return []
  return [...(/^([0-9a-f]{2})+$/i.test(value) ? [Buffer.from(value, "hex")] : []), Buffer.from(value, "base64url")].filter(
    ({ length }) => length >= 8,
  )
}
