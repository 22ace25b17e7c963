// Looking accounts up in the key log, by handle or id. Never inside a transaction: what a search proves is stored by one of its own.

import { equal } from "@nodoor/bytes"
import { type AccountId, KeylogError, type VerifiedSearch, accountLabel, handleLabel } from "@nodoor/keylog"
import { WireError, lookup } from "@nodoor/wire"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { pause } from "../../core/pause.ts"
import type { Clock, Timers } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../../store/reader.ts"
import { findHandle, findHandleOf } from "../../store/trust/handles.ts"
import { lookupTexts } from "../../texts/en.ts"
import type { KeyLog } from "../log/key-log.ts"
import type { AskedHandle } from "../name/handle-proof.ts"

/** Labels of one search (docs/transparency.md, SearchRequest: at most 16); one is left for the server to ask along. */
const labelsPerSearch = 15
/** Accounts whose handles the server is asked for when they are looked up together: it answers one by one, and slowly. */
const claimsAtOnce = 8
/** As many are each asked about alone, on connections of their own, so that they are not linked with one another. More take too long so. */
const askedAlone = 16
/** A new account is in the log with its next epoch. A search for it is repeated for this long, this often. */
const loggingWithinMs = 15_000
const loggingPauseMs = 400

export interface AccountLookupParts {
  readonly keyLog: Pick<KeyLog, "search" | "refuseStill">
  readonly session: Pick<Session, "alone">
  readonly reader: Reader
  readonly own: Pick<OwnDevice, "accountId" | "handle">
  readonly clock: Clock
  readonly timers: Timers
  readonly intake: { take(tx: Transaction, verified: VerifiedSearch, handles: readonly AskedHandle[]): Promise<readonly AccountId[]> }
  readonly holds: { sharpen(accountId: AccountId): Promise<void> }
}

export type Wanted = { readonly accountId: AccountId } | { readonly handle: string }

export class AccountLookup {
  readonly #parts: AccountLookupParts

  constructor(parts: AccountLookupParts) {
    this.#parts = parts
  }

