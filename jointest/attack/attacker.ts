// The attacker: learns on servers of its own, then matches seats with devices on one that it has only copies of.

import { type Chance, seededChance } from "../../sim/randomness.ts"
import type { People } from "../population/step.ts"
import { assign } from "./assignment.ts"
import type { Pair } from "./comparison.ts"
import { type Judge, judging, learnJudges } from "./judge.ts"
import type { Scene } from "./scene.ts"
import { foundingTraits, listTraits } from "./side.ts"

export interface Attacker {
  /** Seat and device. */
  readonly owners: Judge
  /** Two seats of one device. */
  readonly twins: Judge
  /** Whether it compares bytes. */
  readonly bytes: boolean
}

/** Shares from 0 to 1. */
export interface Score {
  /** Of the seats whose owner no informant told: those matched with the right account. */
  readonly owners: number
  /** Of the pairs of accounts that share a group: those among as many best guesses. */
  readonly contacts: number
  /** Of the pairs of seats in different groups that are one device's: those among as many best guesses. */
  readonly twins: number
  /** Of the seats in `owners`, only those of second devices that came while copies were made; NaN without any. */
  readonly linked: number
}

const othersPerSame = 3
const pairsMax = 2500
/** What equal bytes weigh: more than everything else together. */
const bytesWeight = 60

/** How many comparisons an attacker may trust: too many, and it follows the noise of its lessons. */
const boldness = [2, 4, 8, 12]

const noJudge: Judge = { bias: 0, uses: [] }
/** Knows whose devices there are and how many seats, and guesses. */
export const blind: Attacker = { owners: noJudge, twins: noJudge, bytes: false }

/** The baseline: it has the two lists of every night, and compares no bytes. */
export function trainBaseline(scenes: readonly Scene[], seed: number): Attacker {
  const { kept, lessons } = parted(scenes)
  return best(listWays(samples(lessons, seed)), kept)
}

/** The attacker: learns from everything. It may also decide that one of the baseline's ways is the best there is. */
export function trainAttacker(scenes: readonly Scene[], seed: number): Attacker {
  const { kept, lessons } = parted(scenes)
  const { owners, twins } = samples(lessons, seed)
  const all = ways(learnJudges(owners, boldness), learnJudges(twins, boldness))
  return best(
    [...listWays({ owners, twins }), ...all].map((way) => ({ ...way, bytes: true })),
    kept,
  )
}

function listWays({ owners, twins }: ReturnType<typeof samples>): Attacker[] {
  return ways(
    learnJudges({ ...owners, left: foundingTraits, right: listTraits }, boldness),
    learnJudges({ ...twins, left: listTraits, right: listTraits }, boldness),
  )
}

/** One for each degree of boldness. */
function ways(owners: readonly Judge[], twins: readonly Judge[]): Attacker[] {
  return boldness.map((_, at) => ({ owners: owners[at] as Judge, twins: twins[at] as Judge, bytes: false }))
}

/** Some lessons are kept back, to see which way does best. */
function parted(scenes: readonly Scene[]): { readonly kept: readonly Scene[]; readonly lessons: readonly Scene[] } {
  const kept = scenes.slice(0, Math.max(1, Math.floor(scenes.length / 3)))
  return { kept, lessons: scenes.slice(kept.length) }
}

/** For each question the way that does best on the lessons that were kept back. */
function best(all: readonly Attacker[], kept: readonly Scene[]): Attacker {
  const scores = all.map((way) => kept.map((scene, at) => attack(scene, way, at)))
  const bestAt = (question: keyof Score): Attacker => {
    const sums = scores.map((each) => each.reduce((sum, score) => sum + score[question], 0))
    return all[sums.indexOf(Math.max(...sums))] as Attacker
  }
  const owners = bestAt("owners")
  return { owners: owners.owners, twins: bestAt("twins").twins, bytes: owners.bytes }
}

function samples(scenes: readonly Scene[], seed: number): { readonly owners: Sample; readonly twins: Sample } {
  const chance = seededChance(seed)
  return { owners: pairs(scenes, chance, ownerPairs), twins: pairs(scenes, chance, twinPairs) }
}

interface Sample {
  readonly same: Pair[]
  readonly others: Pair[]
}

