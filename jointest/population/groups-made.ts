// What somebody does while the app is open: found a chat, bring somebody in, write, now and then take somebody out.

import type { Chance } from "../../sim/randomness.ts"
import type { Step } from "./step.ts"

interface Group {
  readonly number: number
  readonly kind: "own" | "dm" | "group"
  readonly accounts: Set<number>
  readonly devices: Set<number>
}

interface DeviceOf {
  readonly number: number
  readonly account: number
  readonly sinceMs: number
}

export class GroupsMade {
  readonly #chance: Chance
  readonly #devices: readonly DeviceOf[]
  readonly #known: readonly (readonly number[])[]
  readonly #groups: Group[] = []
  /** By group: the devices that ask to be let in again. */
  readonly #asking = new Map<Group, Set<number>>()

  constructor(chance: Chance, devices: readonly DeviceOf[], known: readonly (readonly number[])[]) {
    this.#chance = chance
    this.#devices = devices
    this.#known = known
  }

  get count(): number {
    return this.#groups.length
  }

  /** The steps of one sitting, between its beginning and its end. */
  sitting(device: number, fromMs: number, toMs: number): Step[] {
    const made: Step[] = []
    const times = Array.from({ length: 12 }, () => fromMs + (0.05 + 0.9 * this.#chance.next()) * (toMs - fromMs)).toSorted((a, b) => a - b)
    const next = (): number => Math.floor(times.shift() ?? toMs - 1)
    const account = (this.#devices[device] as DeviceOf).account
    made.push(...this.#answers(device, next))
    made.push(...this.#ownGroup(device, account, next()))
    if (this.#chance.happens(0.25)) made.push(...this.#newChat(device, account, next()))
    if (this.#chance.happens(0.02)) made.push(...this.#removal(device, next()))
    const mine = this.#groups.filter(({ devices, kind }) => devices.has(device) && kind !== "own")
    const posts = mine.length === 0 ? 0 : this.#chance.below(5)
    for (let at = 0; at < posts; at++) {
      // Two favourites get half of what somebody writes.
      const group = (this.#chance.happens(0.5) ? mine[this.#chance.below(Math.min(2, mine.length))] : this.#chance.pick(mine)) as Group
      const sizeBytes = 256 << (this.#chance.below(4) * this.#chance.below(2))
      made.push({ kind: "post", atMs: next(), by: device, group: group.number, sizeBytes })
    }
    return made
  }

  /** `by` brings a new device of its account into all its groups, at once. */
  linked(by: number, device: number, atMs: number): Step[] {
    const groups = this.#groups.filter(({ devices }) => devices.has(by) && !devices.has(device))
    return groups.map((group, at) => this.#bring(group, by, [device], atMs + 500 * at))
  }

  /** The device's store was put back: it asks in all its groups. */
  putBack(device: number, atMs: number): Step[] {
    const groups = this.#groups.filter(({ devices }) => devices.size > 1 && devices.has(device))
    return groups.map((group, at) => {
      this.#asking.set(group, (this.#asking.get(group) ?? new Set()).add(device))
      return { kind: "ask", atMs: atMs + at, device, group: group.number }
    })
  }

  /** Whoever comes first lets those in again who ask. */
  #answers(by: number, next: () => number): Step[] {
    return [...this.#asking].flatMap(([group, asking]): Step[] => {
      const others = group.devices.has(by) ? [...asking].filter((device) => device !== by && group.devices.has(device)) : []
      for (const device of others) asking.delete(device)
      return others.map((device) => ({ kind: "readmit", atMs: next(), by, group: group.number, device }))
    })
  }

  #found(kind: Group["kind"], device: number, account: number, atMs: number): [Group, Step] {
    const group = { number: this.#groups.length, kind, accounts: new Set([account]), devices: new Set([device]) }
    this.#groups.push(group)
    return [group, { kind: "create", atMs, device, group: group.number }]
  }

  /** Every device is in its account's own group, which the first of them makes. */
  #ownGroup(device: number, account: number, atMs: number): Step[] {
    const own = this.#groups.find(({ kind, accounts }) => kind === "own" && accounts.has(account))
    if (own === undefined) return [this.#found("own", device, account, atMs)[1]]
    const missing = this.#existing(account, atMs).filter((other) => !own.devices.has(other))
    return own.devices.has(device) && missing.length > 0 ? [this.#bring(own, device, missing, atMs)] : []
  }

  #newChat(device: number, account: number, atMs: number): Step[] {
    const known = (this.#known[account] as readonly number[]).filter((other) => this.#existing(other, atMs).length > 0)
    if (known.length === 0) return []
    if (this.#chance.happens(0.25) && known.length > 2) return this.#newGroup(device, account, known, atMs)
    const partner = this.#chance.pick(known) as number
    const dm = this.#groups.find(({ kind, accounts }) => kind === "dm" && accounts.has(account) && accounts.has(partner))
    return dm === undefined ? this.#chat("dm", device, account, [partner], atMs) : []
  }

  #newGroup(device: number, account: number, known: readonly number[], atMs: number): Step[] {
    const founded = this.#groups.filter(({ kind, accounts }) => kind === "group" && accounts.has(account)).length
    if (founded > 3) return []
    return this.#chat(
      "group",
      device,
      account,
      known.filter(() => this.#chance.happens(0.7)),
      atMs,
    )
  }

  #chat(kind: "dm" | "group", device: number, account: number, partners: readonly number[], atMs: number): Step[] {
    const [group, step] = this.#found(kind, device, account, atMs)
    const others = [account, ...partners].flatMap((each) => this.#existing(each, atMs)).filter((each) => each !== device)
    for (const partner of partners) group.accounts.add(partner)
    return others.length === 0 ? [step] : [step, this.#bring(group, device, others, atMs + 1)]
  }

  #bring(group: Group, by: number, devices: readonly number[], atMs: number): Step {
    for (const each of devices) group.devices.add(each)
    return { kind: "add", atMs, by, group: group.number, devices }
  }

  #removal(device: number, atMs: number): Step[] {
    const group = this.#groups.find(({ kind, devices, accounts }) => kind === "group" && accounts.size > 2 && devices.has(device))
    const own = (this.#devices[device] as DeviceOf).account
    const gone = group && [...group.accounts].find((account) => account !== own)
    if (group === undefined || gone === undefined) return []
    const devices = [...group.devices].filter((each) => this.#devices[each]?.account === gone)
    if (devices.length === 0) return []
    group.accounts.delete(gone)
    for (const each of devices) group.devices.delete(each)
    return [{ kind: "remove", atMs, by: device, group: group.number, devices }]
  }

  /** Devices of the account that exist by then. */
  #existing(account: number, atMs: number): number[] {
    return this.#devices.filter((each) => each.account === account && each.sinceMs < atMs).map((each) => each.number)
  }
}
