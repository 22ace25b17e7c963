// Plays a population's steps on a server, and hands over a copy of everything each midnight.

import { seededChance } from "../sim/randomness.ts"
import { Evidence } from "./evidence/evidence.ts"
import { population } from "./population/population.ts"
import { type Step, dayMs, nightCount, startMs } from "./population/step.ts"
import type { Target } from "./target/target.ts"

/** One server's thirty nights. */
export async function playWorld(seed: number, accounts: number, open: (seed: number) => Target | Promise<Target>): Promise<Evidence> {
  const { people, steps } = population(seededChance(seed), { accounts })
  const target = await open(seed)
  const player = new Player(target)
  const evidence = new Evidence(target.names, people)
  try {
    let night = 0
    for (const step of steps) {
      for (; night < nightCount && step.atMs >= startMs + night * dayMs; night++)
        evidence.take(night, await target.night(night, startMs + night * dayMs))
      await player.play(step)
    }
    for (; night < nightCount; night++) evidence.take(night, await target.night(night, startMs + night * dayMs))
  } finally {
    await target.close()
  }
  evidence.finish()
  return evidence
}

/** Who is online and who is in which group; leaves out what could not happen, such as a message into a chat not joined yet. */
class Player {
  readonly #target: Target
  readonly #online = new Set<number>()
  /** By group: its devices, and whether each has joined. */
  readonly #groups = new Map<number, Map<number, boolean>>()
  /** By device: its groups. */
  readonly #mine = new Map<number, Set<number>>()

  constructor(target: Target) {
    this.#target = target
  }

  async play(step: Step): Promise<void> {
    const target = this.#target
    const { atMs } = step
    switch (step.kind) {
      case "register":
      case "add-device":
        return target.register(step.device, step.account, atMs)
      case "come": {
        const mine = [...(this.#mine.get(step.device) ?? [])]
        const joins = mine.filter((group) => this.#groups.get(group)?.get(step.device) === false)
        this.#online.add(step.device)
        for (const group of joins) this.#groups.get(group)?.set(step.device, true)
        return target.come(step.device, { joins, reads: mine }, atMs)
      }
      case "leave":
        this.#online.delete(step.device)
        return target.leave(step.device, atMs)
      case "create":
        this.#groups.set(step.group, new Map([[step.device, true]]))
        this.#groupsOf(step.device).add(step.group)
        return target.create(step.group, step.device, atMs)
      case "add": {
        const group = this.#joined(step.group, step.by)
        const devices = step.devices.filter((each) => group?.has(each) === false)
        if (group === undefined || devices.length === 0) return
        const readers = this.#readers(step.group)
        for (const each of devices) group.set(each, false)
        for (const each of devices) this.#groupsOf(each).add(step.group)
        await target.add(step.group, { by: step.by, devices, readers }, atMs)
        for (const each of devices)
          if (this.#online.has(each)) {
            group.set(each, true)
            await target.come(each, { joins: [step.group], reads: [step.group] }, atMs)
          }
        return
      }
      case "remove": {
        const group = this.#joined(step.group, step.by)
        const devices = step.devices.filter((each) => group?.has(each))
        if (group === undefined || devices.length === 0) return
        const readers = this.#readers(step.group)
        for (const each of devices) group.delete(each)
        for (const each of devices) this.#groupsOf(each).delete(step.group)
        return target.remove(step.group, { by: step.by, devices, readers }, atMs)
      }
      case "ask":
        if (this.#joined(step.group, step.device) === undefined) return
        return target.ask(step.group, step.device, atMs)
      case "readmit": {
        const group = this.#joined(step.group, step.by)
        if (group?.get(step.device) !== true) return
        const readers = this.#readers(step.group)
        const isOnline = this.#online.has(step.device)
        group.set(step.device, isOnline)
        await target.readmit(step.group, { by: step.by, device: step.device, readers }, atMs)
        if (isOnline) await target.come(step.device, { joins: [step.group], reads: [step.group] }, atMs)
        return
      }
      case "post": {
        if (this.#joined(step.group, step.by) === undefined) return
        return target.post(step.group, { by: step.by, sizeBytes: step.sizeBytes, readers: this.#readers(step.group) }, atMs)
      }
      default:
        return step satisfies never
    }
  }

  #groupsOf(device: number): Set<number> {
    let groups = this.#mine.get(device)
    if (groups === undefined) this.#mine.set(device, (groups = new Set()))
    return groups
  }

  /** The group, if the device has joined it. */
  #joined(group: number, device: number): Map<number, boolean> | undefined {
    const devices = this.#groups.get(group)
    return devices?.get(device) === true ? devices : undefined
  }

  #readers(group: number): number[] {
    return [...(this.#groups.get(group) ?? [])].filter(([device, joined]) => joined && this.#online.has(device)).map(([device]) => device)
  }
}
