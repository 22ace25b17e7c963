// The devices of each account of a world: people link further ones while the network does what it likes, and remove devices again.

import { ClientError, type LinkView } from "@nodoor/client"
import { toHex } from "@nodoor/bytes"
import type { Chance } from "../randomness.ts"
import type { WorldDevice } from "./world-device.ts"

export interface HouseholdParts {
  readonly chance: Chance
  readonly devices: readonly WorldDevice[]
  readonly devicesPerAccount: number
  /** A further device of an account, not started yet. */
  make(account: string): WorldDevice
  /** It is in the account now. */
  joined(device: WorldDevice): Promise<void>
  /** Whether the account is being brought back. */
  isUnderWay(account: string): boolean
}

export class Households {
  readonly #parts: HouseholdParts
  /** Accounts in which a device is being linked, and what its person does to answer. */
  readonly #underWay = new Set<string>()
  attempts = 0
  linked = 0
  revoked = 0

  constructor(parts: HouseholdParts) {
    this.#parts = parts
  }

  /** Whether a device is being linked somewhere. */
  get isBusy(): boolean {
    return this.#underWay.size > 0
  }

  isLinking(account: string): boolean {
    return this.#underWay.has(account)
  }

  /** One person links another device, or removes one. A refusal is an answer. */
  async act(by: WorldDevice): Promise<void> {
    if (!by.device || by.isOut || by.isPutBack || this.#parts.isUnderWay(by.account)) return
    const siblings = this.#inAccount(by.account)
    if (siblings.length > 1 && this.#parts.chance.happens(0.25)) await this.#revoke(by, siblings)
    else if (siblings.length < this.#parts.devicesPerAccount) await this.#link(by)
  }

  #inAccount(account: string): WorldDevice[] {
    return this.#parts.devices.filter((device) => device.account === account && !device.isOut)
  }

  async #link(by: WorldDevice): Promise<void> {
    const { account } = by
    const old = by.device
    if (!old || this.#underWay.has(account)) return
    this.#underWay.add(account)
    this.attempts++
    try {
      const { code } = await old.startLink({ show: true })
      const device = this.#parts.make(account)
      let number: number | undefined
      let isAsked = false
      const answer = (): void => {
        if (number === undefined || !isAsked) return
        isAsked = false
        // The device that asked may have died meanwhile: then the person begins again.
        void old.answerLink({ number }).catch(refused)
      }
      const unsubscribe = old.subscribe((event) => {
        if (event.type !== "link" || event.link.step !== "confirming") return
        isAsked = true
        answer()
      })
      const hears = (view: LinkView): void => {
        number = view.number ?? number
        answer()
      }
      device.joining = {
        how: { code: code ?? "" },
        hears,
        ended: (error) => {
          unsubscribe()
          this.#ended(device, error)
        },
      }
      void device.start()
    } catch (error) {
      this.#underWay.delete(account)
      refused(error)
    }
  }

  /** `error`: what kept it out, for good. */
  #ended(device: WorldDevice, error: ClientError | undefined): void {
    this.#underWay.delete(device.account)
    if (error !== undefined) return
    this.linked++
    void this.#parts.joined(device)
  }

  async #revoke(by: WorldDevice, siblings: readonly WorldDevice[]): Promise<void> {
    const sibling = this.#parts.chance.pick(siblings.filter((device) => device !== by))
    const [row] = (await sibling?.disk.read("SELECT device_id FROM device")) ?? []
    if (!sibling || !row || !by.device) return
    // Whatever comes back, it may be so: only the log knows, and `settle` looks.
    sibling.mayBeRevoked = true
    try {
      await by.device.removeOwnDevice(toHex(row["device_id"] as Uint8Array))
    } catch (error) {
      refused(error)
    }
  }

  /** What the accounts are at the end, by what the devices that are left have verified. */
  async settle(): Promise<void> {
    for (const device of this.#parts.devices) {
      if (!device.mayBeRevoked || device.isOut) continue
      const [row] = await device.disk.read("SELECT device_id FROM device")
      const id = toHex(row?.["device_id"] as Uint8Array)
      const sibling = this.#parts.devices.find((other) => other.account === device.account && other !== device && other.device)
      const listed = await sibling?.device?.devices()
      if (listed?.some(({ deviceId }) => deviceId === id) === false) {
        device.isRevoked = true
        this.revoked++
      }
    }
  }

  /** Every device of an account is in every group of the account's other devices. */
  async together(): Promise<string | undefined> {
    for (const device of this.#parts.devices) {
      if (device.isOut || device.isPutBack) continue
      const groups = await device.disk.read(
        "SELECT g.group_id, hex(g.group_id) AS id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active' AND c.group_id = g.group_id",
      )
      for (const sibling of this.#inAccount(device.account)) {
        if (sibling === device || sibling.isPutBack || sibling.isOut) continue
        for (const { group_id: groupId, id } of groups) {
          const [there] = await sibling.disk.read("SELECT status FROM mls_group WHERE group_id = ?", [groupId ?? null])
          if (there === undefined) return `${sibling.handle} is not in ${String(id)} with ${device.handle}`
        }
      }
    }
    return undefined
  }
}

function refused(error: unknown): void {
  if (!(error instanceof ClientError)) throw error
}
