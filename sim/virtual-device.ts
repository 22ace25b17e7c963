// One device of a world: production client, a store that survives, a process that may die at any commit and is started again.

import {
  type ClientEvent,
  ClientError,
  type Database,
  type OpenDevice,
  type Files,
  type Ports,
  createDevice,
  linkDevice,
  openDevice,
  recoverAccount,
} from "@nodoor/client"
import { quickTokens } from "@nodoor/client/quick-tokens"
import { memoryFiles } from "@nodoor/client/node"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { immediateMediaCrypto } from "./immediate-media-crypto.ts"
import { MortalDisk } from "./mortal-disk.ts"
import { olderNetwork } from "./older-account.ts"
import { origin } from "./virtual-server.ts"
import { type Place, virtualNetwork } from "./virtual-network.ts"
import type { Joining, WorldDevice } from "./world/world-device.ts"

export class VirtualDevice implements WorldDevice {
  /** Of its account; of a further device, a name of its own. */
  readonly handle: string
  readonly account: string
  /** Where all its connections come from. */
  readonly address: string
  /** What contacts see; unlike handle and holder's name it must never be in a server's row. */
  readonly name: string
  readonly #place: Place
  readonly #disk: MortalDisk
  /** Outlives the process. */
  readonly #files: Files = memoryFiles()
  #device: OpenDevice | undefined
  #generation = 0
  #reachable = true
  #started = false
  #putBack = false
  #clockAheadMs = 0
  #clockWasOff = false
  #isOver = false

  /** Set for a further device of an account, which registers none of its own. */
  joining: Joining | undefined
  /** Somebody asked for it to be removed from its account. */
  mayBeRevoked = false
  /** The log shows that it was. */
  isRevoked = false
  /** Somebody else has it, with changed code. */
  isWrecker = false
  /** It fell into the sea, with everything on it. */
  isLost = false
  /** It brought its account back, with a backup. */
  isRestored = false
  /** Codes of what it may be told because of what others did. */
  readonly expected: Set<string> = new Set()
  /** Set for a device that brings an account back. `ended`: it is back. */
  recovering: { readonly handle: string; readonly words: readonly string[]; readonly ended?: () => void } | undefined
  readonly #heard: (event: ClientEvent) => void
  /** As it was before accounts had recovery keys; what is changed here counts from the next start. */
  older: boolean

  /** `path`: of a file for its store, if that is to be put back some time. `address`: handles begin with different letters if it is left out. */
  constructor(
    place: Place,
    handle: string,
    heard: (event: ClientEvent) => void,
    {
      older = false,
      path,
      account = handle,
      address = `10.0.0.${handle.charCodeAt(0)}`,
    }: { readonly older?: boolean; readonly path?: string; readonly account?: string; readonly address?: string } = {},
  ) {
    this.account = account
    this.older = older
    this.#disk = new MortalDisk(path)
    this.#heard = heard
    this.#place = place
    this.handle = handle
    this.address = address
    this.name = `Profile-${handle}-of-nobody-else`
  }

  /** The running device, or undefined while its process is dead. */
  get device(): OpenDevice | undefined {
    return this.#device
  }

  /** Whether it ever ran, so that its disk holds something. */
  get started(): boolean {
    return this.#started
  }

  /** What is on disk, also while nothing runs. */
  get disk(): Database {
    return this.#disk.database
  }

  /** Grows with everything that it writes. */
  get changes(): number {
    return this.#disk.changes
  }

  /** Whether its person has it no more. */
  get isOut(): boolean {
    return this.isRevoked || this.isWrecker || this.isLost
  }

  /** Whether its store is an older copy, put back. */
  get isPutBack(): boolean {
    return this.#putBack
  }

  /** How far its clock is ahead; the world's time goes on as it does. */
  set clockAheadMs(aheadMs: number) {
    this.#clockAheadMs = aheadMs
    this.#clockWasOff ||= aheadMs !== 0
  }

