// Every device of the account belongs into every conversation of it. Each device looks for what is missing: the group of the own devices, a leaf
// in one of the groups, KeyPackages for the others to add this device with. What it finds missing it does, whoever began it.

import { type DeviceId, type VerifiedAccountState, decodeSignedAccountState, findDevice } from "@nodoor/keylog"
import { equal, fromHex, toHex } from "@nodoor/bytes"
import { type CryptoProvider, type Random, generateKeyPackage } from "@nodoor/mls"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Part } from "../../core/part.ts"
import type { Clock } from "../../core/ports.ts"
import { productSuite } from "../../core/suite.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { type GroupRow, findGroup } from "../../store/group/groups.ts"
import { isDeviceIn } from "../../store/group/members.ts"
import { enqueueAdd } from "../../store/group/outbox-item.ts"
import { countActiveGroups, findSelfGroup, isSelfGroupBroken, listGroupsWithout } from "../../store/group/own-groups.ts"
import { countLeftWith, countOwnKeyPackages, deleteOwnKeyPackagesOf } from "../../store/group/own-key-packages.ts"
import { leaveSpare } from "../../store/group/spare-key-packages.ts"
import { readerOf } from "../../store/reader.ts"
import type { Trust } from "../../trust/trust.ts"
import type { NewGroupParts } from "../action/new-group.ts"
import type { GroupStates } from "../group-states.ts"
import { earlierS, lifetimeS } from "../join/key-packages.ts"
import { applicationTypes } from "../seat/seat-list.ts"
import { ensureSelfGroup } from "./self-group.ts"

const kind = "own-devices"
/** KeyPackages that each own device keeps with each other one, and when it leaves more. A KeyPackage has 2.7 kB. */
const stock = 48
const refillBelow = 32
/** Others take another's place while the old ones are still good. */
export const ownKeyPackageForMs: number = 60 * 86_400_000
/** A device that did not let the new one in itself leaves it to the one that did, for this long and up to as long again. */
const othersAfterMs = 60_000
const lookAgainMs = 600_000
/** While others take in what was sent. */
const soonMs = 2_000
/** Groups that get a device side by side. */
const batch = 32

export interface OwnDevicesParts extends Omit<NewGroupParts, "crypto" | "states"> {
  readonly own: OwnDevice
  readonly states: GroupStates
  readonly crypto: CryptoProvider
  readonly clock: Clock
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly random: Random
  readonly trust: Pick<Trust, "latest">
  /** Queues KeyPackages of this device for another one in the group of the own devices. */
  leave(
    tx: Transaction,
    group: GroupRow,
    left: { readonly deviceId: DeviceId; readonly keyPackages: readonly Uint8Array[] },
  ): Promise<unknown>
  /** How many of the groups have all devices. */
  progress(now: { readonly done: number; readonly total: number }): void
}

export class OwnDevices implements Part {
  readonly #parts: OwnDevicesParts
  /** When this device first found something missing that another one should do. */
  #waitsForMs: number | undefined

  constructor(parts: OwnDevicesParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, run: () => this.#run() })
  }

  /** Something may be missing now. */
  look(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  /** This device is in another group than before. Who added it has most likely added the others too. */
  lookSoon(): void {
    this.#parts.jobs.schedule({ kind, inMs: soonMs, keepSooner: true })
  }

  online(): void {
    this.look()
  }

  offline(): void {}

  close(): void {}

  async #run(): Promise<JobEnd> {
    const { own, trust, transactions } = this.#parts
    const account = await trust.latest(own.accountId)
    const others = othersOf(account, own.deviceId)
    if (!account || others.length === 0) return
    const reader = readerOf(transactions.database)
    // One of them broke it: the others make the one that goes on, without it.
    if (await isSelfGroupBroken(reader)) return { againInMs: soonMs }
    const selfGroup = await findSelfGroup(reader)
    const missing = await listGroupsWithout(reader, own.accountId, others)
    const isComplete = selfGroup !== undefined && missing.length === 0
    if (!isComplete && !this.#isMine(account, missing)) {
      const waitMs = this.#waitMs()
      if (waitMs > 0) return { againInMs: waitMs }
    }
    this.#waitsForMs = undefined
    if (selfGroup) await this.#leaveKeyPackages(selfGroup, others)
    if (isComplete) {
      this.#parts.progress({ done: 1, total: 1 })
      return { againInMs: lookAgainMs }
    }
    await this.#add(missing)
    return { againInMs: soonMs }
  }

