// The goals the engine was built to, against what a run measured.

import { formatBytes } from "../measurement.ts"
import type { Table } from "../section.ts"

/** Medians in microseconds and sizes in bytes, by name. */
export class Figures {
  readonly #figures = new Map<string, number>()

  set(figure: string, value: number | undefined): void {
    if (value !== undefined) this.#figures.set(figure, value)
  }

  /** Not a number where it was not measured. */
  get(figure: string): number {
    return this.#figures.get(figure) ?? Number.NaN
  }
}

interface Goal {
  readonly what: string
  readonly goal: string
  readonly value: (figures: Figures) => number
  readonly atMost: number
  readonly show: (value: number) => string
}

const milliseconds = (us: number): string => `${(us / 1000).toPrecision(3)} ms`
const times = (value: number): string => `${value.toFixed(2)} ×`

const goals: readonly Goal[] = [
  ...[2, 1000].flatMap((size) =>
    (["encrypt", "decrypt"] as const).map((operation): Goal => ({
      what: `${operation} 64 B, N = ${size}, against the primitives`,
      goal: "≤ 1.25 ×",
      value: (figures) => figures.get(`node/${size}/${operation}/hybrid`) / figures.get(`node/${size}/${operation}/primitives`),
      atMost: 1.25,
      show: times,
    })),
  ),
  { what: "record after a message, N = 1,000", goal: "≤ 300 B", value: (figures) => figures.get("stored"), atMost: 300, show: formatBytes },
  {
    what: "saving it, N = 1,000",
    goal: "≤ 20 µs",
    value: (figures) => figures.get("save"),
    atMost: 20,
    show: (us) => `${us.toPrecision(2)} µs`,
  },
  {
    what: "join, N = 1,000, X25519",
    goal: "≤ 200 ms",
    value: (figures) => figures.get("node/1000/join/classical"),
    atMost: 200_000,
    show: milliseconds,
  },
  {
    what: "join, N = 1,000, hybrid",
    goal: "≤ 350 ms",
    value: (figures) => figures.get("node/1000/join/hybrid"),
    atMost: 350_000,
    show: milliseconds,
  },
  {
    what: "process a commit, N = 1,000, hybrid",
    goal: "≤ 4 ms",
    value: (figures) => figures.get("node/1000/processCommit/hybrid"),
    atMost: 4_000,
    show: milliseconds,
  },
  {
    what: "add 999 in one commit, hybrid: time",
    goal: "≤ 400 ms",
    value: (figures) => figures.get("add/us"),
    atMost: 400_000,
    show: milliseconds,
  },
  { what: "the same: peak memory", goal: "≤ 300 MB", value: (figures) => figures.get("add/bytes"), atMost: 300_000_000, show: formatBytes },
  ...(["encrypt", "decrypt"] as const).map((operation): Goal => ({
    what: `${operation} in Chromium, N = 2, hybrid, against Node`,
    goal: "≤ 2 ×",
    value: (figures) => figures.get(`browser/2/${operation}/hybrid`) / figures.get(`node/2/${operation}/hybrid`),
    atMost: 2,
    show: times,
  })),
  { what: "script and WebAssembly, gzip", goal: "≤ 120 kB", value: (figures) => figures.get("bundle"), atMost: 120_000, show: formatBytes },
]

export function goalTable(figures: Figures): Table {
  const rows = goals.map(({ what, goal, value, atMost, show }) => {
    const measured = value(figures)
    return Number.isNaN(measured) ? [what, goal, "–", "not measured"] : [what, goal, show(measured), measured <= atMost ? "met" : "missed"]
  })
  return { caption: "Goals", columns: ["", "goal", "measured", ""], rows }
}

/** The short name of a contender that goals speak of. */
export function role(name: string): string {
  if (name.startsWith("primitives")) return "primitives"
  if (name.startsWith("Nodoor, hybrid")) return "hybrid"
  return name.startsWith("Nodoor") ? "classical" : name
}
