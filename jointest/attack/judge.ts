// What the attacker learned: which comparisons tell what belongs together, and how to weigh them against each other.

import { type Comparison, type Pair, comparisons, evidenceOf, learn, moments, valuesOf } from "./comparison.ts"
import type { Side } from "./side.ts"

/** Plain data: it goes from one thread to another. */
export interface Judge {
  readonly bias: number
  /** The comparisons it uses, the strongest first. */
  readonly uses: readonly {
    readonly comparison: Comparison
    /** Of the lessons, so that comparisons can be weighed against each other. */
    readonly mean: number
    readonly weight: number
  }[]
}

/** Evidence that a member of the left side and one of the right belong together, as a logarithm of a likelihood ratio. */
export function judging({ bias, uses }: Judge, left: Side, right: Side): (a: number, b: number) => number {
  const each = uses.map(({ comparison, mean, weight }) => ({ of: evidenceOf(comparison)(left, right), mean, weight }))
  return (a, b) => {
    let sum = bias
    for (const { of, mean, weight } of each) sum += weight * (of(a, b) - mean)
    return sum
  }
}

/** Weaker ones are noise of the sample. */
const apartMin = 0.15
const nearlySame = 0.93

export interface Learning {
  readonly same: readonly Pair[]
  readonly others: readonly Pair[]
  /** Only these traits, or all. */
  readonly left?: ReadonlySet<string>
  readonly right?: ReadonlySet<string>
}

/** Learns from worlds whose truth the attacker knows, because it played them itself: one judge for each of these numbers of comparisons at most. */
export function learnJudges({ same, others, ...among }: Learning, most: readonly number[]): Judge[] {
  const [first] = same
  if (first === undefined) return most.map(() => ({ bias: 0, uses: [] }))
  const learned = comparisons(first.left, first.right, among)
    .map((each) => learn(each, same, others))
    .filter(({ apart }) => apart > apartMin)
    .toSorted((a, b) => b.apart - a.apart)
  const chosen = different(learned, others, Math.max(...most))
  return most.map((max) => weigh(chosen.slice(0, max), same, others))
}

/** The strongest that are not nearly the same as a stronger one. */
function different(learned: readonly { readonly comparison: Comparison }[], others: readonly Pair[], max: number): Comparison[] {
  const some = others.slice(0, 1500)
  const kept: { readonly comparison: Comparison; readonly values: Float64Array }[] = []
  for (const { comparison } of learned) {
    if (kept.length === max) break
    const values = valuesOf(comparison, some)
    if (kept.every((other) => Math.abs(correlation(other.values, values)) < nearlySame)) kept.push({ comparison, values })
  }
  return kept.map(({ comparison }) => comparison)
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [x, y] = [moments(a), moments(b)]
  const common = a.reduce((sum, value, at) => sum + (value - x.mean) * ((b[at] as number) - y.mean), 0) / a.length
  return x.variance === 0 || y.variance === 0 ? 0 : common / Math.sqrt(x.variance * y.variance)
}

/** Logistic regression over the comparisons, each scaled, both classes of the same weight. */
function weigh(chosen: readonly Comparison[], same: readonly Pair[], others: readonly Pair[]): Judge {
  const scaled = chosen.map((comparison) => {
    const [values, rest] = [valuesOf(comparison, same), valuesOf(comparison, others)]
    const { mean, variance } = moments(Float64Array.of(...values, ...rest))
    const scale = 1 / Math.sqrt(variance || 1)
    return { mean, scale, values: [values, rest].map((all) => all.map((value) => (value - mean) * scale)) }
  })
  const weights = new Float64Array(chosen.length)
  let bias = 0
  const [step, rounds, shrink] = [1, 60, 0.002]
  for (let round = 0; round < rounds; round++) {
    const gradient = weights.map((weight) => shrink * weight)
    let biasGradient = 0
    for (const [label, count] of [
      [1, same.length],
      [0, others.length],
    ] as const)
      for (let at = 0; at < count; at++) {
        let sum = bias
        for (let k = 0; k < chosen.length; k++) sum += (weights[k] as number) * (scaled[k]?.values[1 - label]?.[at] as number)
        const error = (1 / (1 + Math.exp(-sum)) - label) / (2 * count)
        biasGradient += error
        for (let k = 0; k < chosen.length; k++)
          gradient[k] = (gradient[k] as number) + error * (scaled[k]?.values[1 - label]?.[at] as number)
      }
    bias -= step * biasGradient
    for (let k = 0; k < chosen.length; k++) weights[k] = (weights[k] as number) - step * (gradient[k] as number)
  }
  const uses = chosen.map((comparison, at) => {
    const { mean, scale } = scaled[at] as (typeof scaled)[0]
    return { comparison, mean, weight: (weights[at] as number) * scale }
  })
  return { bias, uses }
}
