// How one trait of a device compares with one trait of a seat, and how much that says: learned where the truth is known.

import type { Ranked, Side } from "./side.ts"
import { nightCount } from "../population/step.ts"

/** A pair of members of two sides, in one world. */
export interface Pair {
  readonly left: Side
  readonly right: Side
  readonly a: number
  readonly b: number
}

export type Way = "nights" | "numbers" | "times" | "shared times"

/** Plain data: it goes from one thread to another. */
export interface Comparison {
  readonly how: Way
  readonly left: string
  readonly right: string
  /** What each cell says for "the same": logarithms of likelihood ratios. */
  readonly weights: Float64Array
}

export function nameOf({ how, left, right }: Pick<Comparison, "how" | "left" | "right">): string {
  return `${how}: ${left} / ${right}`
}

type Counts = (left: Side, right: Side) => (a: number, b: number, into: Float64Array) => void

const allNights = (1 << nightCount) - 1

/** Nights on which both bits, only one or none are set. */
function maskCounts(leftTrait: string, rightTrait: string): Counts {
  return (left, right) => {
    const [ones, others] = [left.masks.get(leftTrait), right.masks.get(rightTrait)]
    return (a, b, into) => {
      const [x, y] = [ones?.[a] ?? 0, others?.[b] ?? 0]
      into[0] = bitCount(x & y)
      into[1] = bitCount(x & ~y & allNights)
      into[2] = bitCount(~x & y & allNights)
      into[3] = bitCount(~x & ~y & allNights)
    }
  }
}

const rankBins = 10
const timeBins = [0.001, 0.02, 1.001, 6, 24.001, 48.001, 168, Infinity]
const numberCells = 2 + rankBins

/** Equal, or so far apart in rank; or absent. */
function numberCounts(leftTrait: string, rightTrait: string): Counts {
  return (left, right) => {
    const [ones, others] = [left.numbers.get(leftTrait), right.numbers.get(rightTrait)]
    return (a, b, into) => {
      into.fill(0)
      const distance = Math.abs((ones?.ranks[a] ?? Number.NaN) - (others?.ranks[b] ?? Number.NaN))
      if (Number.isNaN(distance)) return
      into[ones?.values[a] === others?.values[b] ? 1 : 2 + Math.min(rankBins - 1, Math.floor(distance * rankBins))] = 1
    }
  }
}

function timeCounts(leftTrait: string, rightTrait: string): Counts {
  return (left, right) => {
    const [ones, others] = [left.numbers.get(leftTrait)?.hours, right.numbers.get(rightTrait)?.hours]
    return (a, b, into) => {
      into.fill(0)
      const distance = Math.abs((ones?.[a] ?? Number.NaN) - (others?.[b] ?? Number.NaN))
      if (!Number.isNaN(distance)) into[timeBins.findIndex((bound) => distance <= bound)] = 1
    }
  }
}

/** How many of the times that one shows the other shows too. */
function setCounts(leftTrait: string, rightTrait: string): Counts {
  return (left, right) => {
    const [ones, others] = [left.sets.get(leftTrait), right.sets.get(rightTrait)]
    return (a, b, into) => {
      into.fill(0)
      const [x, y] = [ones?.[a] ?? [], others?.[b] ?? []]
      if (x.length === 0 || y.length === 0) return
      let shared = 0
      for (const value of x) if (y.includes(value)) shared++
      into[Math.min(sharedCells - 1, shared)] = 1
    }
  }
}

const sharedCells = 5

const ways: Readonly<Record<Way, { readonly cells: number; readonly counts: (leftTrait: string, rightTrait: string) => Counts }>> = {
  nights: { cells: 4, counts: maskCounts },
  numbers: { cells: numberCells, counts: numberCounts },
  times: { cells: timeBins.length, counts: timeCounts },
  "shared times": { cells: sharedCells, counts: setCounts },
}

/** Every comparison of traits that both sides of the learner's worlds have. */
export function comparisons(
  left: Side,
  right: Side,
  among: { readonly left?: ReadonlySet<string>; readonly right?: ReadonlySet<string> },
): Learnable[] {
  const keep = <V>(traits: ReadonlyMap<string, V>, only: ReadonlySet<string> | undefined, same: (a: V, b: V) => boolean): [string, V][] => {
    const kept: [string, V][] = []
    for (const [name, values] of traits)
      if ((only === undefined || only.has(name)) && !kept.some(([, other]) => same(values, other))) kept.push([name, values])
    return kept
  }
  const sameMask = (a: Int32Array, b: Int32Array): boolean => a.every((mask, at) => mask === b[at])
  const sameRanks = (a: Ranked, b: Ranked): boolean => a.values.every((value, at) => Object.is(value, b.values[at]))
  const varies = (values: Iterable<number>): boolean => new Set(values).size > 1
  const masks = (side: Side, only?: ReadonlySet<string>): string[] =>
    keep(side.masks, only, sameMask)
      .filter(([, mask]) => varies(mask))
      .map(([name]) => name)
  const numbers = (side: Side, only?: ReadonlySet<string>): [string, Ranked][] =>
    keep(side.numbers, only, sameRanks).filter(([, { values }]) => varies(values))
  const sets = (side: Side, only?: ReadonlySet<string>): string[] =>
    [...side.sets].flatMap(([name, values]) =>
      (only === undefined || only.has(name)) && values.some(({ length }) => length > 1) ? [name] : [],
    )
  const made: Learnable[] = []
  for (const a of masks(left, among.left)) for (const b of masks(right, among.right)) made.push({ how: "nights", left: a, right: b })
  for (const [a, first] of numbers(left, among.left))
    for (const [b, second] of numbers(right, among.right)) {
      made.push({ how: "numbers", left: a, right: b })
      if (first.hours !== undefined && second.hours !== undefined) made.push({ how: "times", left: a, right: b })
    }
  for (const a of sets(left, among.left)) for (const b of sets(right, among.right)) made.push({ how: "shared times", left: a, right: b })
  return made
}

