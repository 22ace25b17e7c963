// The same people on real machines: a server and devices, each in a process of its own with SQLite on disk, that are killed with SIGKILL at any
// moment while they work. The seed decides what people do and who is killed; what the operating system does meanwhile is its own.

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { assertAgreement } from "../world/agreement.ts"
import { BrokenPromise } from "../broken-promise.ts"
import { Checkers } from "../world/checkers.ts"
import { Households } from "../world/households.ts"
import { People } from "../world/people.ts"
import { type Chance, seededChance } from "../randomness.ts"
import { isSettled, unrest } from "../world/rest.ts"
import { ProcessDevice } from "./process-device.ts"

export interface ProcessWorldOptions {
  readonly seed: number
  readonly accounts: number
  readonly devices: number
  readonly deedCount: number
}

export interface ProcessWorldReport {
  readonly seed: number
  readonly deeds: number
  readonly acknowledged: number
  readonly delivered: number
  readonly compared: number
  readonly serverKills: number
  readonly deviceKills: number
  readonly linked: number
  readonly revoked: number
}

const householdShare = 0.05
/** Of the pauses between two things that people do, and between two kills. */
const deedPauseMs = 250
const killPauseMs = 1_500
/** How often the one killed is the server. */
const serverShare = 0.25
const quietMs = 8_000
const healMs = 240_000

/** @throws BrokenPromise when something that must hold does not */
export async function runProcessWorld(options: ProcessWorldOptions): Promise<ProcessWorldReport> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-processes-"))
  const world = new ProcessWorld(options, folder)
  try {
    return await world.run()
  } finally {
    await world.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

class ProcessWorld {
  readonly #options: ProcessWorldOptions
  readonly #folder: string
  readonly #chance: Chance
  readonly #devices: ProcessDevice[] = []
  readonly #made: ProcessDevice[] = []
  readonly #people: People
  readonly #households: Households
  readonly #checkers = new Checkers()
  #server: ChildProcess | undefined
  #url = ""
  #port = 0
  #serverKills = 0
  #isOver = false
  #failure: Error | undefined

  constructor(options: ProcessWorldOptions, folder: string) {
    this.#options = options
    this.#folder = folder
    this.#chance = seededChance(options.seed)
    this.#people = new People(this.#chance, { groupsMax: 10 })
    this.#households = new Households({
      chance: this.#chance,
      devices: this.#devices,
      devicesPerAccount: options.devices,
      make: (account) => this.#device(`${account}-${this.#made.length}`, account),
      joined: async (device) => void this.#devices.push(device as ProcessDevice),
      isUnderWay: () => false,
    })
  }

  async run(): Promise<ProcessWorldReport> {
    await this.#startServer()
    for (let i = 0; i < this.#options.accounts; i++) {
      const handle = `${String.fromCharCode(97 + i)}-person`
      const device = this.#device(handle, handle)
      await device.start()
      this.#devices.push(device)
    }
    for (const device of this.#devices)
      for (const other of this.#devices) if (other !== device) await device.device?.findContact(other.handle)
    const killing = this.#kill()
    for (let deed = 0; deed < this.#options.deedCount; deed++) {
      await pause(this.#chance.below(deedPauseMs))
      this.#throwFailure()
      const by = this.#chance.pick(this.#devices)
      const changesDevices = this.#options.devices > 1 && this.#chance.happens(householdShare)
      // Nobody waits for a process that may be dead.
      if (by) void (changesDevices ? this.#households : this.#people).act(by).catch((error: unknown) => this.#fail(error))
    }
    this.#isOver = true
    await killing
    await this.#calmDown()
    return await this.#judge()
  }

  async end(): Promise<void> {
    this.#isOver = true
    for (const device of this.#made) await device.end()
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    server.kill("SIGKILL")
    await once(server, "exit")
  }

  #device(handle: string, account: string): ProcessDevice {
    const device = new ProcessDevice({
      handle,
      account,
      path: join(this.#folder, `${handle}.db`),
      serverUrl: this.#url,
      heard: (by, event) => {
        if (event.type !== "alarm" || event.alarm.level === "notice" || by.hadReason(event.alarm.code)) return
        this.#fail(new BrokenPromise(`${handle} was alarmed: ${event.alarm.code}: ${event.alarm.text}`))
      },
      failed: (error) => this.#fail(error),
    })
    this.#made.push(device)
    return device
  }

  async #startServer(): Promise<void> {
    const child = fork(resolve(import.meta.dirname, "server-process.ts"), [join(this.#folder, "server"), String(this.#port)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    })
    this.#server = child
    const [{ url, port }] = (await once(child, "message")) as [{ readonly url: string; readonly port: number }]
    this.#url = url
    this.#port = port
  }

  async #kill(): Promise<void> {
    while (!this.#isOver) {
      await pause(200 + this.#chance.below(killPauseMs))
      if (this.#chance.happens(serverShare)) await this.#killServer()
      else this.#chance.pick(this.#devices)?.kill()
    }
  }

  async #killServer(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#serverKills++
    server.kill("SIGKILL")
    await once(server, "exit")
    await pause(this.#chance.below(1_000))
    await this.#startServer()
  }

  async #calmDown(): Promise<void> {
    let quietSinceMs: number | undefined
    const endMs = Date.now() + healMs
    while (quietSinceMs === undefined || Date.now() < quietSinceMs + quietMs) {
      await pause(500)
      this.#throwFailure()
      const unfinished = await this.#unfinished()
      if (unfinished === undefined) quietSinceMs ??= Date.now()
      else if (Date.now() > endMs) throw new BrokenPromise(unfinished)
      else quietSinceMs = undefined
    }
  }

  async #unfinished(): Promise<string | undefined> {
    if (this.#households.isBusy) return "a device is being linked"
    await this.#households.settle()
    const apart = await this.#households.together()
    if (apart !== undefined) return apart
    for (const device of this.#whole())
      if (!device.device || !(await isSettled(device))) return `${device.handle} never comes to rest: ${await unrest(device)}`
    return undefined
  }

  async #judge(): Promise<ProcessWorldReport> {
    const { acknowledged } = this.#people
    const devices = this.#whole()
    await this.#checkers.epochs(devices)
    await this.#checkers.quiet(devices)
    await this.#checkers.converged(devices)
    const { delivered } = await this.#checkers.nothingLost(devices, acknowledged)
    await this.#checkers.shownOnce(devices)
    const compared = await assertAgreement(devices)
    return {
      seed: this.#options.seed,
      deeds: this.#options.deedCount,
      acknowledged: acknowledged.length,
      delivered,
      compared,
      serverKills: this.#serverKills,
      deviceKills: this.#made.reduce((sum, { kills }) => sum + kills, 0),
      linked: this.#households.linked,
      revoked: this.#households.revoked,
    }
  }

  #whole(): readonly ProcessDevice[] {
    return this.#devices.filter(({ isOut }) => !isOut)
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
