// KeyPackages of the devices that are to be added to a group. A spare one that a device left in a chat of two is used without asking anybody, and
// so is one that another own device left in the group of the own devices. The others come from the account service, for a token each request, which does not say who asks.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import { type ClaimedAccount, type RefusedClaim, WireError, claimDevices, limits } from "@nodoor/wire"
import type { Clock } from "../core/ports.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import type { ClaimedDevice } from "../group/commit/claimed-devices.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { isDeviceIn } from "../store/group/members.ts"
import { findSelfGroup } from "../store/group/own-groups.ts"
import { deleteOwnKeyPackage, findOwnKeyPackage } from "../store/group/own-key-packages.ts"
import { type Spare, deleteSpare, listSpares } from "../store/group/spare-key-packages.ts"
import { readerOf } from "../store/reader.ts"
import type { Trust } from "../trust/trust.ts"
import type { Tokens } from "./tokens.ts"

/**
 * Up to so many people, each is asked for by a request and a connection of its own: the account service must not learn who comes into one
 * group. More cannot be hidden by it, and are asked for together.
 */
const apartMax = 16
const sideBySide = 8
/** Others are tried when one is not good: its key epoch may have ended on the way. */
const tokensTried = 3
/** A spare KeyPackage lives 90 days, and its owner replaces it after 60. */
const spareForMs = 85 * 86_400_000

export interface ClaimParts {
  readonly clock: Clock
  readonly session: Pick<Session, "call" | "alone">
  readonly transactions: Transactions
  readonly tokens: Pick<Tokens, "take">
  readonly trust: Pick<Trust, "latest">
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
}

export interface Claimed {
  readonly claims: readonly ClaimedDevice[]
  /** Accounts of which nothing could be claimed. */
  readonly refused: readonly RefusedClaim[]
}

export class Claims {
  readonly #parts: ClaimParts

  constructor(parts: ClaimParts) {
    this.#parts = parts
  }

  /** One KeyPackage of each device. Those that are not asked for again are lost to their owners. @throws ClientError `no_tokens`, WireError, NetworkError */
  async claim(group: Pick<GroupRow, "groupId" | "policy">, accounts: readonly AccountId[]): Promise<Claimed> {
    const spares = new Map<string, readonly ClaimedDevice[]>()
    for (const accountId of accounts) {
      const isOwn = equal(accountId, this.#parts.own.accountId)
      if (isOwn && group.policy.kind === "self") return await this.#ownForSelfGroup(group)
      const left = isOwn ? await this.#ownLeft(group) : await this.#spares(accountId)
      if (left) spares.set(toHex(accountId), left)
    }
    const asked = accounts.filter((accountId) => !spares.has(toHex(accountId)))
    const answers = await this.#ask(asked)
    return {
      claims: [...[...spares.values()].flat(), ...answers.flatMap(({ claims }) => claims)],
      refused: answers.flatMap(({ refused }) => refused),
    }
  }

  /** The own devices that have no leaf in the group. */
  async #ownMissing({ groupId }: Pick<GroupRow, "groupId">): Promise<readonly DeviceId[]> {
    const { transactions, trust, own } = this.#parts
    const reader = readerOf(transactions.database)
    const listed = (await trust.latest(own.accountId))?.state.devices ?? []
    const missing: DeviceId[] = []
    for (const { deviceId } of listed)
      if (!equal(deviceId, own.deviceId) && !(await isDeviceIn(reader, groupId, deviceId))) missing.push(deviceId)
    return missing
  }

  /** What they left for this device. One that has left none is added later: the account service never hears how many groups there are. */
  async #ownLeft(group: Pick<GroupRow, "groupId">): Promise<readonly ClaimedDevice[]> {
    const { transactions, clock, own } = this.#parts
    const missing = await this.#ownMissing(group)
    const afterMs = clock.nowMs() - spareForMs
    return await transactions.run(async (tx) => {
      const viaGroup = await findSelfGroup(tx)
      const claims: ClaimedDevice[] = []
      for (const deviceId of viaGroup ? missing : []) {
        const keyPackage = await findOwnKeyPackage(tx, deviceId, { afterMs })
        if (!viaGroup || !keyPackage) continue
        deleteOwnKeyPackage(tx, deviceId, keyPackage)
        claims.push({ accountId: own.accountId, deviceId, keyPackage, viaGroup })
      }
      return claims
    })
  }

  /** The group of the own devices is the one way in that needs the account service, which has just learned of the device anyway. */
  async #ownForSelfGroup(group: Pick<GroupRow, "groupId">): Promise<Claimed> {
    const deviceIds = await this.#ownMissing(group)
    if (deviceIds.length === 0) return { claims: [], refused: [] }
    return await this.#request([{ accountId: this.#parts.own.accountId, deviceIds }], { isApart: true })
  }

  /** Undefined unless every device that the account lists has left one. Each is used once. */
  async #spares(accountId: AccountId): Promise<readonly ClaimedDevice[] | undefined> {
    const { transactions, clock, trust } = this.#parts
    const listed = (await trust.latest(accountId))?.state.devices ?? []
    const afterMs = clock.nowMs() - spareForMs
    const left = await listSpares(readerOf(transactions.database), accountId, { afterMs })
    const found = listed.map(({ deviceId }) => left.find((spare) => toHex(spare.deviceId) === toHex(deviceId)))
    if (found.length === 0 || !found.every((spare) => spare !== undefined)) return undefined
    await transactions.run(async (tx) => found.forEach((spare) => deleteSpare(tx, spare)))
    return found.map(asClaim)
  }

  async #ask(accounts: readonly AccountId[]): Promise<readonly Claimed[]> {
    const isApart = accounts.length <= apartMax
    const size = isApart ? 1 : limits.accountsPerClaim
    const requests = Array.from({ length: Math.ceil(accounts.length / size) }, (_, nth) => accounts.slice(nth * size, (nth + 1) * size))
    const answers: Claimed[] = []
    for (let at = 0; at < requests.length; at += sideBySide) {
      const some = requests.slice(at, at + sideBySide).map((one) => one.map((accountId) => ({ accountId })))
      answers.push(...(await Promise.all(some.map((one) => this.#request(one, { isApart })))))
    }
    return answers
  }

  async #request(accounts: readonly ClaimedAccount[], { isApart }: { readonly isApart: boolean }): Promise<Claimed> {
    const { session, tokens } = this.#parts
    for (let left = tokensTried; ; left--) {
      const request = { token: await tokens.take("claim"), accounts }
      try {
        const { claims, refused } = await (isApart ? session.alone(claimDevices, request) : session.call(claimDevices, request))
        const wanted = new Set(accounts.map(({ accountId }) => toHex(accountId)))
        return { claims: claims.filter(({ accountId }) => wanted.has(toHex(accountId))), refused }
      } catch (error) {
        const isOfToken = error instanceof WireError && (error.code === "token_spent" || error.code === "token_invalid")
        if (!isOfToken || left <= 1) throw error
      }
    }
  }
}

function asClaim({ accountId, deviceId, keyPackage, groupId }: Spare): ClaimedDevice {
  return { accountId, deviceId, keyPackage, viaGroup: groupId }
}