export type Learnable = Omit<Comparison, "weights">

/** What each cell says, from pairs that belong together and pairs that do not, and how well it tells them apart. */
export function learn(
  learnable: Learnable,
  same: readonly Pair[],
  others: readonly Pair[],
): { readonly comparison: Comparison; readonly apart: number } {
  const { cells, counts } = ways[learnable.how]
  const [ones, rest] = [same, others].map((pairs) => countAll(pairs, counts(learnable.left, learnable.right), cells)) as [
    Uint8Array,
    Uint8Array,
  ]
  const [inSame, inOthers] = [sumsOf(ones, cells), sumsOf(rest, cells)]
  const weights = Float64Array.from({ length: cells }, (_, cell) => Math.log(shareOf(inSame, cell) / shareOf(inOthers, cell)))
  return { comparison: { ...learnable, weights }, apart: apart(weighed(ones, weights), weighed(rest, weights)) }
}

/** One more than was counted, so that no share is nothing. */
function shareOf(sums: Float64Array, cell: number): number {
  let all = sums.length
  for (let at = 0; at < sums.length; at++) all += sums[at] as number
  return ((sums[cell] as number) + 1) / all
}

/** Evidence for "the same": a sum of logarithms of likelihood ratios. */
export function evidenceOf({ how, left, right, weights }: Comparison): (ones: Side, others: Side) => (a: number, b: number) => number {
  const counts = ways[how].counts(left, right)
  return (ones, others) => {
    const count = counts(ones, others)
    const into = new Float64Array(weights.length)
    return (a, b) => {
      count(a, b, into)
      let sum = 0
      for (let cell = 0; cell < weights.length; cell++) sum += (into[cell] as number) * (weights[cell] as number)
      return sum
    }
  }
}

/** By pair, one cell after the other. No cell counts more than the nights. */
function countAll(pairs: readonly Pair[], counts: Counts, cells: number): Uint8Array {
  const all = new Uint8Array(pairs.length * cells)
  const into = new Float64Array(cells)
  forPairs(pairs, counts, (count, { a, b }, at) => {
    count(a, b, into)
    for (let cell = 0; cell < cells; cell++) all[at * cells + cell] = into[cell] as number
  })
  return all
}

function sumsOf(counted: Uint8Array, cells: number): Float64Array {
  const sums = new Float64Array(cells)
  for (let at = 0; at < counted.length; at += cells)
    for (let cell = 0; cell < cells; cell++) sums[cell] = (sums[cell] as number) + (counted[at + cell] as number)
  return sums
}

function weighed(counted: Uint8Array, weights: Float64Array): Float64Array {
  const values = new Float64Array(counted.length / weights.length)
  for (let at = 0; at < values.length; at++) {
    let sum = 0
    for (let cell = 0; cell < weights.length; cell++) sum += (counted[at * weights.length + cell] as number) * (weights[cell] as number)
    values[at] = sum
  }
  return values
}

export function valuesOf(comparison: Comparison, pairs: readonly Pair[]): Float64Array {
  const values = new Float64Array(pairs.length)
  forPairs(pairs, evidenceOf(comparison), (value, { a, b }, at) => {
    values[at] = value(a, b)
  })
  return values
}

/** Pairs of one world stand together: what depends on the world is made once. */
function forPairs<Each>(
  pairs: readonly Pair[],
  make: (left: Side, right: Side) => Each,
  visit: (each: Each, pair: Pair, at: number) => void,
): void {
  let world: { readonly left: Side; readonly right: Side; readonly each: Each } | undefined
  for (let at = 0; at < pairs.length; at++) {
    const pair = pairs[at] as Pair
    if (world?.left !== pair.left || world.right !== pair.right)
      world = { left: pair.left, right: pair.right, each: make(pair.left, pair.right) }
    visit(world.each, pair, at)
  }
}

/** Distance of the means in standard deviations. */
function apart(same: Float64Array, others: Float64Array): number {
  const [a, b] = [moments(same), moments(others)]
  const spread = Math.sqrt((a.variance + b.variance) / 2)
  return spread === 0 ? 0 : (a.mean - b.mean) / spread
}

export function moments(values: Float64Array): { readonly mean: number; readonly variance: number } {
  let [sum, squares] = [0, 0]
  for (let at = 0; at < values.length; at++) sum += values[at] as number
  const mean = sum / values.length
  for (let at = 0; at < values.length; at++) squares += ((values[at] as number) - mean) ** 2
  return { mean, variance: squares / values.length }
}

function bitCount(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
