// Asks the others of a group to let this device in again. The request is stored before it is posted, with the secrets that go with it: the same one
// is posted until it is answered, also after a crash.

import { fromHex, toHex } from "@nodoor/bytes"
import { type CryptoProvider, type Random, generateKeyPackage } from "@nodoor/mls"
import { WireError, limits } from "@nodoor/wire"
import { DeliveryRefusal, seatBytes, seatSecretBytes } from "@nodoor/wire/delivery"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Part } from "../../core/part.ts"
import type { Clock } from "../../core/ports.ts"
import { productSuite } from "../../core/suite.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import type { GroupStates } from "../../group/group-states.ts"
import { earlierS, lifetimeS } from "../../group/join/key-packages.ts"
import { sealRejoin, signReadmission } from "../../group/rejoin/rejoin-request.ts"
import { numberedRequest, rejoinRequest, storedRequest } from "../../group/seat/posting-request.ts"
import { ownSeatSecret, seatKeysOf } from "../../group/seat/seat-keys.ts"
import { applicationTypes } from "../../group/seat/seat-list.ts"
import {
  type OwnRejoin,
  deleteOwnRejoins,
  findHealing,
  insertHealing,
  insertRejoin,
  lastHealedMs,
  listHealing,
  listRejoins,
  setSeatOver,
} from "../../store/rejoin/healing.ts"
import { findGroup } from "../../store/group/groups.ts"
import { findNewestRejoinKey, saveRejoinKey } from "../../store/rejoin/rejoin-keys.ts"
import { findOwnSeat, insertOwnSeat, swapSeatSecrets } from "../../store/group/seats.ts"
import { leaveSpare } from "../../store/group/spare-key-packages.ts"
import { readerOf } from "../../store/reader.ts"
import type { Posting } from "../posting.ts"

const kind = "rejoin"
/** After this a request is made anew: its KeyPackage is to be valid for whoever answers. */
const renewAfterMs = 20 * 86_400_000
/** For so long somebody may have answered before the server forgot the seat. */
const overAfterMs = 86_400_000
/** The same request is posted again, in case the server lost it. */
const againMs: number = limits.rejoinMs

export interface RejoinAskingParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId" | "signer">
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly states: Pick<GroupStates, "environment">
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly posting: Pick<Posting, "rejoin">
  /** The device is out of the group, and nobody has said so. */
  placeLost(tx: Transaction, groupId: Uint8Array): Promise<void>
  /** This device reads at another seat as well. */
  seatsChanged(): void
}

/** What an archive knows of a place in a group. */
export interface RestoredSeat {
  readonly seat: Uint8Array
  readonly seatSecret: Uint8Array
  readonly epoch: number
  readonly rejoinKey: Uint8Array
}

export class RejoinAsking implements Part {
  readonly #parts: RejoinAskingParts

  constructor(parts: RejoinAskingParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff: { firstMs: 2_000, lastMs: 600_000 }, run: (key) => this.#ask(fromHex(key)) })
  }

  due(groupId: Uint8Array): void {
    this.#parts.jobs.schedule({ kind, key: toHex(groupId), inMs: 0 })
  }

