// What the copies of thirty nights say about each subject. Rows are told apart by the ids that stand in them, so a new table or column is
// seen without a word about it here.

import type { Names, Subject } from "../target/names.ts"
import type { FileCopy, Night } from "../target/target.ts"
import { type People, nightCount } from "../population/step.ts"
import { ByteLinks } from "./byte-links.ts"
import { KeyFinder, headAndTail } from "./spelling.ts"
import { Series } from "./series.ts"
import { type TableRows, type Value, rowNumber, tableRows } from "./table-rows.ts"

const pageBytes = 4096
/** Rows are read of every night; the raw bytes of the files, which take longest, of every fifth, the last among them. */
const searchedEvery = 5

/** By column, such as `delivery.db seats.acked`: what it said about each subject. */
export type Columns = ReadonlyMap<string, ReadonlyMap<number, Series>>

export class Evidence {
  readonly names: Names
  readonly people: People
  readonly #columns: Record<Subject["kind"], Map<string, Map<number, Series>>>
  readonly bytes: ByteLinks

  constructor(names: Names, people: People) {
    this.names = names
    this.people = people
    this.bytes = new ByteLinks(names, people)
    this.#columns = { account: new Map(), device: new Map(), group: new Map(), seat: new Map() }
  }

  about(kind: Subject["kind"]): Columns {
    return this.#columns[kind]
  }

  take(night: number, { files }: Night): void {
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
      for (let at = night; at < nightCount; at++) this.#series("device", "registered", index).note(at, 1, night)
    for (const [index, { group }] of this.names.seats.entries()) {
      const first = Math.min(this.#firstNight("seat", index), this.#firstNight("group", group))
      for (let at = first; at < nightCount; at++) this.#series("seat", "listed", index).note(at, 1, first)
    }
    this.bytes.finish()
  }

  #firstNight(kind: "seat" | "group", index: number): number {
    let first = nightCount
    for (const subjects of this.#columns[kind].values()) {
      const at = subjects.get(index)?.hashes.findIndex((hash) => hash !== 0) ?? -1
      if (at >= 0) first = Math.min(first, at)
    }
    return first
  }

  #takeRows(night: number, file: FileCopy, { table, columns, rows }: TableRows): void {
    for (const row of rows)
      for (const subject of this.#subjectsOf(row)) {
        this.#series(subject.kind, `${file.path} ${table}`, subject.index).note(night, rowHash(row, columns), 1)
        for (const [at, column] of columns.entries()) {
          const value = row[at] as Value
          const place = `${file.path} ${table}.${column}`
          this.#series(subject.kind, place, subject.index).note(night, hashOf(value), numberOf(value))
          if (value instanceof Uint8Array || typeof value === "string") this.bytes.takeValue(subject, value)
        }
      }
  }

  /** Whom a row is about: its seat, else its group; its device, else its account. A row of both halves is about two. */
  #subjectsOf(row: readonly Value[]): Subject[] {
    const ids = row.filter((value) => value instanceof Uint8Array)
    const found = ids.map((id) => this.names.find(id)).filter((subject) => subject !== undefined)
    const of = (kind: Subject["kind"]): Subject[] => found.filter((subject) => subject.kind === kind)
    const groups = of("group")
    const named = groups.flatMap(({ index }) => ids.map((id) => this.names.seatNamed(index, id)).filter((seat) => seat !== undefined))
    const seats = named.length > 0 ? named.map((index) => ({ kind: "seat" as const, index })) : of("seat")
    const devices = of("device")
    return [...(seats.length > 0 ? seats : groups), ...(devices.length > 0 ? devices : of("account"))]
  }

  /** Of a file that is called after somebody: when it was written, and its size. */
  #takeFile(night: number, { path, mtimeMs, bytes }: FileCopy): void {
    for (const name of path.match(/[0-9a-f]{16,}/g) ?? []) {
      const subject = name.length % 2 === 0 ? this.names.find(Uint8Array.from(Buffer.from(name, "hex"))) : undefined
      if (subject === undefined) continue
      const place = path.replace(name, "#")
      this.#series(subject.kind, `${place} (time of change)`, subject.index).note(night, hashOf(mtimeMs), mtimeMs)
      this.#series(subject.kind, `${place} (size)`, subject.index).note(night, hashOf(bytes.length), bytes.length)
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
        this.#series(subject.kind, `${path} (page)`, subject.index).note(nightCount - 1, 1, Math.floor(at / pageBytes))
      }
  }

  #series(kind: Subject["kind"], column: string, index: number): Series {
    const columns = this.#columns[kind]
    let subjects = columns.get(column)
    if (subjects === undefined) columns.set(column, (subjects = new Map()))
    let series = subjects.get(index)
    if (series === undefined) subjects.set(index, (series = new Series()))
    return series
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

function rowHash(row: readonly Value[], columns: readonly string[]): number {
  return row.reduce<number>((sum, value, at) => (columns[at] === rowNumber ? sum : Math.imul(sum, 31) + hashOf(value)), 17) | 0
}

/** FNV-1a, over at most 64 bytes from each end. */
function hashOf(value: Value): number {
  let hash = 0x811c9dc5
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  if (value instanceof Uint8Array) {
    for (const byte of value.length > 128 ? [...value.subarray(0, 64), ...value.subarray(-64)] : value) mix(byte)
    mix(value.length)
  } else for (const letter of String(value)) mix(letter.charCodeAt(0))
  return hash | 0
}
