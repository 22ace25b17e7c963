// Other members who cannot go on and ask to be let in again. What they sealed is opened with the key of the epoch that they name, checked, and kept
// until a commit has done what they ask. The first leaf of the group answers at once, the others a little later if nobody has.

import { CodecError, equal, fromHex, toHex } from "@nodoor/bytes"
import { type CryptoProvider, type Random, type VerifiedKeyPackage } from "@nodoor/mls"
import { limits } from "@nodoor/wire"
import type { RejoinRequest } from "@nodoor/wire/delivery"
import { decodeIdentity } from "../core/credential.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { letsOthersIn } from "../group/rejoin/healing.ts"
import { isWordEnough, rejoinKeptMs } from "../group/rejoin/rejoin-key.ts"
import { decodeRejoin, openRejoin, signedKeyPackage } from "../group/rejoin/rejoin-request.ts"
import { findGroup } from "../store/group/groups.ts"
import { findHealing } from "../store/rejoin/healing.ts"
import { findMember, lowestLeaf } from "../store/group/members.ts"
import { enqueueReadmission } from "../store/group/outbox-item.ts"
import {
  countRequests,
  deleteRequest,
  deleteRequestsBefore,
  hasRequest,
  listGroupsWithRequests,
  listRequests,
  replaceRequest,
} from "../store/rejoin/rejoin-requests.ts"
import { findRejoinKey } from "../store/rejoin/rejoin-keys.ts"
import { findOwnSeat, findSeatLeaf } from "../store/group/seats.ts"
import { readerOf } from "../store/reader.ts"

const kind = "rejoin-answer"
/** Who is not the first waits between these. */
const othersMs = { least: 1_000, most: 3_000 } as const
/** A commit that lost, a member who answered and went away, or a device that the log does not list yet. */
const again = { firstMs: 15_000, lastMs: 3_600_000 } as const

export interface RejoinRequestParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId" | "origin">
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly states: Pick<GroupStates, "environment">
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  kick(groupId: Uint8Array): void
}

export class RejoinRequests implements Part {
  readonly #parts: RejoinRequestParts

  constructor(parts: RejoinRequestParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff: again, run: (key) => this.#answer(fromHex(key)) })
  }

  online(): void {
    const { transactions, jobs } = this.#parts
    listGroupsWithRequests(readerOf(transactions.database)).then(
      (groups) => {
        for (const groupId of groups) jobs.schedule({ kind, key: toHex(groupId), inMs: this.#laterMs(), keepSooner: true })
      },
      () => undefined,
    )
  }

  offline(): void {}
  close(): void {}

  /** What is forged, or for another seat, epoch or group, does not open or is not signed, and is dropped. */
  async take(
    tx: Transaction,
    groupId: Uint8Array,
    { seat, epoch, sealed }: Pick<RejoinRequest, "seat" | "epoch" | "sealed">,
  ): Promise<void> {
    const group = await findGroup(tx, groupId)
    const healing = await findHealing(tx, groupId)
    if (group?.status !== "active" || (healing && !letsOthersIn(healing))) return
    const own = await findOwnSeat(tx, groupId)
    const key = await findRejoinKey(tx, groupId, epoch)
    if (!own || !key || equal(own.seat, seat)) return
    const env = this.#parts.states.environment()
    const content = openRejoin(env, { key: key.key, groupId, seat, epoch }, sealed)
    if (!content || !(await this.#isOfSeat(tx, { groupId, seat, epoch }, content))) return tx.trace("reading", "rejoin", { taken: false })
    // It would be refused. One of its own account may say anything, and what is no admin's business any member.
    if (
      !(await this.#isOwnAccount(tx, groupId, seat)) &&
      !(await isWordEnough(tx, group, { asked: key, account: this.#parts.own.accountId }))
    )
      return
    if (!(await hasRequest(tx, groupId, seat)) && (await countRequests(tx, groupId)) >= limits.rejoinsPerGroup) return
    tx.trace("reading", "rejoin", { taken: true })
    replaceRequest(tx, groupId, { seat, epoch, content, arrivedMs: this.#parts.clock.nowMs() })
    const inMs = (await this.#isFirst(tx, groupId, seat)) ? 0 : this.#laterMs()
    tx.after(() => this.#parts.jobs.schedule({ kind, key: toHex(groupId), inMs, keepSooner: true }))
  }

  async #isOwnAccount(tx: Transaction, groupId: Uint8Array, seat: Uint8Array): Promise<boolean> {
    const leafIndex = await findSeatLeaf(tx, groupId, seat)
    const leaf = leafIndex === undefined ? undefined : await findMember(tx, groupId, leafIndex)
    return leaf !== undefined && equal(leaf.accountId, this.#parts.own.accountId)
  }

  async #isOfSeat(
    tx: Transaction,
    place: { readonly groupId: Uint8Array; readonly seat: Uint8Array; readonly epoch: number },
    plain: Uint8Array,
  ): Promise<boolean> {
    try {
      const content = decodeRejoin(plain)
      const keyPackage = signedKeyPackage(this.#parts.states.environment(), place, content)
      const leafIndex = await findSeatLeaf(tx, place.groupId, place.seat)
      const leaf = leafIndex === undefined ? undefined : await findMember(tx, place.groupId, leafIndex)
      return keyPackage !== undefined && leaf !== undefined && isOf(keyPackage, { accountId: leaf.accountId, deviceId: content.deviceId })
    } catch (error) {
      if (error instanceof CodecError) return false
      throw error
    }
  }

  /** The lowest leaf but that of who asks. */
  async #isFirst(tx: Transaction, groupId: Uint8Array, seat: Uint8Array): Promise<boolean> {
    const asking = await findSeatLeaf(tx, groupId, seat)
    const lowest = await lowestLeaf(tx, groupId, asking ?? -1)
    const { accountId, deviceId } = this.#parts.own
    return lowest !== undefined && equal(lowest.accountId, accountId) && equal(lowest.deviceId, deviceId)
  }

  /** Few come early, so that in a large group one commit is there before many are made. */
  #laterMs(): number {
    const [high = 0, low = 0] = this.#parts.random(2)
    return othersMs.least + (othersMs.most - othersMs.least) * Math.sqrt((high * 256 + low) / 65_536)
  }

  async #answer(groupId: Uint8Array): Promise<JobEnd> {
    const { transactions, kick } = this.#parts
    const waits = await transactions.run(async (tx) => {
      const group = await findGroup(tx, groupId)
      deleteRequestsBefore(tx, groupId, this.#parts.clock.nowMs() - rejoinKeptMs)
      for (const { seat } of await listRequests(tx, groupId, limits.rejoinsPerGroup))
        if (group?.status !== "active" || (await findSeatLeaf(tx, groupId, seat)) === undefined) deleteRequest(tx, groupId, seat)
      const left = await countRequests(tx, groupId)
      if (left > 0) await enqueueReadmission(tx, groupId)
      return left > 0
    })
    if (!waits) return
    kick(groupId)
    return "failed"
  }
}

/** Whether the KeyPackage is of this device, as it says itself. What its account lists is looked up before it is answered. */
function isOf(
  { member }: VerifiedKeyPackage,
  { accountId, deviceId }: { readonly accountId: Uint8Array; readonly deviceId: Uint8Array },
): boolean {
  const identity = decodeIdentity(member.identity)
  return equal(identity.accountId, accountId) && equal(identity.deviceId, deviceId)
}
