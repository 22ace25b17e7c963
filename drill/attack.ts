// One attack, and how its outcome follows from what the clients did: by one rule for all attacks, never by what a row says of itself.

import type { DrillWorld } from "./drill-world.ts"
import type { Exported, Sign } from "./sign.ts"

/** What an attack came to. */
export interface Observation {
  /** What the adversary gained, each in a few words. Empty if nothing. */
  readonly gained: readonly string[]
  /** What shows that the attack was really tried. */
  readonly tried: string
}

export type OutcomeKind = "impossible" | "refused" | "detected" | "unnoticed"

/** `codes`: what people were told, most serious first. */
export interface Outcome {
  readonly kind: OutcomeKind
  readonly codes: readonly string[]
}

export interface Attack {
  /** Unique; what `--only` takes. */
  readonly name: string
  readonly attack: string
  /** What the adversary did, in a sentence. */
  readonly did: string
  /** `code` must be among those that people were told. `unnoticed` only for an honest limit. */
  readonly expected: { readonly kind: OutcomeKind; readonly code?: string }
  /** Why this is not prevented and where that is said. Only for what is expected to go unnoticed. */
  readonly limit?: string
  run(world: DrillWorld): Promise<Observation>
}

export interface Row {
  readonly attack: Attack
  readonly outcome: Outcome | undefined
  readonly observation: Observation | undefined
  readonly signs: readonly Sign[]
  readonly exported: readonly Exported[]
  /** The attack could not be carried out to its end. */
  readonly failure: string | undefined
  readonly passed: boolean
}

/**
 * Nothing gained and nobody told: impossible. Nothing gained and somebody told: refused. Something gained and somebody told: detected.
 * Something gained and nobody told: unnoticed.
 */
export function outcomeOf({ gained }: Observation, signs: readonly Sign[]): Outcome {
  const codes = [...new Set(signs.toSorted((a, b) => weight(b) - weight(a)).map((sign) => sign.code))]
  const told = codes.length > 0
  const kind = gained.length === 0 ? (told ? "refused" : "impossible") : told ? "detected" : "unnoticed"
  return { kind, codes }
}

/** Whether the outcome is the expected one. An unnoticed one passes only as an honest limit that has a name. */
export function passes({ expected, limit }: Attack, outcome: Outcome): boolean {
  if (outcome.kind !== expected.kind) return false
  if (outcome.kind === "unnoticed") return limit !== undefined
  return expected.code === undefined || outcome.codes.includes(expected.code)
}

function weight({ kind, level }: Sign): number {
  if (kind === "alarm") return level === "red" ? 4 : level === "warn" ? 2 : 1
  return kind === "refusal" || kind === "audit" ? 3 : 0
}
