// KeyPackages of the devices that are to be added to a group. A spare one that a device left in a chat of two is used without asking anybody.
// The others come from the account service, for a token each request, which does not say who asks.

import { toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { type ClaimedAccount, type RefusedClaim, WireError, claimDevices, limits } from "@nodoor/wire"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import type { ClaimedDevice } from "../group/commit/claimed-devices.ts"
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
  async claim(accounts: readonly AccountId[]): Promise<Claimed> {
    const spares = new Map<string, readonly ClaimedDevice[]>()
    for (const accountId of accounts) {
      const left = await this.#spares(accountId)
      if (left) spares.set(toHex(accountId), left)
    }
    const asked = accounts.filter((accountId) => !spares.has(toHex(accountId)))
    const answers = await this.#ask(asked)
    return {
      claims: [...[...spares.values()].flat(), ...answers.flatMap(({ claims }) => claims)],
      refused: answers.flatMap(({ refused }) => refused),
    }
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
