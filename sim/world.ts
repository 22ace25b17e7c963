// A deterministic world: the production client on several devices, the production server core, one seed for all chance, a clock that
// moves only when told, a network that loses, repeats, delays and reorders, and processes that die before and after they wrote.

import { mkdtempSync, rmSync } from "node:fs"
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { toHex } from "@nodoor/bytes"
import type { ClientEvent } from "@nodoor/client"
import { BrokenPromise } from "./broken-promise.ts"
import { type Acknowledged, Checkers, letInAgain } from "./checkers.ts"
import { type Carried, ConnectionChecker } from "./connection-checker.ts"
import { Households } from "./households.ts"
import { People, spokenWord } from "./people.ts"
import { type Chance, seededChance } from "./randomness.ts"
import { VirtualDevice } from "./virtual-device.ts"
import { type NetworkFaults, type Place, calm, rough } from "./virtual-network.ts"
import { type Posted, VirtualServer, deliveryPath } from "./virtual-server.ts"
import { VirtualTime, settle } from "./virtual-time.ts"

export interface WorldOptions {
  readonly seed: number
  /** At least five. */
  readonly accounts: number
  /** How many devices an account has at most, at one time. One: nobody links any. */
  readonly devices: number
  /** Things people do before the network heals. */
  readonly deedCount: number
}

export interface WorldReport {
  readonly seed: number
  /** The same seed gives the same: a hash over every body in the order of the server. */
  readonly fingerprint: string
  readonly virtualMs: number
  readonly deeds: number
  readonly crashes: number
  /** Commits that met an error of the disk. */
  readonly storeFailures: number
  /** Whether a store was put back and its device found out. */
  readonly putBackFound: boolean
  readonly posted: number
  readonly acknowledged: number
  readonly delivered: number
  /** Bodies of later epochs that removed devices were seen not to open. */
  readonly unreadable: number
  /** Devices that were linked, of so many attempts, and that were removed again. */
  readonly linked: number
  readonly linkAttempts: number
  readonly revoked: number
}

const startMs = 1_750_000_000_000
/** Steps of virtual time a world may take before it counts as stuck. */
const maxSteps = 2_000_000
/** A device's clock is off by up to this. */
const clockOffMs = 2 * 3_600_000
const scanEverySteps = 2_000
/** Of what people do, how much is about their devices. */
const householdShare = 0.05

