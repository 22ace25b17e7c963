// A deterministic world: the production client on several devices, the production server core, one seed for all chance, a clock that
// moves only when told, a network that loses, repeats, delays and reorders, processes that die before and after they wrote, members with
// changed code, stores that are put back, and accounts that are lost and brought back.

import { mkdtempSync, rmSync } from "node:fs"
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { toHex } from "@nodoor/bytes"
import type { ClientEvent } from "@nodoor/client"
import { assertAgreement } from "./agreement.ts"
import { BrokenPromise } from "../broken-promise.ts"
import { Checkers, letInAgain } from "./checkers.ts"
import { type Carried, ConnectionChecker } from "../connection-checker.ts"
import { Households } from "./households.ts"
import { Losses } from "./losses.ts"
import { Mishaps } from "./mishaps.ts"
import { People, spokenWord } from "./people.ts"
import { type Chance, seededChance } from "../randomness.ts"
import { isSettled, unrest } from "./rest.ts"
import { VirtualDevice } from "../virtual-device.ts"
import { type NetworkFaults, type Place, calm, rough } from "../virtual-network.ts"
import { type Posted, VirtualServer, deliveryPath } from "../virtual-server.ts"
import { VirtualTime, settle } from "../virtual-time.ts"
import type { WorldDevice } from "./world-device.ts"
import type { WorldOptions } from "./world-options.ts"
import { Wreckers } from "./wreckers.ts"

export interface WorldReport {
  readonly seed: number
  /** The same seed gives the same: a hash over every body in the order of the server. */
  readonly fingerprint: string
  readonly virtualMs: number
  readonly deeds: number
  readonly groups: number
  readonly crashes: number
  /** Commits that met an error of the disk. */
  readonly storeFailures: number
  /** Stores that were put back, and whose device found out. */
  readonly putBackFound: number
  readonly posted: number
  readonly acknowledged: number
  readonly delivered: number
  /** Messages that two devices show alike, over all pairs. */
  readonly compared: number
  /** Bodies of later epochs that removed devices were seen not to open. */
  readonly unreadable: number
  /** Devices that were linked, of so many attempts, and that were removed again. */
  readonly linked: number
  readonly linkAttempts: number
  readonly revoked: number
  /** Groups that a member with changed code broke. */
  readonly broken: number
  /** Accounts that were brought back by their words, and those of them that had a backup. */
  readonly recovered: number
  readonly restored: number
}

