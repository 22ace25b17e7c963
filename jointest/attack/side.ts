// One side of the question, devices or seats, as numbers that can be compared with the other side's.

import type { Columns, Evidence } from "../evidence/evidence.ts"
import { nightCount } from "../population/step.ts"

/** What is known about each member of a side. Plain data: it goes from one thread to another. */
export interface Side {
  /** By trait: one bit for each night, by member. */
  readonly masks: ReadonlyMap<string, Int32Array>
  /** By trait: a number and its rank from 0 to 1, by member; NaN where there is none. */
  readonly numbers: ReadonlyMap<string, Ranked>
  /** By trait: by member, every time that ever stood there. */
  readonly sets: ReadonlyMap<string, readonly (readonly number[])[]>
}

export interface Ranked {
  readonly values: Float64Array
  readonly ranks: Float64Array
  /** Hours since 1970, if it looks like a time. */
  readonly hours: Float64Array | undefined
}

/** The baseline's: the founding list, with the days on which devices came to their accounts, which the public log tells. */
export const foundingTraits: ReadonlySet<string> = listed("registered")
/** And which seats of which groups there are, and since which night; with which keys, the first or the device's own; and which have ended. */
export const listTraits: ReadonlySet<string> = listed("listed", "taken", "gone")

function listed(...lists: readonly string[]): ReadonlySet<string> {
  const traits = ["exists", "changes", "first", "last"]
  return new Set(lists.flatMap((list) => traits.flatMap((trait) => [`${list} ${trait}`, `${list} of all ${trait}`])))
}

export function deviceSide(evidence: Evidence): Side {
  const { accountOf } = evidence.people
  const side = sideOf(accountOf.length, [
    [evidence.about("device"), (device) => device],
    [evidence.about("account"), (device) => accountOf[device] as number],
  ])
  return withMoments(evidence, side, "registered")
}

export function seatSide(evidence: Evidence): Side {
  const { seats } = evidence.names
  const side = sideOf(seats.length, [
    [evidence.about("seat"), (seat) => seat],
    [evidence.about("group"), (seat) => seats[seat]?.group as number],
  ])
  return withMoments(evidence, side, "listed")
}

/** At which times of the day on which somebody came the metrics moved that seldom move. */
function withMoments(evidence: Evidence, side: Side, trait: string): Side {
  const sets = new Map(side.sets)
  const came = side.masks.get(`${trait} exists`) ?? new Int32Array()
  for (const [line, nights] of evidence.scrapes.rare(nightCount))
    sets.set(
      `${line} on its day`,
      Array.from(came, (mask) => nights.get(mask === 0 ? -1 : 31 - Math.clz32(mask & -mask)) ?? []),
    )
  return { ...side, sets }
}

type Source = readonly [columns: Columns, subjectOf: (member: number) => number]

function sideOf(count: number, sources: readonly Source[]): Side {
  const masks = new Map<string, Int32Array>()
  const numbers = new Map<string, Ranked>()
  const sets = new Map<string, readonly (readonly number[])[]>()
  for (const [at, [columns, subjectOf]] of sources.entries()) {
    const subjects = Array.from({ length: count }, (_, member) => subjectOf(member))
    for (const [column, of] of columns) {
      const name = at === 0 ? column : `${column} of all`
      masks.set(
        `${name} exists`,
        Int32Array.from(subjects, (subject) => of.existing(subject)),
      )
      masks.set(
        `${name} changes`,
        Int32Array.from(subjects, (subject) => of.changes(subject)),
      )
      const first = ranked(Float64Array.from(subjects, (subject) => of.first(subject)))
      numbers.set(`${name} first`, first)
      numbers.set(`${name} last`, ranked(Float64Array.from(subjects, (subject) => of.last(subject))))
      if (first.hours !== undefined)
        sets.set(
          name,
          subjects.map((subject) => of.numbers(subject)),
        )
    }
  }
  return { masks, numbers, sets }
}

function ranked(values: Float64Array): Ranked {
  const order = [...values.keys()].filter((at) => !Number.isNaN(values[at])).sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranks = new Float64Array(values.length).fill(Number.NaN)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++
    for (let at = from; at < to; at++) ranks[order[at] as number] = (from + to) / 2 / order.length
    from = to
  }
  return { values, ranks, hours: hoursOf(values) }
}

/** Milliseconds, seconds, hours or days since 1970, by their size. */
function hoursOf(values: Float64Array): Float64Array | undefined {
  const some = values.find((value) => !Number.isNaN(value))
  if (some === undefined) return undefined
  const year = 8766
  const unit = [1 / 3_600_000, 1 / 3600, 1, 24].find((hours) => some * hours > 50 * year && some * hours < 60 * year)
  return unit === undefined ? undefined : values.map((value) => value * unit)
}
