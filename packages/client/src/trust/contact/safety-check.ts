// Comparing safety numbers in person, and what the safety sheet says about the key log.

import { equal } from "@nodoor/bytes"
import {
  type AccountId,
  KeylogError,
  type SafetyCode,
  type SafetyView as SeenAccount,
  type TreeHead,
  type VerifiedAccountState,
  decodeSafetyCode,
  encodeSafetyCode,
  safetyIdentity,
  safetyNumber,
  safetyView,
} from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import type { SafetySheet, Transparency } from "./safety-sheet.ts"
import { calledInWords } from "../name/called.ts"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Transactions } from "../../core/transaction.ts"
import type { KeyLog } from "../log/key-log.ts"
import { unlessStore } from "../../core/store-error.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { type Reader, readerOf } from "../../store/reader.ts"
import { type Finding, evidenceOf } from "../alarm/evidence.ts"
import { stopSending } from "../alarm/sending-stop.ts"
import { identityTexts, lookupTexts } from "../../texts/en.ts"
import { findAccountFailure, saveAccountFailure } from "../../store/trust/account-checks.ts"
import { findState } from "../../store/trust/account-states.ts"
import { isDistrusted } from "../../store/trust/distrust.ts"

export interface Comparison {
  readonly matches: boolean
  readonly log: "same" | "unproven" | "forked" | "other"
}

export interface SafetyParts {
  readonly own: OwnDevice
  readonly clock: Clock
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly transactions: Pick<Transactions, "run" | "database">
  readonly keyLog: Pick<KeyLog, "stored" | "advance" | "prove">
  readonly trust: {
    latest(accountId: AccountId): Promise<VerifiedAccountState | undefined>
    check(accountId: AccountId): Promise<{ readonly checkedMs: number } | undefined>
    refresh(who: { readonly accountId: AccountId }): Promise<AccountId>
  }
}

export class SafetyCheck {
  readonly #parts: SafetyParts
  readonly #reader: Reader
  readonly #running = new Map<string, Promise<Transparency>>()

  constructor(parts: SafetyParts) {
    this.#parts = parts
    this.#reader = readerOf(parts.transactions.database)
  }