  /** Whether this device let one of those in that are missing: it is there, and does it now. */
  #isMine(account: VerifiedAccountState, missing: readonly { readonly deviceId: DeviceId }[]): boolean {
    const { own } = this.#parts
    const signed = decodeSignedAccountState(account.signed)
    const isOfThisVersion = ({ deviceId }: { readonly deviceId: DeviceId }): boolean =>
      findDevice(account.state, deviceId)?.addedVersion === account.state.version
    const signs = signed.signatures.some(({ deviceId }) => equal(deviceId, own.deviceId))
    const isNewHere = findDevice(account.state, own.deviceId)?.addedVersion === account.state.version
    return signs && !isNewHere && (missing.length === 0 || missing.some(isOfThisVersion))
  }

  /** How long to leave it to others; 0 when they had their time. */
  #waitMs(): number {
    const nowMs = this.#parts.clock.nowMs()
    const [byte = 0] = this.#parts.random(1)
    this.#waitsForMs ??= nowMs + othersAfterMs * (1 + byte / 256)
    // A clock that was set back makes nobody wait for longer.
    return Math.min(Math.max(0, this.#waitsForMs - nowMs), 2 * othersAfterMs)
  }

  /** The group of the own devices first: what the others are added with comes through it. */
  async #add(missing: readonly { readonly groupId: Uint8Array; readonly deviceId: DeviceId }[]): Promise<void> {
    const { own, transactions, kick, clock } = this.#parts
    await transactions.run(async (tx) => {
      const selfGroup = await ensureSelfGroup(this.#parts, tx)
      const afterMs = clock.nowMs() - ownKeyPackageForMs
      const left = new Map(await countOwnKeyPackages(tx, { afterMs }))
      const groups = new Map<string, Uint8Array>()
      if (!missing.some(({ groupId }) => equal(groupId, selfGroup))) {
        const made = await listGroupsWithout(
          tx,
          own.accountId,
          missing.map(({ deviceId }) => deviceId),
        )
        if (made.some(({ groupId }) => equal(groupId, selfGroup))) groups.set(toHex(selfGroup), selfGroup)
      }
      for (const { groupId, deviceId } of missing) {
        const isSelf = equal(groupId, selfGroup)
        const has = left.get(toHex(deviceId)) ?? 0
        if ((!isSelf && has === 0) || groups.size >= batch) continue
        if (!isSelf) left.set(toHex(deviceId), has - 1)
        groups.set(toHex(groupId), groupId)
      }
      for (const groupId of groups.values()) {
        await enqueueAdd(tx, groupId, own.accountId)
        tx.after(() => kick(groupId))
      }
      const total = await countActiveGroups(tx)
      const without = new Set(missing.map(({ groupId }) => toHex(groupId))).size
      tx.after(() => this.#parts.progress({ done: Math.max(0, total - without), total }))
    })
  }

  /** So that the others can add this device anywhere at once, and those of devices that are gone go. */
  async #leaveKeyPackages(selfGroup: Uint8Array, others: readonly DeviceId[]): Promise<void> {
    const { transactions, clock } = this.#parts
    const afterMs = clock.nowMs() - ownKeyPackageForMs
    await transactions.run(async (tx) => {
      const group = await findGroup(tx, selfGroup)
      if (group?.status !== "active") return
      for (const deviceId of others) {
        const left = await countLeftWith(tx, deviceId, { afterMs })
        if (left >= refillBelow || !(await isDeviceIn(tx, selfGroup, deviceId))) continue
        const keyPackages = Array.from({ length: stock - left }, () => this.#make(tx, deviceId))
        await this.#parts.leave(tx, group, { deviceId, keyPackages })
      }
      const known = new Set(others.map(toHex))
      for (const deviceId of (await countOwnKeyPackages(tx, { afterMs: 0 })).keys())
        if (!known.has(deviceId)) deleteOwnKeyPackagesOf(tx, fromHex(deviceId))
    })
  }

  #make(tx: Transaction, deviceId: DeviceId): Uint8Array {
    const { states, own, crypto, clock } = this.#parts
    const { ref, secret, message } = generateKeyPackage(states.environment(), {
      suite: productSuite,
      signer: own.signer,
      lifetimeS,
      earlierS,
      lastResort: false,
      ...applicationTypes,
    })
    leaveSpare(tx, deviceId, { ref, secret, hash: crypto.sha256(message), createdMs: clock.nowMs() })
    return message
  }
}

function othersOf(account: VerifiedAccountState | undefined, own: DeviceId): readonly DeviceId[] {
  const devices = account?.state.devices ?? []
  if (!devices.some(({ deviceId }) => equal(deviceId, own))) return []
  return devices.flatMap(({ deviceId }) => (equal(deviceId, own) ? [] : [deviceId]))
}