  online(): void {
    listHealing(readerOf(this.#parts.transactions.database)).then(
      (all) => {
        for (const { groupId } of all) this.due(groupId)
      },
      () => undefined,
    )
  }

  offline(): void {}
  close(): void {}

  /** A place that this device knows from an archive: it takes over the seat. A group that it is in already stays as it is. */
  async restore(tx: Transaction, groupId: Uint8Array, { seat, seatSecret, epoch, rejoinKey }: RestoredSeat): Promise<void> {
    const group = await findGroup(tx, groupId)
    if ((group && group.status !== "left") || (await findHealing(tx, groupId))) return
    const nowMs = this.#parts.clock.nowMs()
    // An archive that was written before the device had made the seat its own holds the secret that it was to make, too.
    const [secret, other] = [seatSecret.subarray(0, seatSecretBytes), seatSecret.subarray(seatSecretBytes)]
    insertOwnSeat(tx, { groupId, seat, secret, otherSecret: other.length === seatSecretBytes ? other : undefined })
    saveRejoinKey(tx, groupId, { epoch, key: rejoinKey, madeMs: nowMs })
    insertHealing(tx, { groupId, reason: "restored", sinceMs: nowMs, fromMs: nowMs, fromOrder: undefined })
    tx.after(() => this.due(groupId))
  }

  async #ask(groupId: Uint8Array): Promise<JobEnd> {
    const { transactions, clock, posting, seatsChanged } = this.#parts
    const healedMs = await lastHealedMs(readerOf(transactions.database), groupId)
    const waitMs = (healedMs ?? -Infinity) + limits.rejoinMs - clock.nowMs()
    if (waitMs > 0 && waitMs <= limits.rejoinMs) return { againInMs: waitMs }
    const rejoin = await transactions.run((tx) => this.#request(tx, groupId))
    if (!rejoin) return
    seatsChanged()
    const item = numberedRequest(rejoin.request, 0)
    if (item.type !== "rejoin") throw new TypeError("not a request to be let in again")
    try {
      await posting.rejoin(item)
      await transactions.run(async (tx) => setSeatOver(tx, groupId, undefined))
      return { againInMs: againMs }
    } catch (error) {
      if (error instanceof DeliveryRefusal) return await this.#refused(groupId, error)
      if (error instanceof NetworkError || error instanceof WireError || error instanceof ClientError) return "failed"
      throw error
    }
  }

  /** What stands there already serves until it is old; undefined when there is nothing to ask for any more. */
  async #request(tx: Transaction, groupId: Uint8Array): Promise<OwnRejoin | undefined> {
    if (!(await findHealing(tx, groupId))) return undefined
    const nowMs = this.#parts.clock.nowMs()
    const own = await findOwnSeat(tx, groupId)
    const key = await findNewestRejoinKey(tx, groupId)
    if (!own || !key) return undefined
    const [newest] = await listRejoins(tx, groupId)
    if (newest && newest.madeMs > nowMs - renewAfterMs && newest.madeMs <= nowMs + renewAfterMs) return newest
    const { crypto, random, own: self } = this.#parts
    const env = this.#parts.states.environment()
    const made = generateKeyPackage(env, {
      suite: productSuite,
      signer: self.signer,
      lifetimeS,
      earlierS,
      lastResort: false,
      ...applicationTypes,
    })
    const { ref, secret: keySecret, message } = made
    const seat = random(seatBytes)
    const drawn = { seat, secret: ownSeatSecret(env.crypto, self.signer, { groupId, seat }) }
    const keys = seatKeysOf(env.crypto, drawn)
    const { epoch } = key
    const place = { groupId, seat: own.seat, epoch }
    const signature = signReadmission(env, self.signer, { ...place, ref, keys })
    const sealed = sealRejoin(env, { ...place, key: key.key }, { deviceId: self.deviceId, keyPackage: message, keys, signature })
    const request = storedRequest(rejoinRequest(env, own, { epoch, sealed }))
    const rejoin = { groupId, ...drawn, ref, askedSeat: own.seat, askedSecret: own.secret, request, madeMs: nowMs }
    leaveSpare(tx, groupId, { ref, secret: keySecret, hash: crypto.sha256(message), createdMs: nowMs })
    insertRejoin(tx, rejoin)
    return rejoin
  }

  /** The server does not know the seat. Either the other secret is the one, or the seat is gone: after a day nobody answers any more. */
  async #over(groupId: Uint8Array): Promise<JobEnd> {
    const { transactions, clock, seatsChanged } = this.#parts
    const end = await transactions.run(async (tx): Promise<JobEnd> => {
      const healing = await findHealing(tx, groupId)
      if (!healing) return
      const nowMs = clock.nowMs()
      const own = await findOwnSeat(tx, groupId)
      const { overMs = nowMs } = healing
      setSeatOver(tx, groupId, overMs)
      if (own?.otherSecret) {
        swapSeatSecrets(tx, groupId, own.otherSecret)
        deleteOwnRejoins(tx, groupId)
        if (!healing.seatOver) return { againInMs: 0 }
      }
      if (nowMs - overMs < overAfterMs) return { againInMs: againMs }
      await this.#parts.placeLost(tx, groupId)
    })
    seatsChanged()
    return end
  }

  async #refused(groupId: Uint8Array, { code, retryAfterMs }: DeliveryRefusal): Promise<JobEnd> {
    switch (code) {
      case "rate_limited":
        return { againInMs: Math.min(retryAfterMs ?? againMs, againMs) }
      // It was answered, or somebody took the device out: the log says which.
      case "seat_unknown":
      case "group_not_found":
      case "invalid_signature":
        return await this.#over(groupId)
      default:
        return "failed"
    }
  }
}
