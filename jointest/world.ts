// Plays a population's steps on a server, and hands over a copy of everything each midnight.

import { seededChance } from "../sim/randomness.ts"
import { Evidence } from "./evidence/evidence.ts"
import { population } from "./population/population.ts"
import { type People, type Step, dayMs, nightCount, startMs } from "./population/step.ts"
import type { Target } from "./target/target.ts"

/** One server's thirty nights, and the truth about it. */
export interface Played {
  readonly people: People
  readonly evidence: Evidence
}

export async function playWorld(seed: number, accounts: number, open: (seed: number) => Target | Promise<Target>): Promise<Played> {
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
  return { people, evidence }
}

/** Who is online and who is in which group; leaves out what could not happen, such as a message into a chat not joined yet. */
class Player {
  readonly #target: Target
  readonly #online = new Set<number>()
  /** By group: its devices, and whether each has joined. */
  readonly #groups = new Map<number, Map<number, boolean>>()

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
        const mine = [...this.#groups].filter(([, devices]) => devices.has(step.device))
        const joins = mine.filter(([, devices]) => devices.get(step.device) === false).map(([group]) => group)
        this.#online.add(step.device)
        for (const group of joins) this.#groups.get(group)?.set(step.device, true)
        return target.come(step.device, { joins, reads: mine.map(([group]) => group) }, atMs)
      }
      case "leave":
        this.#online.delete(step.device)
        return target.leave(step.device, atMs)
      case "create":
        this.#groups.set(step.group, new Map([[step.device, true]]))
        return target.create(step.group, step.device, atMs)
      case "add": {
        const group = this.#joined(step.group, step.by)
        const devices = step.devices.filter((each) => group?.has(each) === false)
        if (group === undefined || devices.length === 0) return
        const readers = this.#readers(step.group)
        for (const each of devices) group.set(each, false)
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
        return target.remove(step.group, { by: step.by, devices, readers }, atMs)
      }
      case "post": {
        if (this.#joined(step.group, step.by) === undefined) return
        return target.post(step.group, { by: step.by, sizeBytes: step.sizeBytes, readers: this.#readers(step.group) }, atMs)
      }
      default:
        return step satisfies never
    }
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
