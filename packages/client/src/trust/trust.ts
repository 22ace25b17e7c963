// Whom this device believes: accounts as the key log proves them, and the check of every leaf against them (docs/transparency.md,
// "What a client checks"). Versions and reset counts never go down, because a state is only ever followed by its successor.

import { bytes, equal, toHex } from "@nodoor/bytes"
import {
  type AccountId,
  KeylogError,
  type Lookup,
  type VerifiedAccountState,
  type VerifiedSearch,
  accountLabel,
  handleLabel,
} from "@nodoor/keylog"
import type { CryptoProvider, Member, Random } from "@nodoor/mls"
import { WireError, lookup } from "@nodoor/wire"
import { ClientError, NetworkError } from "../core/client-error.ts"
import { decodeIdentity } from "../core/credential.ts"
import { type IdentifiedMember, type Judgement, type LeavesToJudge, type Lookups, judgeLeaves } from "./device/leaf-judgement.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock, Timers } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import { findContact } from "../store/trust/contacts.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import type { AccountEnding } from "./contact/ended-account.ts"
import { ContactNotes } from "./contact/contact-changes.ts"
import { type AskedHandle, takeHandles } from "./name/handle-proof.ts"
import type { KeyLog } from "./log/key-log.ts"
import { leafKey, lists, versionWithout } from "./device/listed-devices.ts"
import { removalTimeMs } from "./device/removal-time.ts"
import { firstHold, holdLeewayMs } from "./contact/reset-hold.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { lookupTexts } from "../texts/en.ts"
import { findLatestState, findState, insertState } from "../store/trust/account-states.ts"
import { type AccountCheck, findAccountCheck, saveAccountCheck } from "../store/trust/account-checks.ts"
import { findEndedVersion, insertEnded } from "../store/trust/ended-accounts.ts"
import { findHandle, findHandleOf } from "../store/trust/handles.ts"
import { findLatestUnknownVersion } from "../store/trust/own-account.ts"
import { hasOpenAlarm } from "../store/trust/alarms.ts"

export type { DistrustCode, IdentifiedMember, Judgement, LeavesToJudge, Lookups } from "./device/leaf-judgement.ts"

/** Whether a device speaks for its account. `sinceMs`: when the log took in that it does not, by the log's clock; undefined if unproven. */
export type Standing =
  | { readonly status: "listed" }
  | { readonly status: "lookup" }
  | { readonly status: "removed"; readonly sinceMs: number | undefined }

/** A leaf is let in on what the log has shown within this time; later it is asked again. */
const freshForMs = 3_600_000
/** Labels of one search (docs/transparency.md, SearchRequest: at most 16), one of which a device may have to be asked along. */
const labelsPerSearch = 15
/** Accounts whose handles the server is asked for when they are looked at together: it tells them one by one, and slowly. */
const claimsAtOnce = 8
/** Who has just registered is in the log with its next epoch: so long, and so often, a search is repeated. */
const loggingWithinMs = 15_000
const loggingPauseMs = 400

export interface TrustParts {
  readonly transactions: Transactions
  readonly session: Session
  readonly keyLog: KeyLog
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
  readonly timers: Timers
  readonly own: OwnDevice
}

const accountLabelByte = 0x01

type Wanted = { readonly accountId: AccountId } | { readonly handle: string }

export class Trust {
  readonly #parts: TrustParts
  readonly #reader: Reader
  readonly #notes: ContactNotes
  readonly #latest = new Map<string, VerifiedAccountState>()
  readonly #checks = new Map<string, AccountCheck>()
  /** When the log took in that devices were removed, as far as it was asked: undefined where it proves nothing. */
  readonly #removedMs = new Map<string, number | undefined>()
  /** Accounts that had not ended when they were last looked at here. */
  readonly #living = new Set<string>()

  constructor(parts: TrustParts) {
    this.#parts = parts
    this.#reader = readerOf(parts.transactions.database)
    this.#notes = new ContactNotes(parts)
  }

  /** The latest verified state this device holds of an account. */
  async latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
    const known = this.#latest.get(toHex(accountId))
    if (known) return known
    const state = await findLatestState(this.#parts.crypto, this.#reader, accountId)
    if (state) this.#latest.set(toHex(accountId), state)
    return state
  }