/** Runs a world to its end. @throws BrokenPromise when something that must hold does not */
export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-world-"))
  try {
    return await new World(options, join(folder, "server.db")).run()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class World {
  readonly #options: WorldOptions
  readonly #serverPath: string
  readonly #chance: Chance
  readonly #time = new VirtualTime(startMs)
  readonly #server: VirtualServer
  readonly #place: Place
  readonly #devices: VirtualDevice[] = []
  readonly #people: People
  readonly #households: Households
  readonly #checkers = new Checkers()
  readonly #connections = new ConnectionChecker()
  #faults: NetworkFaults = calm
  #healed = false
  #failure: unknown
  #deeds = 0
  #crashes = 0
  #steps = 0
  /** Bodies that were posted before a store was put back. */

  constructor(options: WorldOptions, serverPath: string) {
    this.#options = options
    this.#serverPath = serverPath
    this.#chance = seededChance(options.seed)
    const checked =
      <T>(check: (what: T) => void) =>
      (what: T): void => {
        try {
          check(what)
        } catch (error) {
          this.#fail(error)
        }
      }
    this.#server = new VirtualServer(
      this.#time,
      this.#chance,
      serverPath,
      checked((posted: Posted) => this.#checkers.placed(posted)),
    )
    this.#people = new People(this.#chance)
    this.#place = {
      delivery: () => this.#server.delivery,
      streams: () => this.#server.streams,
      carried: checked((carried: Carried) => this.#connections.carried(carried)),
      time: this.#time,
      chance: this.#chance,
      faults: () => this.#faults,
    }
    for (let i = 0; i < options.accounts; i++)
      this.#devices.push(this.#device(`${String.fromCharCode(97 + i)}-person`, i === 0 ? { path: `${serverPath}-first` } : {}))
    this.#households = new Households({
      chance: this.#chance,
      devices: this.#devices,
      devicesPerAccount: options.devices,
      make: (account, nth) => this.#device(`${account}-${nth}`, { account, address: `10.0.${nth}.${account.charCodeAt(0)}` }),
      linked: async (device) => {
        await this.#know(device)
        this.#devices.push(device)
      },
    })
  }

  #device(handle: string, options: ConstructorParameters<typeof VirtualDevice>[3]): VirtualDevice {
    const device: VirtualDevice = new VirtualDevice(
      this.#place,
      handle,
      (event: ClientEvent) => {
        if (event.type !== "alarm" || event.alarm.level === "notice" || device.hadReason(event.alarm.code)) return
        this.#fail(new BrokenPromise(`${handle} was alarmed: ${event.alarm.code}: ${event.alarm.text}`))
      },
      options,
    )
    return device
  }

  async run(): Promise<WorldReport> {
    await this.#server.start()
    await this.#meet()
    this.#faults = rough
    this.#scheduleDeed()
    this.#scheduleMishap()
    await this.#restoreOlderCopy()
    await this.#until(() => this.#deeds >= this.#options.deedCount, "people have done what they do")
    this.#heal()
    await this.#calmDown()
    return await this.#judge()
  }

  /** Everybody registers and finds everybody, before anything goes wrong. */
  async #meet(): Promise<void> {
    for (const device of this.#devices) {
      await this.#finish(device.start())
      await this.#know(device)
    }
    for (const device of this.#devices)
      for (const other of this.#devices)
        if (other !== device) await this.#finish(device.device?.findContact(other.handle) ?? Promise.resolve())
  }

  /** Its ids must not be on connections that name nobody. */
  async #know(device: VirtualDevice): Promise<void> {
    const [own] = await device.disk.read("SELECT account_id, device_id FROM device")
    for (const [what, column] of Object.entries({ account: "account_id", device: "device_id" }))
      this.#connections.know(`the ${what} of ${device.handle}`, own?.[column] as Uint8Array, device.address, {
        isAsked: this.#options.devices > 1,
      })
  }

  #scheduleDeed(): void {
    this.#time.after(20 + this.#chance.below(1_500), () => {
      if (this.#healed) return
      this.#deeds++
      const by = this.#chance.pick(this.#devices)
      const changesDevices = this.#options.devices > 1 && this.#chance.happens(householdShare)
      if (by) (changesDevices ? this.#households : this.#people).act(by).catch((error: unknown) => this.#fail(error))
      this.#scheduleDeed()
    })
  }

  #scheduleMishap(): void {
    this.#time.after(500 + this.#chance.below(12_000), () => {
      if (this.#healed) return
      this.#mishap()
      this.#scheduleMishap()
    })
  }

  #mishap(): void {
    const chance = this.#chance
    const device = chance.pick(this.#devices)
    const when = chance.happens(0.5) ? "before" : "after"
    const kind = chance.below(14)
    if (!device) return
    if (kind < 4) {
      this.#crashes++
      device.crash(when)
    } else if (kind < 5) {
      this.#crashes++
      device.kill()
    } else if (kind < 7) {
      this.#crashes++
      this.#server.crash(when)
    } else if (kind < 10) {
      device.reachable = false
      this.#time.after(chance.below(60_000), () => {
        device.reachable = true
      })
    } else if (kind < 12) {
      device.failStore("store_failing", 1 + chance.below(2))
    } else if (kind < 13) {
      device.failStore("store_full", Number.POSITIVE_INFINITY)
      this.#time.after(chance.below(30_000), () => device.failStore("store_full", 0))
    } else {
      device.clockAheadMs = chance.below(2 * clockOffMs) - clockOffMs
    }
  }

  /** Of one device, the store is kept when the people have done a third, and put back when they have done two. */
  async #restoreOlderCopy(): Promise<void> {
    const [device] = this.#devices
    if (!device || this.#options.seed % 2 === 0) return
    await this.#until(() => this.#deeds >= this.#options.deedCount / 3, "a third is done")
    device.keepStore()
    await this.#until(() => this.#deeds >= (2 * this.#options.deedCount) / 3, "two thirds are done")
    await this.#finish(device.putBackStore())
  }

  #heal(): void {
    this.#healed = true
    this.#faults = calm
    for (const device of this.#devices) {
      device.reachable = true
      device.crash(undefined)
      device.failStore("store_full", 0)
      device.clockAheadMs = 0
    }
    this.#server.crash(undefined)
  }

  /** Until nobody has anything to send or to take in, for a while. */
  async #calmDown(): Promise<void> {
    let quietSinceMs: number | undefined
    const endMs = this.#time.nowMs() + healMs
    let checkedMs = 0
    await this.#until(async () => {
      if (this.#time.nowMs() < checkedMs + 1_000) return false
      checkedMs = this.#time.nowMs()
      await this.#households.settle()
      const apart = this.#households.isBusy ? "a device is being linked" : await this.#households.together()
      if (apart !== undefined) {
        quietSinceMs = undefined
        if (this.#time.nowMs() > endMs) throw new BrokenPromise(apart)
        return false
      }
      for (const device of this.#whole()) {
        if (device.device && (await this.#isSettled(device))) continue
        quietSinceMs = undefined
        if (this.#time.nowMs() > endMs) throw new BrokenPromise(`${device.handle} never comes to rest: ${await this.#unrest(device)}`)
        return false
      }
      quietSinceMs ??= this.#time.nowMs()
      return this.#time.nowMs() >= quietSinceMs + quietMs
    }, "everybody has sent and received everything")
  }

  async #isSettled(device: VirtualDevice): Promise<boolean> {
    if ((await device.device?.connection())?.status !== "online") return false
    // What waits in a request waits for the person.
    const [row] = await device.disk.read(
      `SELECT (SELECT COUNT(*) FROM outbox o JOIN mls_group g ON g.group_id = o.group_id JOIN chat c ON c.chat_id = g.chat_id
                WHERE g.status IN ('active', 'leaving') AND o.status != 'failed' AND NOT (c.state = 'request' AND o.kind IN ('content', 'commit'))) +
              (SELECT COUNT(*) FROM waiting_record) + (SELECT COUNT(*) FROM introduction WHERE due = 1 AND sent = 0) + (SELECT COUNT(*) FROM arrived_introduction) +
              (SELECT COUNT(*) FROM healing h JOIN mls_group g ON g.group_id = h.group_id WHERE g.status = 'active') +
              (SELECT COUNT(*) FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id
                WHERE g.status = 'active' AND g.proposals > 0 AND c.state != 'request') AS n`,
    )
    return row?.["n"] === 0
  }

  /** What a device still waits for, in a line. */
  async #unrest(device: VirtualDevice): Promise<string> {
    const outbox = await device.disk.read(
      "SELECT o.kind, o.status, o.epoch, o.attempts, g.status AS group_status, g.epoch AS group_epoch, hex(g.group_id) AS id FROM outbox o JOIN mls_group g ON g.group_id = o.group_id LIMIT 3",
    )
    const waiting = await device.disk.read("SELECT ord, hex(group_id) AS id FROM waiting_record LIMIT 3")
    const proposals = await device.disk.read(
      "SELECT hex(group_id) AS id, proposals, epoch FROM mls_group WHERE status = 'active' AND proposals > 0",
    )
    return JSON.stringify({ connection: await device.device?.connection(), outbox, waiting, proposals })
  }

  /** A device whose store was put back shows tokens that were spent, and takes longer than others to find out. */
  async #copyIsJudged(): Promise<boolean> {
    for (const { isPutBack, device, disk } of this.#devices) {
      if (!isPutBack) continue
      if ((await device?.connection())?.status !== "online") return false
      if ((await disk.read(letInAgain)).length > 0) return false
    }
    return true
  }

  async #judge(): Promise<WorldReport> {
    await this.#until(() => this.#copyIsJudged(), "a store that was put back is found out, or goes on")
    await this.#check()
    await this.#checkers.quiet(this.#whole())
    await this.#checkers.converged(this.#whole())
    const acknowledged: readonly Acknowledged[] = this.#people.acknowledged.filter(({ by }) => !by.isPutBack && !by.isRevoked)
    const { delivered } = await this.#checkers.nothingLost(this.#whole(), acknowledged)
    let putBackFound = false
    for (const device of this.#devices) if (device.isPutBack) putBackFound ||= await this.#checkers.putBackGoesOn(device)
    const unreadable = await this.#checkers.removedReadNothing(this.#devices)
    await this.#checkers.nothingOpensTwice(this.#whole())
    await this.#checkers.shownOnce(this.#devices)
    for (const [kind, count] of Object.entries(this.#connections.counts))
      if (count === 0) throw new BrokenPromise(`nothing went over a connection of the class ${kind}`)
    const hash = createHash("sha256")
    for (const { groupId, epoch, body } of this.#checkers.posted) hash.update(groupId).update(String(epoch)).update(body)
    return {
      seed: this.#options.seed,
      fingerprint: toHex(new Uint8Array(hash.digest())).slice(0, 16),
      virtualMs: this.#time.nowMs() - startMs,
      deeds: this.#deeds,
      crashes: this.#crashes,
      storeFailures: this.#devices.reduce((sum, device) => sum + device.storeFailures, 0),
      putBackFound,
      posted: this.#checkers.posted.length,
      acknowledged: acknowledged.length,
      delivered,
      unreadable,
      linked: this.#households.linked,
      linkAttempts: this.#households.attempts,
      revoked: this.#households.revoked,
    }
  }

  /** Devices whose store is the one they wrote, and that are in their account. */
  #whole(): readonly VirtualDevice[] {
    return this.#devices.filter((device) => !device.isPutBack && !device.isRevoked)
  }

  async #check(): Promise<void> {
    await this.#checkers.epochs(this.#devices.filter((device) => device.started))
    this.#checkers.blindness(
      [this.#serverPath, deliveryPath(this.#serverPath)],
      [spokenWord, "-of-nobody-else"],
      this.#devices[0]?.handle ?? "",
    )
  }

  async #until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    while (!(await holds())) {
      if (this.#failure !== undefined) throw this.#failure
      if (++this.#steps > maxSteps || !(await this.#time.step())) throw new BrokenPromise(`never: ${what}`)
      await this.#checkers.epochs(this.#devices.filter((device) => device.started))
      if (this.#steps % scanEverySteps === 0) await this.#check()
    }
  }

  async #finish(work: Promise<unknown>): Promise<void> {
    let done = false
    void work.then(
      () => (done = true),
      (error: unknown) => this.#fail(error),
    )
    await settle()
    await this.#until(() => done, "a first step is done")
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }
}

/** Long enough for the slowest retry to show that it was not forgotten. */
const quietMs = 90_000
/** A healed world comes to rest within this. */
const healMs = 15 * 60_000