function pairs(scenes: readonly Scene[], chance: Chance, of: (scene: Scene, chance: Chance, max: number) => Sample): Sample {
  const samples = scenes.map((scene) => of(scene, chance, pairsMax / scenes.length))
  return { same: samples.flatMap(({ same }) => same), others: samples.flatMap(({ others }) => others) }
}

function ownerPairs({ people, seats, devices, places }: Scene, chance: Chance, max: number): Sample {
  const all = shuffled(chance, [...seats.keys()]).slice(0, max)
  const sides = { left: devices, right: places }
  return {
    same: all.map((seat) => ({ ...sides, a: seats[seat]?.device as number, b: seat })),
    others: all
      .flatMap((seat) => Array.from({ length: othersPerSame }, () => ({ ...sides, a: chance.below(people.accountOf.length), b: seat })))
      .filter(({ a, b }) => people.accountOf[a] !== people.accountOf[seats[b]?.device as number]),
  }
}

function twinPairs({ seats: all, places }: Scene, chance: Chance, max: number): Sample {
  const byDevice = Map.groupBy(all.keys(), (seat) => all[seat]?.device)
  const sides = { left: places, right: places }
  const same = [...byDevice.values()].flatMap((own) => own.flatMap((a) => own.filter((b) => b !== a).map((b) => ({ ...sides, a, b }))))
  const some = shuffled(chance, same).slice(0, max)
  const others = Array.from({ length: some.length * othersPerSame }, () => ({
    ...sides,
    a: chance.below(all.length),
    b: chance.below(all.length),
  }))
  return { same: some, others: others.filter(({ a, b }) => all[a]?.device !== all[b]?.device && all[a]?.group !== all[b]?.group) }
}

function shuffled<T>(chance: Chance, items: T[]): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = chance.below(at + 1)
    ;[items[at], items[other]] = [items[other] as T, items[at] as T]
  }
  return items
}

/** `seed` chooses the informants: half of the accounts, which tell their own seats. */
export function attack(scene: Scene, { owners, twins, bytes }: Attacker, seed: number): Score {
  const { people, seats } = scene
  const accounts = shuffled(
    seededChance(seed),
    Array.from({ length: people.accountCount }, (_, account) => account),
  )
  const informants = new Set(accounts.slice(0, accounts.length / 2))
  const accountOf = (seat: number): number => people.accountOf[seats[seat]?.device as number] as number
  // In no order, so that who knows nothing has no luck.
  const candidates = shuffled(
    seededChance(seed ^ 0xd1ce),
    [...people.accountOf.keys()].filter((device) => !informants.has(people.accountOf[device] as number)),
  )
  // Seats that came and went between two copies are in none.
  const unknown = [...seats.keys()].filter((seat) => !informants.has(accountOf(seat)) && scene.isListed[seat] === 1)
  const judge = judging(owners, scene.devices, scene.places)
  /** By seat: the evidence for each candidate. */
  const evidenceFor = new Map<number, Float64Array>()
  for (const seat of unknown)
    evidenceFor.set(
      seat,
      Float64Array.from(
        candidates,
        (device) => judge(device, seat) + (bytes ? bytesWeight * (scene.links.get(seat)?.get(device) ?? 0) : 0),
      ),
    )
  const right = new Set<number>()
  const belief = new Map<number, Float64Array>()
  for (const inGroup of Map.groupBy(unknown, (seat) => seats[seat]?.group).values()) {
    const chosen = assign(inGroup.map((seat) => (evidenceFor.get(seat) as Float64Array).map((value) => -value)))
    for (const [at, seat] of inGroup.entries()) {
      if (people.accountOf[candidates[chosen[at] as number] as number] === accountOf(seat)) right.add(seat)
      belief.set(seat, shares(evidenceFor.get(seat) as Float64Array, candidates, people.accountOf))
    }
  }
  const linked = unknown.filter((seat) => isLinked(people, seats[seat]?.device as number))
  return {
    owners: right.size / Math.max(1, unknown.length),
    contacts: contactsFound(scene, { unknown, belief, accountOf }),
    twins: twinsFound(scene, unknown, twinJudge(scene, { owners, twins, bytes })),
    linked: linked.filter((seat) => right.has(seat)).length / linked.length,
  }
}