  /** Whether an alarm is one that this device had reason for: it was removed, its store was put back, or its clock was off. */
  hadReason(code: string): boolean {
    return (
      this.mayBeRevoked ||
      linkAlarms.includes(code) ||
      (this.#putBack && putBackAlarms.includes(code)) ||
      this.expected.has(code) ||
      (this.#clockWasOff && clockAlarms.includes(code))
    )
  }

  set reachable(reachable: boolean) {
    this.#reachable = reachable
  }

  /** Starts the process: registers the first time, opens the store later. */
  async start(): Promise<void> {
    if (this.#isOver) return
    await this.#disk.open()
    const generation = ++this.#generation
    const ports = this.#ports(generation)
    try {
      const device = await this.#open(ports)
      if (generation !== this.#generation) return
      this.#device = device
      const isFirst = !this.#started
      this.#started = true
      if (isFirst) (this.joining?.ended ?? this.recovering?.ended)?.(undefined)
      device.subscribe((event) => this.#heard(event))
    } catch (error) {
      if (generation !== this.#generation) return
      if (!(error instanceof ClientError)) throw error
      if (!passing.includes(error.code)) {
        if (this.joining?.ended === undefined || this.#started) throw error
        this.#generation++
        return this.joining.ended(error)
      }
      this.#generation++
      this.#place.time.after(1_000, () => void this.start())
    }
  }

  async #open(ports: Ports): Promise<OpenDevice> {
    try {
      return await openDevice(ports)
    } catch (error) {
      if (!(error instanceof ClientError && startsAnew.includes(error.code))) throw error
      const { handle, name, joining, recovering } = this
      if (recovering)
        return await recoverAccount(ports, {
          handle: recovering.handle,
          words: recovering.words,
          serverUrl: `https://${origin}`,
          deviceClass: "web",
          deviceName: `Browser of ${recovering.handle}`,
        })
      if (joining) {
        const options = {
          serverUrl: `https://${origin}`,
          deviceClass: "web",
          deviceName: `Browser of ${handle}`,
          how: joining.how,
        } as const
        await linkDevice(ports, options, joining.hears).done
        return await openDevice(ports)
      }
      return await createDevice(ports, { serverUrl: `https://${origin}`, handle, name, holderName: `Holder ${handle}`, deviceClass: "cli" })
    }
  }

  /** The process dies at its next commit, before or after that is on disk. */
  crash(when: "before" | "after" | undefined): void {
    this.#disk.crash(when)
  }

  /** So many of the next commits, or all until this is called with zero, meet this error. */
  failStore(code: "store_full" | "store_failing", times: number): void {
    this.#disk.fail(code, times)
  }

  get storeFailures(): number {
    return this.#disk.failures
  }

  keepStore(): void {
    this.#disk.keep()
  }

  /** The process is killed and the store as it was kept put in its place. */
  async putBackStore(): Promise<void> {
    if (this.#isOver) return
    this.#stop()
    this.#putBack = true
    await this.#disk.putBack()
    await this.start()
  }

  /** The process is killed now. */
  kill(): void {
    this.#stop()
    this.#place.time.after(100 + this.#place.chance.below(10_000), () => void this.start())
  }

  /** The process is killed and never started again. What is on its disk can still be read. */
  end(): void {
    this.#isOver = true
    this.#stop()
  }

  #stop(): void {
    this.#generation++
    this.#device = undefined
  }

  #ports(generation: number): Ports {
    const { time, chance } = this.#place
    const alive = (): boolean => generation === this.#generation
    const random = (sizeBytes: number): Uint8Array => chance.bytes(sizeBytes)
    const network = virtualNetwork(this.#place, {
      address: this.address,
      reachable: () => this.#reachable,
      alive,
    })
    return {
      clock: { nowMs: () => time.nowMs() + this.#clockAheadMs },
      timers: { after: (delayMs, callback) => time.after(delayMs, () => alive() && callback()) },
      random,
      crypto: deterministicProvider(random),
      blindSignatures: quickTokens(random),
      network: this.older ? olderNetwork(network, this.disk) : network,
      database: this.#disk.of({ alive, die: () => this.kill() }),
      mediaCrypto: immediateMediaCrypto,
      files: this.#files,
    }
  }
}

/**
 * What a device is told whose store was put back. Of a seat that it has not re-keyed it cannot know whether an older copy or its adder has read
 * there, and the secret that it had before it re-keyed one is no longer good. Nor does it know that it was taken out of a group and let in again since.
 */
const putBackAlarms: readonly string[] = [
  "history_gap",
  "invitation_refused_changed_meanwhile",
  "invitation_refused_live_group",
  "older_copy",
  "log_gap",
  "seat_taken",
  "seat_lost",
]
/**
 * What people are told when somebody links a device, or removes one that is just changing a group. No world has a server that adds one, nor
 * a thief.
 */
const linkAlarms: readonly string[] = ["contact_device_added", "commit_refused_removed_device_unclear", "invitation_refused_removed_device"]
/** What a device is told whose clock and the log's differ. */
const clockAlarms: readonly string[] = ["clock_differs", "log_epoch_future", "chat_waits_for_clock"]
/** What a store says that has no device yet. */
const startsAnew: readonly string[] = ["not_registered", "link_unfinished"]
/** Why a device could not be opened now and can be later. */
const passing: readonly string[] = ["unreachable", "store_full", "store_failing", "log_unavailable"]
