// A made-up population: when its people come and go, whom they know, what they found and where they write. One seed, one population.

import type { Chance } from "../../sim/randomness.ts"
import { GroupsMade } from "./groups-made.ts"
import { type People, type Step, dayMs, earlierDays, nightCount, startMs } from "./step.ts"

export interface PopulationSize {
  readonly accounts: number
}

interface Device {
  readonly number: number
  readonly account: number
  /** On which share of the days it is used. */
  readonly presence: number
  /** From when it exists. */
  readonly sinceMs: number
}

const hourMs = 3_600_000
/** How often somebody begins with a store that was put back: one device in twenty in this time. */
const putBackShare = 0.001
const daysInAll = earlierDays + nightCount

/** All steps, in the order of time, and who did them. */
export function population(chance: Chance, { accounts }: PopulationSize): { readonly people: People; readonly steps: readonly Step[] } {
  const steps: Step[] = []
  const deviceNight: number[] = []
  const devices: Device[] = []
  const firstMs = startMs - earlierDays * dayMs
  for (let account = 0; account < accounts; account++) {
    // Half were there before the first copy, the others come while copies are made.
    const day = account < accounts / 2 ? 0 : earlierDays + chance.below(nightCount - 5)
    const atMs = Math.floor(firstMs + day * dayMs + waking(chance))
    const own = chance.happens(0.35) ? 2 : 1
    for (let n = 0; n < own; n++) {
      const sinceMs = n === 0 ? atMs : linkedMs(chance, atMs)
      deviceNight.push(Math.max(0, Math.ceil((sinceMs - startMs) / dayMs)))
      const device = { number: devices.length, account, presence: 0.35 + 0.6 * chance.next(), sinceMs }
      devices.push(device)
      steps.push({ kind: n === 0 ? "register" : "add-device", atMs: sinceMs, account, device: device.number })
    }
  }
  const sittings = devices.flatMap((device) => [...sittingsOf(chance, device), ...linkingOf(device, devices)])
  const groups = new GroupsMade(chance, devices, acquaintances(chance, accounts))
  for (const { device, fromMs, toMs, links } of sittings.toSorted((a, b) => a.fromMs - b.fromMs)) {
    steps.push({ kind: "come", atMs: fromMs, device: device.number }, { kind: "leave", atMs: toMs, device: device.number })
    if (links !== undefined) {
      steps.push(...groups.linked(device.number, links.number, links.sinceMs + 2_000))
      continue
    }
    if (chance.happens(putBackShare)) steps.push(...groups.putBack(device.number, fromMs + 500))
    steps.push(...groups.sitting(device.number, fromMs, toMs))
  }
  return {
    people: { accountCount: accounts, deviceNight, accountOf: devices.map(({ account }) => account) },
    steps: steps.toSorted((a, b) => a.atMs - b.atMs || order(a) - order(b)),
  }
}

/** Some time between seven in the morning and midnight. */
function waking(chance: Chance): number {
  return (7 + 16.9 * chance.next()) * hourMs
}

interface Sitting {
  readonly device: Device
  readonly fromMs: number
  readonly toMs: number
  /** Another device of the account that joins it now. */
  readonly links?: Device
}

/** When an account that registered then gets its second device: within five days, or on any day after. */
function linkedMs(chance: Chance, registeredMs: number): number {
  const leastMs = registeredMs + 1_800_000
  const lastMs = startMs + (nightCount - 1) * dayMs
  const spanMs = chance.happens(0.5) ? 4.9 * dayMs : Math.max(dayMs, lastMs - leastMs)
  return Math.floor(leastMs + chance.next() * spanMs)
}

/** The first device sits with the one that it lets in. */
function linkingOf(device: Device, devices: readonly Device[]): Sitting[] {
  const first = devices.find(({ account }) => account === device.account)
  if (first === undefined || first === device) return []
  return [{ device: first, fromMs: device.sinceMs - 60_000, toMs: device.sinceMs + 15 * 60_000, links: device }]
}

/** One to three times on each day that it is used; some are away for a week or two. */
function sittingsOf(chance: Chance, device: Device): Sitting[] {
  const made = []
  const away = chance.happens(0.3) ? { from: chance.below(daysInAll), days: 4 + chance.below(10) } : undefined
  const firstMs = startMs - earlierDays * dayMs
  for (let day = 0; day < daysInAll; day++) {
    const isAway = away !== undefined && day >= away.from && day < away.from + away.days
    if (isAway || !chance.happens(device.presence)) continue
    const times = Array.from({ length: 1 + chance.below(3) }, () => Math.floor(firstMs + day * dayMs + waking(chance))).toSorted(
      (a, b) => a - b,
    )
    for (const [at, fromMs] of times.entries()) {
      const toMs = Math.min(fromMs + Math.floor((5 + 60 * chance.next()) * 60_000), (times[at + 1] ?? Infinity) - 1)
      if (fromMs > device.sinceMs) made.push({ device, fromMs, toMs })
    }
  }
  // Whoever sets a device up uses it.
  return [{ device, fromMs: device.sinceMs + 1000, toMs: device.sinceMs + 20 * 60_000 }, ...made]
}

/** Whom each account knows: a few near ones, and now and then somebody far. */
function acquaintances(chance: Chance, accounts: number): readonly (readonly number[])[] {
  const known = Array.from({ length: accounts }, () => new Set<number>())
  // Neighbours of the ring are strangers in the list of accounts.
  const ring = Array.from({ length: accounts }, (_, account) => account)
  for (let at = ring.length - 1; at > 0; at--) {
    const other = chance.below(at + 1)
    ;[ring[at], ring[other]] = [ring[other] as number, ring[at] as number]
  }
  for (let at = 0; at < accounts; at++)
    for (const step of [1, 2, 3]) {
      const far = chance.happens(0.2) ? chance.below(accounts) : (at + step) % accounts
      const [a, b] = [ring[at] as number, ring[far] as number]
      if (a === b) continue
      known[a]?.add(b)
      known[b]?.add(a)
    }
  return known.map((of) => [...of])
}

/** At one moment, whoever comes is there before they write, and leaves after. */
function order({ kind }: Step): number {
  return kind === "register" || kind === "add-device" ? 0 : kind === "come" ? 1 : kind === "leave" ? 3 : 2
}