/** Not the first of its account, and not there before the first copy. */
function isLinked({ accountOf, deviceNight }: People, device: number): boolean {
  return (deviceNight[device] as number) > 0 && accountOf.indexOf(accountOf[device] as number) < device
}

/** By account: how likely the seat is its, if it is one of the candidates'. */
function shares(values: Float64Array, candidates: readonly number[], accountOf: readonly number[]): Float64Array {
  const most = values.reduce((max, value) => Math.max(max, value), -Infinity)
  const each = values.map((value) => Math.exp(value - most))
  const sum = each.reduce((all, value) => all + value, 0)
  const shared = new Float64Array(accountOf.reduce((max, account) => Math.max(max, account), 0) + 1)
  for (const [at, device] of candidates.entries()) {
    const account = accountOf[device] as number
    shared[account] = (shared[account] as number) + (each[at] as number) / sum
  }
  return shared
}

interface Beliefs {
  readonly unknown: readonly number[]
  readonly belief: ReadonlyMap<number, Float64Array>
  readonly accountOf: (seat: number) => number
}

function contactsFound({ people, seats }: Scene, { unknown, belief, accountOf }: Beliefs): number {
  const count = people.accountCount
  const guessed = new Float64Array(count * count)
  const truth = new Set<number>()
  for (const inGroup of Map.groupBy(unknown, (seat) => seats[seat]?.group).values())
    for (const [at, one] of inGroup.entries())
      for (const other of inGroup.slice(at + 1)) {
        const [x, y] = [belief.get(one) as Float64Array, belief.get(other) as Float64Array]
        const [a, b] = [accountOf(one), accountOf(other)]
        if (a !== b) truth.add(Math.min(a, b) * count + Math.max(a, b))
        for (let i = 0; i < count; i++) {
          if ((x[i] as number) + (y[i] as number) < 1e-6) continue
          for (let j = i + 1; j < count; j++) {
            const both = (x[i] as number) * (y[j] as number) + (x[j] as number) * (y[i] as number)
            const place = i * count + j
            if (both > (guessed[place] as number)) guessed[place] = both
          }
        }
      }
  return shareOfBest(
    [...guessed.keys()].filter((place) => Math.floor(place / count) < place % count && (guessed[place] as number) > 0),
    (place) => guessed[place] as number,
    truth,
  )
}

function twinJudge(scene: Scene, { twins, bytes }: Attacker): (a: number, b: number) => number {
  const judge = judging(twins, scene.places, scene.places)
  return (a, b) => judge(a, b) + judge(b, a) + (bytes && scene.twins.get(a)?.has(b) === true ? bytesWeight : 0)
}

/** At most this many seats are compared with each other. */
const twinSeatsMax = 500

function twinsFound({ seats }: Scene, unknown: readonly number[], value: (a: number, b: number) => number): number {
  const some = unknown.slice(0, twinSeatsMax)
  const values = new Map<number, number>()
  const truth = new Set<number>()
  for (const [at, a] of some.entries())
    for (const b of some.slice(at + 1)) {
      if (seats[a]?.group === seats[b]?.group) continue
      const place = a * seats.length + b
      values.set(place, value(a, b))
      if (seats[a]?.device === seats[b]?.device) truth.add(place)
    }
  return shareOfBest([...values.keys()], (place) => values.get(place) as number, truth)
}

/** Of the true ones: how many are among as many best guesses. Guesses of one value count by their share. */
function shareOfBest(guesses: readonly number[], value: (guess: number) => number, truth: ReadonlySet<number>): number {
  if (truth.size === 0) return 0
  const sorted = guesses.toSorted((a, b) => value(b) - value(a))
  let [found, taken] = [0, 0]
  for (let from = 0; from < sorted.length && taken < truth.size;) {
    let to = from
    while (to < sorted.length && value(sorted[to] as number) === value(sorted[from] as number)) to++
    const hits = sorted.slice(from, to).filter((guess) => truth.has(guess)).length
    const room = Math.min(to - from, truth.size - taken)
    found += (hits * room) / (to - from)
    taken += room
    from = to
  }
  return found / truth.size
}