const startMs = 1_750_000_000_000
/** Steps of virtual time in which nothing comes to its end count as stuck. */
const maxSteps = 2_000_000
const scanEverySteps = 2_000
/** A search through the server's files takes longer the more it holds. */
const scansMax = 100
/** Of what people do, how much is about their devices. */
const householdShare = 0.05
/** How many messages are written besides with one thing that people do. */
const talkMax = 20
/** Where what was planned is not possible now, it is tried again so many deeds later. */
const laterDeeds = 7

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
  readonly #wreckers: Wreckers
  readonly #losses: Losses
  readonly #mishaps: Mishaps
  readonly #checkers = new Checkers()
  readonly #connections = new ConnectionChecker()
  /** What happens when so many deeds are done. */
  readonly #planned: { readonly deed: number; readonly happen: () => Promise<boolean> }[] = []
  readonly #devicesMade = new Map<string, number>()
  #faults: NetworkFaults = calm
  #healed = false
  #failure: unknown
  #deeds = 0
  #steps = 0
  #scans = 0

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
    this.#people = new People(this.#chance, { groupsMax: options.groups })
    this.#place = {
      delivery: () => this.#server.delivery,
      streams: () => this.#server.streams,
      carried: checked((carried: Carried) => this.#connections.carried(carried)),
      time: this.#time,
      chance: this.#chance,
      faults: () => this.#faults,
    }
    for (let i = 0; i < options.accounts; i++)
      this.#devices.push(
        this.#device(`${String.fromCharCode(97 + i)}-person`, i < options.putBacks ? { path: `${serverPath}-device-${i}` } : {}),
      )
    const parts = {
      chance: this.#chance,
      time: this.#time,
      server: this.#server,
      devices: this.#devices,
      devicesPerAccount: options.devices,
      make: (account: string) => this.#furtherDevice(account),
      joined: async (device: WorldDevice) => await this.#joined(device as VirtualDevice),
    }
    this.#households = new Households({ ...parts, isUnderWay: (account) => this.#losses.isUnderWay(account) })
    this.#losses = new Losses({ ...parts, isLinking: (account) => this.#households.isLinking(account) })
    this.#wreckers = new Wreckers(parts)
    this.#mishaps = new Mishaps(parts)
    this.#plan()
  }

  async #joined(device: VirtualDevice): Promise<void> {
    await this.#know(device)
    for (const code of this.#devices[0]?.expected ?? []) device.expected.add(code)
    this.#devices.push(device)
  }

  #furtherDevice(account: string): VirtualDevice {
    const nth = (this.#devicesMade.get(account) ?? 1) + 1
    this.#devicesMade.set(account, nth)
    return this.#device(`${account}-${nth}`, { account, address: `10.0.${nth}.${account.charCodeAt(0)}` })
  }

  #device(handle: string, options: ConstructorParameters<typeof VirtualDevice>[3]): VirtualDevice {
    const device: VirtualDevice = new VirtualDevice(
      this.#place,
      handle,
      (event: ClientEvent) => {
        if (event.type !== "alarm" || event.alarm.level === "notice" || device.isOut || device.hadReason(event.alarm.code)) return
        this.#fail(new BrokenPromise(`${handle} was alarmed: ${event.alarm.code}: ${event.alarm.text}`))
      },
      options,
    )
    return device
  }

  /** Stores are kept when the people have done a third, and put back when they have done two; the rest comes in between. */
  #plan(): void {
    const { deedCount, putBacks, wreckers, losses } = this.#options
    const third = Math.floor(deedCount / 3)
    const between = (): number => third + this.#chance.below(third)
    for (const device of this.#devices.slice(0, putBacks)) {
      this.#planned.push({ deed: third, happen: () => this.#keep(device) }, { deed: 2 * third, happen: () => this.#putBack(device) })
    }
    for (let i = 0; i < wreckers; i++)
      this.#planned.push({ deed: between(), happen: () => this.#withSomebody((device) => this.#wreckers.act(device)) })
    for (let i = 0; i < losses; i++)
      this.#planned.push({ deed: between(), happen: () => this.#withSomebody((device) => this.#losses.act(device)) })
  }

  async #keep(device: VirtualDevice): Promise<boolean> {
    if (!device.isOut) await this.#checkers.kept(device)
    return true
  }

  async #putBack(device: VirtualDevice): Promise<boolean> {
    if (!device.isOut) await device.putBackStore()
    return true
  }

  /** Nobody in whose account a device is just being linked. */
  async #withSomebody(happen: (device: VirtualDevice) => Promise<boolean>): Promise<boolean> {
    const device = this.#chance.pick(this.#devices)
    return device !== undefined && !this.#households.isLinking(device.account) && (await happen(device))
  }

  async run(): Promise<WorldReport> {
    await this.#server.start()
    await this.#meet()
    this.#faults = rough
    this.#scheduleDeed()
    this.#scheduleMishap()
    const { deedCount, messages } = this.#options
    await this.#until(() => this.#deeds >= deedCount && this.#people.acknowledged.length >= messages, "people have done what they do")
    this.#heal()
    await this.#calmDown()
    return await this.#judge()
  }

  /** Everybody registers and finds everybody, before anything goes wrong. */
  async #meet(): Promise<void> {
    for (const device of this.#devices) {
      await this.#finish(device.start())
      await this.#know(device)
      if (this.#options.losses > 0) await this.#finish(device.device?.setBackup({ target: "server" }) ?? Promise.resolve())
    }
    for (const device of this.#devices)
      for (const other of this.#devices)
        if (other !== device) await this.#finish(device.device?.findContact(other.handle) ?? Promise.resolve())
    await this.#finish(this.#people.gather(this.#devices))
  }

  /** Its ids must not be on connections that name nobody. */
  async #know(device: VirtualDevice): Promise<void> {
    const [own] = await device.disk.read("SELECT account_id, device_id FROM device")
    for (const [what, column] of Object.entries({ account: "account_id", device: "device_id" }))
      this.#connections.know(`the ${what} of ${device.handle}`, own?.[column] as Uint8Array, device.address, {
        isAsked: this.#options.devices > 1 || this.#options.losses > 0,
      })
  }

  #scheduleDeed(): void {
    this.#time.after(20 + this.#chance.below(1_500), () => {
      if (this.#healed) return
      this.#deeds++
      const by = this.#chance.pick(this.#devices)
      const changesDevices = this.#options.devices > 1 && this.#chance.happens(householdShare)
      if (by) (changesDevices ? this.#households : this.#people).act(by).catch((error: unknown) => this.#fail(error))
      for (let i = 0; i < this.#talk(); i++) this.#say()
      this.#carryOutPlans()
      this.#scheduleDeed()
    })
  }

  /** How many messages besides, so that there are as many in the end as there are to be. */
  #talk(): number {
    const { messages, deedCount } = this.#options
    const due = Math.ceil(Math.min(1, this.#deeds / deedCount) * messages) - this.#people.acknowledged.length
    return Math.min(talkMax, Math.max(0, due))
  }

  #say(): void {
    const by = this.#chance.pick(this.#devices)
    if (by) this.#people.say(by).catch((error: unknown) => this.#fail(error))
  }

  #carryOutPlans(): void {
    for (const { happen } of this.#planned.filter(({ deed }) => deed === this.#deeds))
      happen().then(
        (done) => !done && this.#planned.push({ deed: this.#deeds + laterDeeds, happen }),
        (error: unknown) => this.#fail(error),
      )
    if (this.#options.losses > 0 && this.#deeds % 50 === 20)
      for (const { device } of this.#devices) void device?.backupNow().catch(() => undefined)
  }

  #scheduleMishap(): void {
    this.#time.after(500 + this.#chance.below(12_000), () => {
      if (this.#healed) return
      const device = this.#chance.pick(this.#devices)
      if (device) this.#mishaps.happen(device)
      this.#scheduleMishap()
    })
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
      const unfinished = await this.#unfinished()
      if (unfinished !== undefined) {
        quietSinceMs = undefined
        if (this.#time.nowMs() > endMs) throw new BrokenPromise(unfinished)
        return false
      }
      quietSinceMs ??= this.#time.nowMs()
      return this.#time.nowMs() >= quietSinceMs + quietMs
    }, "everybody has sent and received everything")
  }

  /** What is still under way, in words. */
  async #unfinished(): Promise<string | undefined> {
    await this.#households.settle()
    if (this.#households.isBusy) return "a device is being linked"
    if (this.#losses.isBusy) return "an account is being brought back"
    const apart = await this.#households.together()
    if (apart !== undefined) return apart
    for (const device of this.#whole())
      if (!device.device || !(await isSettled(device))) return `${device.handle} never comes to rest: ${await unrest(device)}`
    return undefined
  }

  /** A device whose store was put back shows tokens that were spent, and takes longer than others to find out. */
  async #copiesAreJudged(): Promise<boolean> {
    for (const { isPutBack, isOut, device, disk } of this.#devices) {
      if (!isPutBack || isOut) continue
      if ((await device?.connection())?.status !== "online") return false
      if ((await disk.read(letInAgain)).length > 0) return false
    }
    return true
  }

  async #copies(): Promise<string> {
    const copies = this.#devices.filter(({ isPutBack, isOut }) => isPutBack && !isOut)
    return (await Promise.all(copies.map(async (device) => `${device.handle} ${await unrest(device)}`))).join(", ")
  }

  async #judge(): Promise<WorldReport> {
    const endMs = this.#time.nowMs() + copiesHealMs
    await this.#until(async () => {
      if (await this.#copiesAreJudged()) return true
      if (this.#time.nowMs() > endMs) throw new BrokenPromise(`a store that was put back does not go on: ${await this.#copies()}`)
      return false
    }, "a store that was put back is found out, or goes on")
    await this.#check()
    await this.#checkers.quiet(this.#whole())
    await this.#checkers.converged(this.#whole())
    await this.#checkers.successorsAgree(this.#whole())
    const { acknowledged } = this.#people
    const { delivered } = await this.#checkers.nothingLost(this.#whole(), acknowledged)
    const compared = await assertAgreement(this.#whole())
    let putBackFound = 0
    for (const device of this.#devices)
      if (device.isPutBack && !device.isOut) {
        putBackFound += (await this.#checkers.putBackGoesOn(device)) ? 1 : 0
        await this.#checkers.gapsAreTold(device, acknowledged)
      }
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
      groups: this.#people.groups,
      crashes: this.#mishaps.crashes,
      storeFailures: this.#devices.reduce((sum, device) => sum + device.storeFailures, 0),
      putBackFound,
      posted: this.#checkers.posted.length,
      acknowledged: acknowledged.length,
      delivered,
      compared,
      unreadable,
      linked: this.#households.linked,
      linkAttempts: this.#households.attempts,
      revoked: this.#households.revoked,
      broken: this.#checkers.countPosted(this.#wreckers.commits),
      recovered: this.#losses.recovered,
      restored: this.#losses.restored,
    }
  }

  /** Devices that people still have, whose store is the one they wrote. */
  #whole(): readonly VirtualDevice[] {
    return this.#devices.filter((device) => !device.isPutBack && !device.isOut)
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
    const endSteps = this.#steps + maxSteps + 1_000 * this.#options.messages
    while (!(await holds())) {
      if (this.#failure !== undefined) throw this.#failure
      if (++this.#steps > endSteps || !(await this.#time.step())) throw new BrokenPromise(`never: ${what}`)
      await this.#checkers.epochs(this.#devices.filter((device) => device.started))
      if (this.#steps % (scanEverySteps * (1 + Math.floor(this.#scans / scansMax))) !== 0) continue
      this.#scans++
      await this.#check()
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
/** Who was let in by somebody whose word is not enough asks again after an hour. */
const copiesHealMs = 3 * 3_600_000
/** A healed world comes to rest within this. */
const healMs = 15 * 60_000