  /**
   * Looks an account up and stores what the log proves. An account that was registered a moment ago is waited for.
   * @throws ClientError `not_found` when the log proves that there is no such handle; as `KeyLog.search` otherwise
   */
  async refresh(who: Wanted): Promise<AccountId> {
    const { clock, timers } = this.#parts
    const endMs = clock.nowMs() + loggingWithinMs
    for (;;) {
      const found = await this.#once(who).catch((error: unknown): "behind" | "ended" => {
        // Witnesses and auditors follow the log by a moment.
        if (clock.nowMs() < endMs && error instanceof ClientError && error.code === "log_unavailable" && isBehind(error.cause))
          return "behind"
        throw error
      })
      if (found === "ended") throw new ClientError("not_found", lookupTexts.ended)
      if (found && found !== "behind") return found
      // It is not in the log. Only the server can say that it is about to appear there; nothing else of the answer counts.
      if (!found) await this.#serverKnows(who)
      if (clock.nowMs() >= endMs) throw new ClientError("log_unavailable", lookupTexts.notLogged)
      await pause(timers, loggingPauseMs)
    }
  }

  /** Looks an account up once. False when the log proves that it does not hold it. @throws as `KeyLog.search` */
  async ask(accountId: AccountId): Promise<boolean> {
    return (await this.#once({ accountId })) !== undefined
  }

  /**
   * As `ask`, for several, side by side: each alone, or if there are many, with one search for as many as it takes, and then each alone if one
   * of them is wrong, so that the alarm names whom it is about. An account that is wrong or missing is no error. `claims`: whether the server is
   * asked for handles that are not known yet; for many that is left for later.
   * @throws as `KeyLog.search`
   */
  async askAll(
    accountIds: readonly AccountId[],
    { claims = accountIds.length <= claimsAtOnce }: { readonly claims?: boolean } = {},
  ): Promise<void> {
    const batches: { readonly accountIds: AccountId[]; readonly handles: AskedHandle[] }[] = []
    const each = accountIds.length <= askedAlone
    const found = await Promise.all(accountIds.map((accountId) => this.#handleOf(accountId, { claims })))
    for (const [at, accountId] of accountIds.entries()) {
      const handles = found[at] ?? []
      const last = batches.at(-1)
      if (!last || each || last.accountIds.length + last.handles.length + 1 + handles.length > labelsPerSearch)
        batches.push({ accountIds: [accountId], handles: [...handles] })
      else {
        last.accountIds.push(accountId)
        last.handles.push(...handles)
      }
    }
    const { keyLog, intake, holds } = this.#parts
    const ends = await Promise.allSettled(
      batches.map(({ accountIds: some, handles }) =>
        keyLog.search({
          labels: [...new Set(handles.map(({ handle }) => handle))]
            .map(handleLabel)
            .concat(some.map((accountId) => accountLabel(accountId))),
          subject: "several",
          take: (tx, verified) => intake.take(tx, verified, handles),
        }),
      ),
    )
    for (const [at, { accountIds: some }] of batches.entries()) {
      const end = ends[at]
      if (end?.status === "fulfilled") for (const accountId of some) await holds.sharpen(accountId)
      else await this.#askEach(some, end?.reason)
    }
  }

  /** After a search for several that was wrong, or that misses one of them. */
  async #askEach(accountIds: readonly AccountId[], reason: unknown): Promise<void> {
    if (!isOfOne(reason)) throw reason
    for (const accountId of accountIds)
      await this.ask(accountId).catch((refusal: unknown) => {
        if (!isOfOne(refusal)) throw refusal
      })
  }

  /** Undefined when the log proves that it does not hold the account. `ended`: it holds the handle, which no longer leads to an account. */
  async #once(who: Wanted): Promise<AccountId | "ended" | undefined> {
    const { keyLog, intake, holds } = this.#parts
    const handles = "handle" in who ? await this.#asked(who.handle) : await this.#handleOf(who.accountId)
    const subject = "accountId" in who ? who.accountId : handles[0]?.accountId
    const { ids, lookups } = await keyLog.search({
      labels: [...handles.map(({ handle }) => handleLabel(handle)), ...(subject ? [accountLabel(subject)] : [])],
      subject: subject ?? "stranger",
      take: async (tx, verified) => ({ ids: await intake.take(tx, verified, handles), lookups: verified.lookups }),
    })
    await keyLog.refuseStill()
    if (ids.length === 0 && lookups.some(({ status }) => status === "ended")) return "ended"
    const accountId = subject ? ids.find((id) => equal(id, subject)) : ids[0]
    if (accountId) await holds.sharpen(accountId)
    return accountId
  }

  /** A handle that a person asks for. */
  async #asked(handle: string): Promise<readonly AskedHandle[]> {
    return [{ handle, accountId: (await findHandle(this.#parts.reader, handle))?.accountId, claimed: false }]
  }

  /** The account's handle: the proven one, to be looked at again, else the one that the server names, for the log to prove. */
  async #handleOf(accountId: AccountId, { claims = true }: { readonly claims?: boolean } = {}): Promise<readonly AskedHandle[]> {
    const { own, session, reader } = this.#parts
    const proven = equal(accountId, own.accountId) ? own.handle : await findHandleOf(reader, accountId)
    if (proven !== undefined) return [{ handle: proven, accountId, claimed: false }]
    if (!claims) return []
    try {
      return [{ handle: (await session.alone(lookup, { accountId })).handle, accountId, claimed: true }]
    } catch (error) {
      // Then there is no handle to show, and the next lookup of the account asks again.
      if (error instanceof WireError || error instanceof NetworkError) return []
      throw error
    }
  }

  /** @throws ClientError `not_found` */
  async #serverKnows(who: Wanted): Promise<void> {
    try {
      await this.#parts.session.alone(lookup, who)
    } catch (error) {
      if (error instanceof WireError && error.code === "account_not_found")
        throw new ClientError("not_found", lookupTexts.absent, { cause: error })
      throw error
    }
  }
}

/** Wrong about one account, or the account is missing: that says nothing about the others. */
function isOfOne(error: unknown): boolean {
  if (error instanceof ClientError) return error.code === "identity_untrusted"
  return error instanceof WireError && error.code === "account_not_found"
}

/** True as far as it goes, and not vouched for yet. */
function isBehind(cause: unknown): boolean {
  return cause instanceof KeylogError && (cause.code === "witness_quorum" || cause.code === "audit_missing")
}
