// Takes in an introduction: opens it, and checks who made it against the devices that the maker's account lists. What holds waits for the group's
// log. What does not is dropped before anything of the group is asked for.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import { findDevice } from "@nodoor/keylog"
import { type CryptoProvider, type Environment, MlsError, type Random } from "@nodoor/mls"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { countDropped } from "../../store/dropped.ts"
import { countPendingJoins, insertPendingJoin } from "../../store/group/introductions.ts"
import { findKeyPackage, spendKeyPackage } from "../../store/group/key-packages.ts"
import { findOwnSeat } from "../../store/group/seats.ts"
import { listStates } from "../../store/trust/account-states.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { type Reader, readerOf } from "../../store/reader.ts"
import { sharesGroup } from "../../store/group/account-groups.ts"
import { lookupTexts } from "../../texts/en.ts"
import { type BatchParts, LookupBatch } from "../../trust/device/lookup-batch.ts"
import { Undecided } from "../../trust/device/undecided.ts"
import type { Trust } from "../../trust/trust.ts"
import { type OpenedIntroduction, introducedRef, isSignedBy, openIntroduction } from "./introduction.ts"
import { invitationRefusal } from "./invitation-refusal.ts"

/** Groups that this device was added to and whose logs have not brought the commit. Each costs a subscription. */
export const pendingJoinsMax = 1_024

export interface IntroductionParts extends BatchParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly states: { environment(): Environment }
  readonly transactions: Transactions
  readonly trust: Pick<Trust, "latest" | "isRecent" | "hasEnded"> & BatchParts["trust"]
  /** There is a seat to subscribe to. */
  joinPending(groupId: Uint8Array): void
}

export class IntroductionIntake {
  readonly #parts: IntroductionParts

  constructor(parts: IntroductionParts) {
    this.#parts = parts
  }

  /**
   * When it resolves, the introduction has done its work and may be erased where it came from. Not inside a transaction.
   * @throws ClientError `log_unavailable` when the maker's account could not be looked up: it is to be tried again
   */
  async take(sealed: Uint8Array): Promise<"kept" | "dropped"> {
    const { transactions } = this.#parts
    const opened = await this.#open(sealed)
    if (!opened) return await this.#drop()
    // Nobody is asked for. Who it really was is not known yet, so the key stays.
    if (await isUnheard(readerOf(transactions.database), opened.adderAccount)) return await this.#drop()
    const refusal = await this.#judge(opened)
    if (refusal !== undefined) return await this.#drop((tx) => this.#tell(tx, opened, refusal))
    return await transactions.run(async (tx) => {
      if (await isUnheard(tx, opened.adderAccount)) {
        spendKeyPackage(tx, opened.ref)
        return "dropped"
      }
      // The same again, for instance from a copy: it must not take the place of the seat at which this device reads.
      const own = await findOwnSeat(tx, opened.groupId)
      if (own && equal(own.seat, opened.seat)) return "dropped"
      if ((await countPendingJoins(tx)) >= pendingJoinsMax) {
        countDropped(tx, "introduction")
        return "dropped"
      }
      insertPendingJoin(tx, { ...opened, arrivedMs: this.#parts.clock.nowMs() })
      tx.after(() => this.#parts.joinPending(opened.groupId))
      return "kept"
    })
  }

  /** Undefined for what is no introduction for a KeyPackage of this device. */
  async #open(sealed: Uint8Array): Promise<OpenedIntroduction | undefined> {
    try {
      const keyPackage = await findKeyPackage(readerOf(this.#parts.transactions.database), introducedRef(sealed))
      return keyPackage && openIntroduction(this.#parts.states.environment(), sealed, keyPackage.secret)
    } catch (error) {
      if (error instanceof MlsError || error instanceof CodecError) return undefined
      throw error
    }
  }

  /** Why nobody listed made it; undefined when it holds. */
  async #judge(opened: OpenedIntroduction): Promise<string | undefined> {
    const { trust, own } = this.#parts
    const { adderAccount } = opened
    // A removal counts from when the log shows it, so the log is asked unless it was a moment ago.
    if (!((await this.#isListed(opened)) && (await trust.isRecent(adderAccount)))) await this.#lookUp(opened)
    if (await this.#isListed(opened)) return undefined
    if (await this.#wasListed(opened)) return "removed_device"
    return equal(adderAccount, own.accountId) ? "unknown_own_device" : "unknown_device"
  }

  /** Asks a few times for what is missing: parts of a server may learn of an account at different moments. */
  async #lookUp(opened: OpenedIntroduction): Promise<void> {
    const { adderAccount } = opened
    const looks = new LookupBatch(this.#parts)
    const wanted = new Undecided({ accounts: [adderAccount] })
    do if (!(await looks.answer(wanted))) throw new ClientError("log_unavailable", lookupTexts.notLogged)
    while (!looks.final.has(toHex(adderAccount)) && !(await this.#isListed(opened)))
  }

  /** Whether a device made it that the account lists, as far as this device knows. */
  async #isListed(opened: OpenedIntroduction): Promise<boolean> {
    const { trust, crypto } = this.#parts
    const account = await trust.latest(opened.adderAccount)
    const device = account && findDevice(account.state, opened.adderDevice)
    return device !== undefined && isSignedBy(crypto, opened, device.signatureKey) && !(await trust.hasEnded(opened.adderAccount))
  }

  /** Whether a device made it that the account listed once. */
  async #wasListed(opened: OpenedIntroduction): Promise<boolean> {
    const { crypto, transactions } = this.#parts
    const states = await listStates(crypto, readerOf(transactions.database), opened.adderAccount)
    return states.some(({ state }) => {
      const device = findDevice(state, opened.adderDevice)
      return device !== undefined && isSignedBy(crypto, opened, device.signatureKey)
    })
  }

  async #drop(tell?: (tx: Transaction) => Promise<void>): Promise<"dropped"> {
    await this.#parts.transactions.run(async (tx) => {
      countDropped(tx, "introduction")
      await tell?.(tx)
    })
    return "dropped"
  }

  async #tell(tx: Transaction, { adderAccount }: OpenedIntroduction, code: string): Promise<void> {
    const { random, clock } = this.#parts
    await raiseAlarmOnce(tx, random, { ...invitationRefusal(code), accountId: adderAccount, atMs: clock.nowMs() })
  }
}

/** A blocked person's introductions are not even looked at, unless a group of both may have to go on in another one. Joining decides that. */
async function isUnheard(reader: Reader, accountId: Uint8Array): Promise<boolean> {
  return (await findContact(reader, accountId))?.blocked === true && !(await sharesGroup(reader, accountId))
}
