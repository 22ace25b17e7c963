// One device of a world: production client, a store that survives, a process that may die at any commit and is started again.

import { type ClientEvent, ClientError, type Database, type Device, type Ports, createDevice, openDevice } from "@nodoor/client"
import { openMemoryDatabase } from "@nodoor/client/node"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { olderNetwork } from "./older-account.ts"
import { origin } from "./virtual-server.ts"
import { type Place, virtualNetwork } from "./virtual-network.ts"

export class VirtualDevice {
  readonly handle: string
  /** What contacts see; unlike handle and holder's name it must never be in a server's row. */
  readonly name: string
  readonly #place: Place
  #database: Database | undefined
  #device: Device | undefined
  #generation = 0
  #crash: "before" | "after" | undefined
  #reachable = true
  #started = false

  readonly #heard: (event: ClientEvent) => void
  /** As it was before accounts had recovery keys; what is changed here counts from the next start. */
  older: boolean

  constructor(place: Place, handle: string, heard: (event: ClientEvent) => void, { older = false }: { readonly older?: boolean } = {}) {
    this.older = older
    this.#heard = heard
    this.#place = place
    this.handle = handle
    this.name = `Profile-${handle}-of-nobody-else`
  }

  /** The running device, or undefined while its process is dead. */
  get device(): Device | undefined {
    return this.#device
  }

  /** Whether it ever ran, so that its disk holds something. */
  get started(): boolean {
    return this.#started
  }

  /** What is on disk, also while nothing runs. */
  get disk(): Database {
    if (!this.#database) throw new TypeError("the device was never started")
    return this.#database
  }

  set reachable(reachable: boolean) {
    this.#reachable = reachable
  }

  /** Starts the process: registers the first time, opens the store later. */
  async start(): Promise<void> {
    this.#database ??= await openMemoryDatabase()
    const generation = ++this.#generation
    const ports = this.#ports(generation)
    try {
      const device = await this.#open(ports)
      if (generation !== this.#generation) return
      this.#device = device
      this.#started = true
      device.subscribe((event) => this.#heard(event))
    } catch (error) {
      if (generation !== this.#generation) return
      if (!(error instanceof ClientError && error.code === "unreachable")) throw error
      this.#generation++
      this.#place.time.after(1_000, () => void this.start())
    }
  }

  async #open(ports: Ports): Promise<Device> {
    try {
      return await openDevice(ports)
    } catch (error) {
      if (!(error instanceof ClientError && error.code === "not_registered")) throw error
      const { handle, name } = this
      return await createDevice(ports, { serverUrl: `https://${origin}`, handle, name, holderName: `Holder ${handle}`, deviceClass: "cli" })
    }
  }

  /** The process dies at its next commit, before or after that is on disk. */
  crash(when: "before" | "after" | undefined): void {
    this.#crash = when
  }

  /** The process is killed now. */
  kill(): void {
    this.#generation++
    this.#device = undefined
    this.#place.time.after(100 + this.#place.chance.below(10_000), () => void this.start())
  }

  #ports(generation: number): Ports {
    const { time, chance } = this.#place
    const alive = (): boolean => generation === this.#generation
    const random = (sizeBytes: number): Uint8Array => chance.bytes(sizeBytes)
    const network = virtualNetwork(this.#place, {
      address: `10.0.0.${this.handle.charCodeAt(0)}`,
      reachable: () => this.#reachable,
      alive,
    })
    return {
      clock: { nowMs: () => time.nowMs() },
      timers: { after: (delayMs, callback) => time.after(delayMs, () => alive() && callback()) },
      random,
      crypto: deterministicProvider(random),
      network: this.older ? olderNetwork(network, this.disk) : network,
      database: this.#mortal(alive),
    }
  }

  /** A dead process reads and writes nothing more, and none of its promises ever ends. */
  #mortal(alive: () => boolean): Database {
    const disk = this.disk
    const never = new Promise<never>(() => {})
    return {
      read: async (sql, values) => (alive() ? await disk.read(sql, values) : await never),
      commit: async (statements) => {
        if (!alive()) return await never
        const crash = this.#crash
        if (!crash) return await disk.commit(statements)
        this.#crash = undefined
        if (crash === "after") await disk.commit(statements)
        this.kill()
        return await never
      },
      close: async () => {},
    }
  }
}
