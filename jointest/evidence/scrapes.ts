// What /metrics printed, scrape after scrape: when each line moved. A line whose label names somebody is about them; all others are only about the
// server, and still say at which times of a day something happened.

import type { Names, Subject } from "../target/names.ts"
import { dayMs, startMs } from "../population/step.ts"
import type { Scrape } from "../target/target.ts"

/** Moments of one line in the days in which something came: what moves all the time says nothing. */
const rareMax = 10
const dailyMax = 8

export interface Moved {
  /** The metric, without its labels. */
  readonly metric: string
  readonly subjects: readonly Subject[]
  readonly hour: number
  readonly value: number
}

interface Line {
  value: string
  readonly subjects: readonly Subject[]
  /** By night before whose copy it moved: the hours at which. */
  readonly nights: Map<number, number[]>
  moments: number
}

export class Scrapes {
  readonly #names: Names
  /** By metric and labels, as they are printed. */
  readonly #lines = new Map<string, Line>()

  constructor(names: Names) {
    this.#names = names
  }

  /** Answers the lines about somebody that moved. */
  take({ atMs, text }: Scrape): Moved[] {
    const moved: Moved[] = []
    const night = Math.floor((atMs - startMs) / dayMs) + 1
    const hour = atMs / 3_600_000
    for (const row of text.split("\n")) {
      const space = row.startsWith("#") ? -1 : row.lastIndexOf(" ")
      if (space < 0) continue
      const [name, value] = [row.slice(0, space), row.slice(space + 1)]
      let line = this.#lines.get(name)
      if (line === undefined) this.#lines.set(name, (line = { value: "", subjects: this.#namedIn(name), nights: new Map(), moments: 0 }))
      if (line.value === value) continue
      line.value = value
      line.moments++
      const at = line.nights.get(night)
      if (at === undefined) line.nights.set(night, [hour])
      else at.push(hour)
      if (line.subjects.length > 0) moved.push({ metric: name.replace(/\{.*/, ""), subjects: line.subjects, hour, value: Number(value) })
    }
    return moved
  }

  /** By line that moves seldom: by night, the hours at which it had moved. */
  rare(nights: number): ReadonlyMap<string, ReadonlyMap<number, readonly number[]>> {
    const seldom = [...this.#lines].filter(([, { moments, nights: of }]) => of.size >= 3 && moments <= nights * dailyMax)
    return new Map(
      seldom
        .toSorted(([, a], [, b]) => a.moments - b.moments)
        .slice(0, rareMax)
        .map(([name, { nights: of }]) => [name, of]),
    )
  }

  #namedIn(line: string): Subject[] {
    return [...line.matchAll(/="([^"]*)"/g)].flatMap(([, label = ""]) => {
      const spelled = /^([0-9a-f]{2})+$/i.test(label) ? "hex" : "base64url"
      return this.#names.find(new Uint8Array(Buffer.from(label, spelled))) ?? []
    })
  }
}
