// What the copies of thirty nights say about each subject. Rows are told apart by the ids that stand in them, so a new table or column is
// seen without a word about it here.

import type { Names, Subject } from "../target/names.ts"
import type { FileCopy, Night } from "../target/target.ts"
import { type People, dayMs, nightCount, startMs } from "../population/step.ts"
import { ByteLinks } from "./byte-links.ts"
import { Column } from "./column.ts"
import { unpacked } from "./packed.ts"
import { Scrapes } from "./scrapes.ts"
import { KeyFinder, headAndTail } from "./spelling.ts"
import { type TableRows, type Value, rowNumber, tableRows } from "./table-rows.ts"

const pageBytes = 4096
/** Rows are read of every night; the raw bytes of the files, which take longest, of every fifth, the last among them. */
const searchedEvery = 5

/** By column, such as `delivery.db seats.acked`: what it said about each subject. */
export type Columns = ReadonlyMap<string, Column>

export class Evidence {
  readonly names: Names
  readonly people: People
  readonly #columns: Record<Subject["kind"], Map<string, Column>>
  readonly bytes: ByteLinks
  readonly scrapes: Scrapes

  constructor(names: Names, people: People) {
    this.names = names
    this.people = people
    this.bytes = new ByteLinks(names, people)
    this.scrapes = new Scrapes(names)
    this.#columns = { account: new Map(), device: new Map(), group: new Map(), seat: new Map() }
  }

  about(kind: Subject["kind"]): Columns {
    return this.#columns[kind]
  }

  take(night: number, { files, scrapes }: Night): void {
    for (const scrape of scrapes)
      for (const { metric, subjects, hour, value } of this.scrapes.take(scrape))
        for (const { kind, index } of subjects) {
          this.#column(kind, `metric ${metric}`).note(index, night, hashOf(value), value)
          this.#column(kind, `metric ${metric} (moved)`).note(index, night, hashOf(hour), hour)
        }
    const wals = new Map(files.filter(({ path }) => path.endsWith("-wal")).map((file) => [file.path.slice(0, -4), file.bytes]))
    for (const file of files) {
      if (isDatabase(file)) for (const rows of tableRows(file.bytes, wals.get(file.path))) this.#takeRows(night, file, rows)
      this.#takeFile(night, file)
    }
    // Ids of a night are known only once all its rows are read.
    if (night % searchedEvery === searchedEvery - 1) for (const file of files) this.bytes.takeFile(file)
    if (night === nightCount - 1) for (const file of files.filter(isDatabase)) this.#takePages(file)
  }

  finish(): void {
    for (const [index, night] of this.people.deviceNight.entries())
      this.#list("registered", night, { device: index, account: this.people.accountOf[index] as number })
    for (const [index, { group, takenMs, goneMs }] of this.names.seats.entries()) {
      this.#list("listed", this.#firstNight(index), { seat: index, group })
      for (const [list, atMs] of [["taken", takenMs] as const, ["gone", goneMs] as const])
        if (atMs !== undefined) this.#list(list, Math.max(0, Math.ceil((atMs - startMs) / dayMs)), { seat: index, group })
    }
    this.bytes.finish()
  }

