// People who lose all their devices at once and bring the account back by its 24 words, with what was last backed up.

import { ClientError, type Device } from "@nodoor/client"
import type { VirtualDevice } from "../virtual-device.ts"
import type { VirtualTime } from "../virtual-time.ts"

export interface LossParts {
  readonly time: VirtualTime
  readonly devices: readonly VirtualDevice[]
  /** A further device of an account, not started yet. */
  make(account: string): VirtualDevice
  /** It is in the account now. */
  joined(device: VirtualDevice): Promise<void>
  /** Whether a device is being linked in the account. */
  isLinking(account: string): boolean
}

const againMs = 5_000

export class Losses {
  readonly #parts: LossParts
  /** Devices that bring an account back, until it is back with its history. */
  readonly #underWay = new Map<string, VirtualDevice>()
  /** On which run of a device its backup is being restored. */
  readonly #restoring = new Map<VirtualDevice, Device>()
  /** Accounts that are back. */
  recovered = 0
  /** Of these, with a backup. */
  restored = 0

  constructor(parts: LossParts) {
    this.#parts = parts
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0
  }

  isUnderWay(account: string): boolean {
    return this.#underWay.has(account)
  }

  /** Whether the account was lost. */
  async act(by: VirtualDevice): Promise<boolean> {
    const { account } = by
    const all = this.#parts.devices.filter((device) => device.account === account && !device.isOut)
    if (!by.device || this.#underWay.has(account) || this.#parts.isLinking(account)) return false
    if (all.some(({ isPutBack, mayBeRevoked, started }) => isPutBack || mayBeRevoked || !started)) return false
    const words = await by.device.recoveryWords()
    for (const device of all) {
      device.isLost = true
      device.end()
    }
    for (const other of this.#parts.devices) for (const code of toldOfReset) other.expected.add(code)
    const device = this.#parts.make(account)
    this.#underWay.set(account, device)
    device.recovering = { handle: account, words, ended: () => void this.#back(device) }
    void device.start()
    return true
  }

  async #back(device: VirtualDevice): Promise<void> {
    this.recovered++
    await this.#parts.joined(device)
    this.#restore(device)
  }

  /** Again until it is done: the process may die, and the network may not be there. */
  #restore(device: VirtualDevice): void {
    if (!this.#underWay.has(device.account)) return
    const on = device.device
    if (on && this.#restoring.get(device) !== on) {
      this.#restoring.set(device, on)
      void this.#bringBack(device, on)
    }
    this.#parts.time.after(againMs, () => this.#restore(device))
  }

  async #bringBack(device: VirtualDevice, on: Device): Promise<void> {
    try {
      if ((await on.previewBackup()) !== undefined) {
        await on.restoreBackup()
        this.restored++
        device.isRestored = true
      }
      this.#underWay.delete(device.account)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.#restoring.delete(device)
    }
  }
}

/** What others are told when an account is brought back by its words. */
const toldOfReset: readonly string[] = ["contact_reset"]