  /** Everything of the safety sheet but the contact itself. @throws ClientError `not_found` */
  async sheet(accountId: AccountId): Promise<SafetySheet> {
    const { crypto, own, keyLog } = this.#parts
    const { mine, theirs } = await this.#both(accountId)
    const contact = await findContact(this.#reader, accountId)
    const head = keyLog.stored?.head
    const digits = safetyNumber(crypto, safetyIdentity(mine), safetyIdentity(theirs))
    return {
      digits: digits.match(/.{5}/g) ?? [],
      qr: encodeSafetyCode({
        origin: head?.origin ?? `${own.origin}/kt/1`,
        size: BigInt(head?.size ?? 0),
        root: head?.root ?? new Uint8Array(32),
        mine: safetyView(mine),
        theirs: safetyView(theirs),
      }),
      verifiedAtMs: contact?.verifiedMs,
      transparency: await this.transparency(accountId),
    }
  }

  /** The result of the last look at the account. */
  async transparency(accountId: AccountId): Promise<Transparency> {
    if (this.#running.has(String(accountId))) return { status: "running" }
    const { keyLog, trust } = this.#parts
    const failure = await findAccountFailure(this.#reader, accountId)
    const distrusted = await isDistrusted(this.#reader, accountId)
    if (failure && (distrusted || failure.status === "failed")) return { status: "failed", code: failure.code, atMs: failure.atMs }
    if (failure) return { status: "unavailable", reason: failure.code, atMs: failure.atMs }
    const check = await trust.check(accountId)
    if (!check) return { status: "not_checked", reason: lookupTexts.notShown }
    return { status: "ok", atMs: check.checkedMs, witnesses: keyLog.stored?.witnesses ?? [] }
  }

  /** Looks the account up now. Calls at the same time share one look. */
  check(accountId: AccountId): Promise<Transparency> {
    const key = String(accountId)
    let running = this.#running.get(key)
    if (!running) {
      running = this.#look(accountId).finally(() => this.#running.delete(key))
      this.#running.set(key, running)
    }
    return running.then(() => this.transparency(accountId))
  }

  async #look(accountId: AccountId): Promise<Transparency> {
    try {
      await this.#parts.trust.refresh({ accountId })
    } catch (error) {
      if (error instanceof ClientError) await this.#failed(accountId, error)
      else if (error instanceof NetworkError) await this.#failed(accountId, new ClientError("log_unavailable", lookupTexts.noAnswer))
      else if (error instanceof WireError) await this.#failed(accountId, new ClientError("log_unavailable", lookupTexts.refused))
      else throw error
    }
    return { status: "running" }
  }

  async #failed(accountId: AccountId, error: ClientError): Promise<void> {
    const { transactions, clock } = this.#parts
    const wrong = error.code === "identity_untrusted" || error.code === "log_untrusted"
    const cause = error.cause instanceof KeylogError ? error.cause.code : error.code
    await transactions.run(async (tx) =>
      saveAccountFailure(tx, accountId, {
        status: wrong ? "failed" : "unavailable",
        code: wrong ? cause : error.message,
        atMs: clock.nowMs(),
      }),
    )
  }

  /** Whether the other person's device sees both accounts and the log as this one does. @throws ClientError `invalid_input`, `not_found` */
  async compare(accountId: AccountId, scanned: string): Promise<Comparison> {
    const { own, keyLog } = this.#parts
    let code: SafetyCode
    try {
      code = decodeSafetyCode(scanned.trim())
    } catch (error) {
      throw new ClientError("invalid_input", lookupTexts.notASafetyCode, { cause: error })
    }
    const { mine, theirs } = await this.#both(accountId)
    const isBetweenUs =
      equal(code.mine.accountId, accountId) && code.mine.origin === theirs.state.origin && equal(code.theirs.accountId, own.accountId)
    if (!isBetweenUs) return { matches: false, log: "other" }
    // The device that shows the code may know a newer version. Then that version must be in the log.
    if (code.mine.version > theirs.state.version) await this.#parts.trust.refresh({ accountId }).catch(unlessStore)
    const matches = (await this.#sees(code.theirs, mine)) && (await this.#sees(code.mine, (await this.#both(accountId)).theirs))
    if (!matches) await this.#differs(accountId, code)
    const origin = keyLog.stored?.head.origin ?? `${own.origin}/kt/1`
    if (code.origin !== origin) return { matches: false, log: "other" }
    if (code.size === 0n || code.size > BigInt(Number.MAX_SAFE_INTEGER)) return { matches, log: "unproven" }
    let log: Comparison["log"]
    try {
      log = await this.#compareHeads(accountId, { size: Number(code.size), root: code.root })
    } catch (error) {
      if (!(error instanceof ClientError || error instanceof NetworkError || error instanceof WireError)) throw error
      log = "unproven"
    }
    return { matches: matches && log !== "forked", log }
  }

  /** The head of the code: the log did not sign it, so it is between the two people who compare. @throws as `KeyLog.search` */
  async #compareHeads(accountId: AccountId, head: TreeHead): Promise<"same" | "unproven" | "forked"> {
    const { keyLog } = this.#parts
    if ((keyLog.stored?.head.size ?? 0) < head.size) await keyLog.advance()
    const shown = await keyLog.prove(head)
    if (shown.status !== "forked") return shown.status === "proven" ? "same" : "unproven"
    await this.#distrust(accountId, `safety_${shown.code}`, {
      text: identityTexts.logDiffers,
      heard: { by: accountId, ...head },
    })
    return "forked"
  }

  /** The same state at the version that the code names. An older one is compared with what was known then. */
  async #sees(view: SeenAccount, latest: VerifiedAccountState): Promise<boolean> {
    if (view.version === latest.state.version) return equal(view.stateHash, latest.stateHash)
    const seen = await findState(this.#parts.crypto, this.#reader, view)
    return seen !== undefined && equal(seen.stateHash, view.stateHash)
  }

  /** One version of an account and two states: the server showed the two of them different keys. */
  async #differs(accountId: AccountId, code: SafetyCode): Promise<void> {
    const { mine, theirs } = await this.#both(accountId)
    await this.#distrust(accountId, "safety_value_changed", {
      text: (who) => identityTexts.safetyDiffers(who),
      heard: { by: accountId, size: Number(code.size), root: code.root },
      states: [mine.signed, theirs.signed],
    })
  }

  async #distrust(
    accountId: AccountId,
    code: string,
    { text, ...found }: Pick<Finding, "heard" | "states"> & { readonly text: (who: string) => string },
  ): Promise<void> {
    const { transactions, random, clock, crypto, own, keyLog } = this.#parts
    const who = await calledInWords(this.#reader, accountId, identityTexts.thisPerson)
    const atMs = clock.nowMs()
    const { config, head: stored } = keyLog.stored ?? {}
    const evidence = evidenceOf(crypto, { ...found, code, atMs, origin: own.origin, config, stored })
    await transactions.run(async (tx) => {
      const alarmId = await raiseAlarmOnce(tx, random, { level: "red", code, text: text(who), accountId, evidence, atMs })
      await stopSending(tx, { accountId, code, alarmId })
    })
  }

  async #both(accountId: AccountId): Promise<{ readonly mine: VerifiedAccountState; readonly theirs: VerifiedAccountState }> {
    const { trust, own } = this.#parts
    const [theirs, mine] = [await trust.latest(accountId), await trust.latest(own.accountId)]
    if (!theirs || !mine) throw new ClientError("not_found", lookupTexts.noContact)
    return { mine, theirs }
  }
}