  /** How the account ended; undefined while it lives. Then nobody can be reached there, whatever its last known state lists. */
  async ending(accountId: Uint8Array): Promise<AccountEnding | undefined> {
    const id = toHex(accountId)
    if (this.#living.has(id)) return undefined
    if ((await this.latest(accountId))?.kind === "tombstone") return "proven"
    if ((await findEndedVersion(this.#reader, accountId)) !== undefined) return "unproven"
    this.#living.add(id)
    return undefined
  }

  async hasEnded(accountId: Uint8Array): Promise<boolean> {
    return (await this.ending(accountId)) !== undefined
  }

  /** How the log last showed an account; undefined while it never did. */
  async check(accountId: Uint8Array): Promise<AccountCheck | undefined> {
    const known = this.#checks.get(toHex(accountId))
    if (known) return known
    const check = await findAccountCheck(this.#reader, accountId)
    if (check) this.#checks.set(toHex(accountId), check)
    return check
  }

  /** Whether leaves may stand in a group (`judgeLeaves`). */
  async judge(leaves: LeavesToJudge, looks: Lookups): Promise<Judgement> {
    const { crypto, own, keyLog } = this.#parts
    const judgement = await judgeLeaves({ accounts: this, reader: this.#reader, crypto, own }, leaves, looks)
    if (judgement.status !== "trusted") return judgement
    // What a log that stands still showed of newcomers says nothing of today: one is asked for until it goes on.
    const newcomer = [...(leaves.welcomed ?? []), ...(leaves.added ?? [])].find(({ accountId }) => !equal(accountId, own.accountId))
    return newcomer && (await keyLog.isClosed()) ? { status: "lookup", accounts: [newcomer.accountId] } : judgement
  }

  /** Whether the log was asked about an account lately. */
  async isRecent(accountId: Uint8Array, withinMs: number = freshForMs): Promise<boolean> {
    const check = await this.check(accountId)
    return check !== undefined && Math.abs(this.#parts.clock.nowMs() - check.checkedMs) <= withinMs
  }

  /** Whether a device still speaks for its account, by a look at the log since the record came up. */
  async standing(member: IdentifiedMember, looks: Lookups): Promise<Standing> {
    if (equal(member.deviceId, this.#parts.own.deviceId)) return { status: "listed" }
    if (!looks.asked.has(toHex(member.accountId))) return { status: "lookup" }
    if (!(await this.isStale(member))) return { status: "listed" }
    const key = leafKey(member)
    return this.#removedMs.has(key) ? { status: "removed", sinceMs: this.#removedMs.get(key) } : { status: "lookup" }
  }

  /** Whether the account as this device knows it does not list the leaf's device with its key. */
  async isStale(member: IdentifiedMember): Promise<boolean> {
    const account = await this.latest(member.accountId)
    return account === undefined || !lists(account, member) || (await this.ending(member.accountId)) === "unproven"
  }

  /** Learns when the log took in that the device was removed, or its account ended. Not inside a turn. @throws as `KeyLog.search` */
  async learnRemoval(member: IdentifiedMember): Promise<void> {
    if (!(await this.isStale(member))) return
    const version = await versionWithout(this.#parts.crypto, this.#reader, member)
    const sinceMs = version === undefined ? undefined : await removalTimeMs(this.#parts.keyLog, member.accountId, version)
    this.#removedMs.set(leafKey(member), sinceMs)
  }

  /** Whether the account has a verified state that does not list the leaf's device with its key. */
  async isRevoked(member: IdentifiedMember): Promise<boolean> {
    const account = await this.shownInLog(member.accountId)
    if (account === undefined || lists(account, member)) return await this.#isEndedUnproven(member.accountId)
    return true
  }

  /** Its devices are those of a state that is over. Of the own account: as everybody else sees it, while its owner was told. */
  async #isEndedUnproven(accountId: AccountId): Promise<boolean> {
    if (!equal(accountId, this.#parts.own.accountId)) return (await this.ending(accountId)) === "unproven"
    return await hasOpenAlarm(this.#reader, "own_account_ended")
  }

  /** As everybody else sees an account: of the own one also what its owner has not acknowledged. */
  async shownInLog(accountId: AccountId): Promise<VerifiedAccountState | undefined> {
    if (equal(accountId, this.#parts.own.accountId)) {
      const unknown = await findLatestUnknownVersion(this.#parts.crypto, this.#reader)
      if (unknown) return unknown
    }
    return await this.latest(accountId)
  }

  /**
   * Whether everybody may take the leaf out of a group at that time of the server's: its device is held after a hard reset. Verifying
   * somebody counts for nobody else here, and the hold is a little longer, so that all members come to the same verdict.
   */
  async mayGoAsHeld(member: IdentifiedMember, atMs: number): Promise<boolean> {
    const account = await this.latest(member.accountId)
    const untilMs = (await this.check(member.accountId))?.heldUntilMs
    return account?.lastReset?.hard === true && untilMs !== undefined && atMs <= untilMs + holdLeewayMs
  }

  /**
   * Until when nothing is encrypted to an account's devices; undefined when they are not held, or were verified in person. `Infinity`: until
   * the person says so, because the account that they had verified was started over without a key that vouches for it. Without
   * `verifiedCounts` as everybody has it, whomever this person verified.
   */
  async heldUntilMs(
    accountId: Uint8Array,
    { verifiedCounts = true }: { readonly verifiedCounts?: boolean } = {},
  ): Promise<number | undefined> {
    const account = await this.latest(accountId)
    if (account?.lastReset?.hard !== true) return undefined
    const checkedMs = (await this.check(accountId))?.heldUntilMs
    const untilMs = checkedMs === undefined || checkedMs <= this.#parts.clock.nowMs() ? undefined : checkedMs
    if (!verifiedCounts) return untilMs
    const contact = await findContact(this.#reader, accountId)
    const isVerified = contact?.verifiedMs !== undefined
    if (isVerified && contact.verifiedResets === account.state.resetCount) return undefined
    if (isVerified && (contact.verifiedResets ?? 0) < (await this.#resetsAt(accountId, account.lastReset.version)))
      return Number.POSITIVE_INFINITY
    return untilMs
  }

  /** How often the account had been started over at a version; more often than any if that version is not here. */
  async #resetsAt(accountId: Uint8Array, version: number): Promise<number> {
    const state = await findState(this.#parts.crypto, this.#reader, { accountId, version })
    return state?.state.resetCount ?? Number.POSITIVE_INFINITY
  }

  /**
   * Asks the log for an account, by handle or id, and stores what it proves. Not inside a turn. Who registered a moment ago is waited for.
   * @throws ClientError `not_found` when the log proves that there is no such handle; as `KeyLog.search` otherwise
   */
  async refresh(who: Wanted): Promise<AccountId> {
    const { clock, timers } = this.#parts
    const endMs = clock.nowMs() + loggingWithinMs
    for (;;) {
      const found = await this.#refreshOnce(who).catch((error: unknown): "behind" | "ended" => {
        // Witnesses and auditors follow the log by a moment.
        if (clock.nowMs() < endMs && error instanceof ClientError && error.code === "log_unavailable" && isBehind(error.cause))
          return "behind"
        throw error
      })
      if (found === "ended") throw new ClientError("not_found", lookupTexts.ended)
      if (found && found !== "behind") return found
      // Absent from the log. Only the server can say that somebody is about to appear there; believed is nothing of it.
      if (!found) await this.#serverKnows(who)
      if (clock.nowMs() >= endMs) throw new ClientError("log_unavailable", lookupTexts.notLogged)
      await new Promise<void>((resolve) => timers.after(loggingPauseMs, resolve))
    }
  }

  /** Asks the log for an account once. False when it proves that it does not hold it. @throws as `KeyLog.search` */
  async ask(accountId: AccountId): Promise<boolean> {
    return (await this.#refreshOnce({ accountId })) !== undefined
  }

  /**
   * As `ask`, for many: with one search for as many as it takes, and for each alone where one of them is wrong, so that the alarm names
   * whom it is about. An account that is wrong or missing is no error. `claims`: whether the server is asked one by one for handles that
   * are not known yet; for many that is left for later.
   * @throws as `KeyLog.search`
   */
  async askAll(
    accountIds: readonly AccountId[],
    { claims = accountIds.length <= claimsAtOnce }: { readonly claims?: boolean } = {},
  ): Promise<void> {
    let some: AccountId[] = []
    let handles: AskedHandle[] = []
    for (const [at, accountId] of accountIds.entries()) {
      some.push(accountId)
      handles.push(...(await this.#handleOf(accountId, { claims })))
      if (at < accountIds.length - 1 && some.length + handles.length + 2 <= labelsPerSearch) continue
      await this.#askSome(some, handles)
      some = []
      handles = []
    }
  }

  async #askSome(accountIds: readonly AccountId[], handles: readonly AskedHandle[]): Promise<void> {
    const names = new Set(handles.map(({ handle }) => handle))
    const labels = [...[...names].map(handleLabel), ...accountIds.map((accountId) => accountLabel(accountId))]
    try {
      await this.#parts.keyLog.search({ labels, subject: "several", take: (tx, verified) => this.#take(tx, verified, handles) })
      for (const accountId of accountIds) await this.#sharpenHold(accountId)
    } catch (error) {
      if (!isOfOne(error)) throw error
      for (const accountId of accountIds)
        await this.ask(accountId).catch((refusal: unknown) => {
          if (!isOfOne(refusal)) throw refusal
        })
    }
  }

  /** A state of the own account that its owner has made or acknowledged. */
  adoptOwn(tx: Transaction, states: readonly VerifiedAccountState[]): void {
    this.#writeStates(tx, states)
  }

  /** Undefined when the log proves that it does not hold the account. `ended`: it holds the handle, and nothing under it any more. */
  async #refreshOnce(who: Wanted): Promise<AccountId | "ended" | undefined> {
    const { keyLog } = this.#parts
    const handles = "handle" in who ? await this.#asked(who.handle) : await this.#handleOf(who.accountId)
    const subject = "accountId" in who ? who.accountId : handles[0]?.accountId
    const { ids, lookups } = await keyLog.search({
      labels: [...handles.map(({ handle }) => handleLabel(handle)), ...(subject ? [accountLabel(subject)] : [])],
      subject: subject ?? "stranger",
      take: async (tx, verified) => ({ ids: await this.#take(tx, verified, handles), lookups: verified.lookups }),
    })
    await keyLog.refuseStill()
    if (ids.length === 0 && lookups.some(({ status }) => status === "ended")) return "ended"
    const accountId = subject ? ids.find((id) => equal(id, subject)) : ids[0]
    if (accountId) await this.#sharpenHold(accountId)
    return accountId
  }

  /** A handle that a person asks for. */
  async #asked(handle: string): Promise<readonly AskedHandle[]> {
    return [{ handle, accountId: (await findHandle(this.#reader, handle))?.accountId, claimed: false }]
  }

  /** The handle of an account: the proven one, to be looked at again, else what the server says, to be put to the log. None if it cannot say. */
  async #handleOf(accountId: AccountId, { claims = true }: { readonly claims?: boolean } = {}): Promise<readonly AskedHandle[]> {
    const { own, session } = this.#parts
    const proven = equal(accountId, own.accountId) ? own.handle : await findHandleOf(this.#reader, accountId)
    if (proven !== undefined) return [{ handle: proven, accountId, claimed: false }]
    if (!claims) return []
    try {
      return [{ handle: (await session.call(lookup, { accountId })).handle, accountId, claimed: true }]
    } catch (error) {
      // Not checked: then there is no handle to show, and the next look at the account asks again.
      if (error instanceof WireError || error instanceof NetworkError) return []
      throw error
    }
  }

  /** @throws ClientError `not_found` */
  async #serverKnows(who: Wanted): Promise<void> {
    try {
      await this.#parts.session.call(lookup, who)
    } catch (error) {
      if (error instanceof WireError && error.code === "account_not_found")
        throw new ClientError("not_found", lookupTexts.absent, { cause: error })
      throw error
    }
  }

  /** Takes in what a search proved. Returns the accounts that are there. */
  async #take(tx: Transaction, verified: VerifiedSearch, handles: readonly AskedHandle[]): Promise<readonly AccountId[]> {
    const { own, clock } = this.#parts
    const { lookups, head } = verified
    const out: AccountId[] = []
    await takeHandles(tx, verified, handles)
    for (const found of lookups) {
      if (found.status === "ended" && found.label[0] === accountLabelByte) {
        const accountId = bytes<"AccountId">(found.label.slice(1))
        if (!equal(accountId, own.accountId)) await this.#takeEnded(tx, accountId, { version: found.version, size: head.size })
        out.push(accountId)
      }
      if (found.status !== "account") continue
      const { accountId } = found.account.state
      out.push(accountId)
      if (equal(accountId, own.accountId)) continue
      const before = await this.latest(accountId)
      const states = before ? statesAfter(before, found) : found.chain
      this.#writeStates(tx, states)
      const check = firstHold(found.account, await this.check(accountId), {
        nowMs: clock.nowMs(),
        size: head.size,
        epochTimeMs: head.epochTimeMs,
        resetDelayMs: this.#parts.keyLog.pin()?.resetDelayMs,
      })
      this.#writeCheck(tx, accountId, check)
      await this.#notes.note(tx, { before, latest: found.account, heldUntilMs: check.heldUntilMs })
    }
    return out
  }

  /** Shown as ended, and nothing of the way there: no key is taken over, and none of those known is believed any more. */
  async #takeEnded(tx: Transaction, accountId: AccountId, shown: { readonly version: number; readonly size: number }): Promise<void> {
    const { clock } = this.#parts
    if (!(await this.hasEnded(accountId))) await this.#notes.noteEnded(tx, accountId)
    insertEnded(tx, accountId, shown.version)
    tx.after(() => this.#living.delete(toHex(accountId)))
    const check = { checkedMs: clock.nowMs(), size: shown.size, resetVersion: undefined, heldUntilMs: undefined, heldExact: true }
    this.#writeCheck(tx, accountId, check)
  }

  #writeStates(tx: Transaction, states: readonly VerifiedAccountState[]): void {
    const latest = states.at(-1)
    if (!latest) return
    const { accountId } = latest.state
    for (const state of states) insertState(tx, state)
    tx.after(() => {
      this.#latest.set(toHex(accountId), latest)
      this.#living.delete(toHex(accountId))
    })
  }

  #writeCheck(tx: Transaction, accountId: AccountId, check: AccountCheck): void {
    saveAccountCheck(tx, accountId, check)
    tx.after(() => this.#checks.set(toHex(accountId), check))
  }

  /** The own account was seen in the log as its own list has it. */
  noteOwnLogged(tx: Transaction, size: number): void {
    const { own, clock } = this.#parts
    this.#writeCheck(tx, own.accountId, {
      checkedMs: clock.nowMs(),
      size,
      resetVersion: undefined,
      heldUntilMs: undefined,
      heldExact: true,
    })
  }

  /** A hold counts from the epoch that showed the reset; until the log has proven which, from when it was first seen here. */
  async #sharpenHold(accountId: AccountId): Promise<void> {
    const { keyLog, transactions } = this.#parts
    const check = await this.check(accountId)
    const delayMs = keyLog.pin()?.resetDelayMs
    if (check?.resetVersion === undefined || check.heldExact || delayMs === undefined) return
    let sinceMs: number
    try {
      sinceMs = await keyLog.loggedSinceMs(accountId, check.resetVersion)
    } catch {
      return // the longer hold stands
    }
    await transactions.run(async (tx) => this.#writeCheck(tx, accountId, { ...check, heldUntilMs: sinceMs + delayMs, heldExact: true }))
  }
}

/** Wrong about an account, or about none that there is; of others it says nothing. */
function isOfOne(error: unknown): boolean {
  if (error instanceof ClientError) return error.code === "identity_untrusted"
  return error instanceof WireError && error.code === "account_not_found"
}

/** True as far as it goes, and not vouched for yet. */
function isBehind(cause: unknown): boolean {
  return cause instanceof KeylogError && (cause.code === "witness_quorum" || cause.code === "audit_missing")
}

/** The states after the one that is known, which the log's chain must contain. @throws KeylogError `value_changed` */
function statesAfter(
  before: VerifiedAccountState,
  found: Extract<Lookup, { readonly status: "account" }>,
): readonly VerifiedAccountState[] {
  const { version } = before.state
  const same = [...found.chain, found.account].find((state) => state.state.version === version)
  if (same && !equal(same.stateHash, before.stateHash)) throw new KeylogError("value_changed", "another history of a known account")
  if (found.account.state.version < version) throw new KeylogError("version_lower", "an older version of a known account")
  return found.chain.filter((state) => state.state.version > version)
}

/** @throws CodecError for a credential that is not one of ours */
export function identify(member: Member): IdentifiedMember {
  return { ...member, ...decodeIdentity(member.identity) }
}
