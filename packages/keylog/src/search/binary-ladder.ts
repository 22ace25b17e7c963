// Which versions to look at to be sure of the greatest one (draft-ietf-keytrans-protocol, binary ladder).

import { rule } from "../core/keylog-error.ts"

/** One version of a ladder and whether the map must hold it. */
export interface LadderStep {
  readonly version: number
  readonly present: boolean
}

/** A person changes devices some thousand times at most; keeps a ladder below 60 steps. */
export const maxLabelVersion = 0x3fffffff

/**
 * The steps that prove `greatest`: 0, 1, 3, 7, … to the first absent one, then halving in between. For a label without versions
 * (`greatest` undefined): version 0, absent.
 */
export function binaryLadder(greatest: number | undefined): LadderStep[] {
  if (greatest === undefined) return [{ version: 0, present: false }]
  const steps: LadderStep[] = []
  const probe = (version: number): boolean => {
    const present = version <= greatest
    steps.push({ version, present })
    return present
  }
  let low = 0
  let high = 0
  while (probe(high)) {
    low = high
    high = 2 * high + 1
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (probe(middle)) low = middle
    else high = middle
  }
  return steps
}

/** W(g): the versions above `greatest` that its ladder shows absent. While none is inserted, nobody can be shown another greatest version. */
export function watchSet(greatest: number | undefined): number[] {
  return binaryLadder(greatest)
    .filter(({ present }) => !present)
    .map(({ version }) => version)
}

/** @throws KeylogError `ladder` unless presence and absence are as the ladder of `greatest` says */
export function verifyLadder(greatest: number | undefined, found: readonly boolean[]): void {
  const steps = binaryLadder(greatest)
  rule(found.length === steps.length, "ladder", "number of steps") // L1
  steps.forEach(({ present }, i) => rule(found[i] === present, "ladder", "not the greatest version")) // L1
}