  /** What the two lists say: since which night the member is there, taken or gone, and what came to its account or its group. */
  #list(name: string, night: number, of: Partial<Record<Subject["kind"], number>>): void {
    for (const [kind, index] of Object.entries(of) as [Subject["kind"], number][])
      for (let at = night; at < nightCount; at++) this.#column(kind, name).note(index, at, 1, night)
  }

  /** Whether any copy has the seat. Those that came and went between two are in none. */
  isListed(seat: number): boolean {
    return this.#column("seat", "listed").existing(seat) !== 0
  }

  #firstNight(seat: number): number {
    let first = nightCount
    for (const column of this.#columns.seat.values()) first = Math.min(first, column.firstNight(seat))
    return first
  }

  #takeRows(night: number, { path }: FileCopy, { table, columns, rows }: TableRows): void {
    const of = new Map<Subject["kind"], { readonly row: Column; readonly values: readonly Column[] }>()
    const noted = (kind: Subject["kind"]): { readonly row: Column; readonly values: readonly Column[] } => {
      let found = of.get(kind)
      if (found === undefined)
        of.set(
          kind,
          (found = {
            row: this.#column(kind, `${path} ${table}`),
            values: columns.map((column) => this.#column(kind, `${path} ${table}.${column}`)),
          }),
        )
      return found
    }
    for (const row of rows) {
      const subjects = this.#subjectsOf(row)
      if (subjects.length === 0) continue
      const hashes = row.map(hashOf)
      const hash = rowHash(hashes, columns)
      for (const subject of subjects) {
        const { row: whole, values } = noted(subject.kind)
        whole.note(subject.index, night, hash, 1)
        for (const [at, column] of values.entries()) {
          const value = row[at] as Value
          column.note(subject.index, night, hashes[at] as number, numberOf(value))
          if (!(value instanceof Uint8Array) && typeof value !== "string") continue
          this.bytes.takeValue(subject, value, hashes[at] as number)
          if (value instanceof Uint8Array) this.#takePacked(night, `${path} ${table}.${columns[at]}`, subject, value)
        }
      }
    }
  }

  /** What stands inside a value, for whoever reads the source. */
  #takePacked(night: number, place: string, { kind, index }: Subject, value: Uint8Array): void {
    for (const [field, number] of unpacked(place, value)) this.#column(kind, `${place} (${field})`).note(index, night, number, number)
  }

  /** Whom a row is about: its seat, else its group; its device, else its account. A row of both halves is about two. */
  #subjectsOf(row: readonly Value[]): Subject[] {
    const ids: Uint8Array[] = []
    const found: Subject[] = []
    for (const value of row) {
      if (!(value instanceof Uint8Array)) continue
      ids.push(value)
      const subject = this.names.find(value)
      if (subject !== undefined) found.push(subject)
    }
    if (found.length === 0) return found
    const of = (kind: Subject["kind"]): Subject[] => found.filter((subject) => subject.kind === kind)
    const groups = of("group")
    const named = groups.flatMap(({ index }) => ids.flatMap((id) => this.names.seatNamed(index, id) ?? []))
    const seats = named.length > 0 ? named : of("seat")
    const devices = of("device")
    return [...(seats.length > 0 ? seats : groups), ...(devices.length > 0 ? devices : of("account"))]
  }

  /** Of a file that is called after somebody: when it was written, and its size. */
  #takeFile(night: number, { path, mtimeMs, bytes }: FileCopy): void {
    for (const name of path.match(/[0-9a-f]{16,}/g) ?? []) {
      const subject = name.length % 2 === 0 ? this.names.find(Uint8Array.from(Buffer.from(name, "hex"))) : undefined
      if (subject === undefined) continue
      const place = path.replace(name, "#")
      this.#column(subject.kind, `${place} (time of change)`).note(subject.index, night, hashOf(mtimeMs), mtimeMs)
      this.#column(subject.kind, `${place} (size)`).note(subject.index, night, hashOf(bytes.length), bytes.length)
    }
  }

  /** On which page of the file somebody's id first stands. */
  #takePages({ path, bytes }: FileCopy): void {
    const finder = new KeyFinder<Subject>()
    for (const { id, subject } of this.names.ids()) for (const key of headAndTail(id)) finder.add(key, subject)
    const seen = new Set<Subject>()
    for (const { at, owners } of finder.in(bytes))
      for (const subject of owners) {
        if (seen.has(subject)) continue
        seen.add(subject)
        this.#column(subject.kind, `${path} (page)`).note(subject.index, nightCount - 1, 1, Math.floor(at / pageBytes))
      }
  }

  #column(kind: Subject["kind"], name: string): Column {
    let column = this.#columns[kind].get(name)
    if (column === undefined) this.#columns[kind].set(name, (column = new Column()))
    return column
  }
}

function isDatabase({ bytes }: FileCopy): boolean {
  return Buffer.from(bytes.subarray(0, 15)).toString("latin1") === "SQLite format 3"
}

/** Sizes count as numbers. */
function numberOf(value: Value): number | undefined {
  if (typeof value === "number" || typeof value === "bigint") return Number(value)
  return value === null ? undefined : typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : value.length
}

function rowHash(hashes: readonly number[], columns: readonly string[]): number {
  return hashes.reduce((sum, hash, at) => (columns[at] === rowNumber ? sum : Math.imul(sum, 31) + hash), 17) | 0
}

/** FNV-1a, over at most 64 bytes from each end. */
function hashOf(value: Value): number {
  let hash = 0x811c9dc5
  if (value instanceof Uint8Array) {
    const { length } = value
    for (let at = 0; at < length; at++) {
      if (at === 64 && length > 128) at = length - 64
      hash = Math.imul(hash ^ (value[at] as number), 0x01000193)
    }
    hash = Math.imul(hash ^ length, 0x01000193)
  } else {
    const text = String(value)
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash | 0
}
