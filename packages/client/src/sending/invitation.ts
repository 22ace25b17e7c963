// Adds people to a group: looks their accounts up, asks for a KeyPackage of each device, and adds the valid ones with one commit.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { Random } from "@nodoor/mls"
import { type ErrorCode, WireError } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Transaction } from "../core/transaction.ts"
import { type ClaimedDevice, heldError } from "../group/commit/claimed-devices.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { type Intent, decodeIntent } from "../store/group/intent.ts"
import { accountsOf } from "../store/group/members.ts"
import { setPlaced } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { readerOf } from "../store/reader.ts"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { sendingTexts } from "../texts/en.ts"
import { calledInWords } from "../trust/name/called.ts"
import type { Trust } from "../trust/trust.ts"
import { type ClaimParts, Claims } from "./claims.ts"
import type { CommitRequests } from "./commit-request.ts"
import { type Failures, lastRetryMs, later, untilItsCopyDecides } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

/**
 * Newcomers look up every member themselves. A removal that this device has not seen yet keeps them waiting until a member notices it, so this
 * device looks up everybody too; of many only those that it did not look up a moment ago.
 */
const askedAnewMax = 45
const freshForMs = 300_000
/** Refusals that concern one account only. */
const keptOut: readonly ErrorCode[] = ["account_not_found", "account_unavailable"]
/** Nobody's devices could be added so often, for some minutes in all. */
const attemptsMax = 8
/** Additions whose claims are kept in memory while their commits are tried. */
const rememberedMax = 8

export interface InvitationParts extends ClaimParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly random: Random
  readonly trust: ClaimParts["trust"] & Pick<Trust, "askAll" | "isRecent" | "refresh" | "heldUntilMs">
  readonly watch: { ownIsLogged(): Promise<void> }
}

export class Invitation implements OutgoingKind {
  /** The commit itself removes members that must be removed. */
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: InvitationParts
  readonly #commits: CommitRequests
  readonly #failures: Failures
  readonly #claimer: Claims
  /** By the id of the item. */
  readonly #known = new Map<number, readonly ClaimedDevice[]>()

  constructor(parts: InvitationParts, commits: CommitRequests, failures: Failures) {
    this.#parts = parts
    this.#claimer = new Claims(parts)
    this.#commits = commits
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const intent = decodeIntent(item.payload) as Extract<Intent, { readonly type: "add" }>
    // Newcomers look this device up in the key log, so it must be there first.
    await this.#parts.watch.ownIsLogged()
    const claims = await this.#claims(group, item, intent.accounts)
    await this.#commits.prepare(group, item, {
      claims,
      built: async (tx, { refused }) => {
        for (const { claim, code } of refused) await this.#noteRefusal(tx, group, claim.accountId, code)
        return true
      },
    })
  }

  async post(request: Uint8Array): Promise<void> {
    await this.#commits.post(request)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    if (error instanceof ClientError) this.#known.delete(item.id)
    // In a chat of two, messages wait until the clocks agree, and an alarm says so.
    if (error instanceof ClientError && error.code === "clock_differs" && group.policy.kind === "dm") {
      await this.#tellWaits(group, error)
      return later(error.retryAfterMs ?? lastRetryMs)
    }
    // A device that has just been made, or linked, may have left no KeyPackage yet.
    if (error instanceof ClientError && error.code === "not_found" && item.attempts < attemptsMax) return await this.#failures.again(item)
    return await this.#failures.usual(group, item, error, {
      giveUp: (tx, failure) => this.#failures.dropChange(tx, group, item, failure),
      stale: untilItsCopyDecides,
    })
  }

  /**
   * Looks everybody up before adding their devices. One that cannot be added does not keep the others out. What was claimed serves until the
   * commit is taken in: a commit that is built again asks for nothing twice.
   * @throws the refusal when nobody is left
   */
  async #claims(group: GroupRow, item: OutboxItem, accounts: readonly AccountId[]): Promise<readonly ClaimedDevice[]> {
    const refused: { readonly accountId: Uint8Array; readonly error: ClientError | WireError }[] = []
    const known = this.#known.get(item.id)
    const sinceMs = this.#parts.clock.nowMs()
    await this.#lookUp(group, known ? [] : accounts)
    if (known) return known
    const welcome: AccountId[] = []
    for (const accountId of accounts) {
      const error = await this.#refusalOf(
        group,
        accountId,
        accounts.length > askedAnewMax ? freshForMs : this.#parts.clock.nowMs() - sinceMs,
      )
      if (error) refused.push({ accountId, error })
      else welcome.push(accountId)
    }
    const answer = await this.#claimer.claim(group, welcome)
    for (const { accountId, code } of answer.refused) {
      const error = new WireError(code)
      if (!isOfThatAccount(error)) throw error
      refused.push({ accountId, error })
    }
    const [first] = refused
    const people = accounts.filter((accountId) => !equal(accountId, this.#parts.own.accountId))
    if (first && people.length <= 1) throw first.error
    if (refused.length > 0)
      await this.#parts.transactions.run(async (tx) => {
        for (const { accountId, error } of refused) await this.#noteRefusal(tx, group, accountId, error.code)
      })
    // Own devices are looked after until they are everywhere.
    if (answer.claims.length === 0 && people.length > 0) throw new ClientError("not_found", sendingTexts.nobodyAdded)
    this.#remember(item, answer.claims)
    return answer.claims
  }

  #remember(item: OutboxItem, claims: readonly ClaimedDevice[]): void {
    this.#known.set(item.id, claims)
    for (const id of this.#known.keys()) if (this.#known.size > rememberedMax) this.#known.delete(id)
  }

  /**
   * Everybody is asked for at once: those who are added, and the members, since newcomers refuse a group with a leaf that its account does not
   * list (`CommitBuilder` takes it out). @throws as `KeyLog.search`
   */
  async #lookUp(group: GroupRow, added: readonly AccountId[]): Promise<void> {
    const { trust, transactions, own } = this.#parts
    const members = await accountsOf(readerOf(transactions.database), group.groupId)
    const others = [...members.values()].filter((accountId) => !equal(accountId, own.accountId))
    const all = added.length > 1 ? [...added, ...others] : others
    const due: AccountId[] = []
    const withinMs = all.length > askedAnewMax ? freshForMs : 0
    for (const accountId of all) if (!(await trust.isRecent(accountId, withinMs))) due.push(accountId)
    await trust.askAll(due)
  }

  /** Why the account cannot be added. One that was not found with the others is asked for alone: it may be new, or wrong. */
  async #refusalOf(group: GroupRow, accountId: AccountId, withinMs: number): Promise<ClientError | WireError | undefined> {
    const { trust, clock } = this.#parts
    try {
      const wasAsked = (await trust.isRecent(accountId, withinMs)) && (await trust.latest(accountId))
      if (!wasAsked) await trust.refresh({ accountId })
    } catch (error) {
      if (!isOfThatAccount(error)) throw error
      return error
    }
    // In a group the other members have not compared safety numbers with this person.
    const verifiedCounts = group.policy.kind !== "group"
    const heldMs = (await trust.heldUntilMs(accountId, { verifiedCounts })) ?? (await trust.heldUntilMs(accountId))
    return heldMs === undefined ? undefined : heldError(heldMs, { nowMs: clock.nowMs(), verifiedCounts })
  }

  async #noteRefusal(tx: Transaction, group: GroupRow, accountId: Uint8Array, code: string): Promise<void> {
    const who = await calledInWords(tx, accountId, sendingTexts.somebody)
    const text =
      code === "clock_differs"
        ? sendingTexts.clockNotAdded(who)
        : code === "identity_untrusted"
          ? sendingTexts.deviceNotAdded(who)
          : sendingTexts.notAdded(who)
    const { random, clock } = this.#parts
    const alarm = { level: "notice" as const, code: `not_added_${code}`, text, chatId: group.chatId, accountId, atMs: clock.nowMs() }
    await raiseAlarmOnce(tx, random, alarm)
  }

  async #tellWaits(group: GroupRow, error: ClientError): Promise<void> {
    const { transactions, random, clock } = this.#parts
    const text = sendingTexts.waits(error.message)
    const alarm = { level: "warn" as const, code: "chat_waits_for_clock", text, chatId: group.chatId, atMs: clock.nowMs() }
    await transactions.run(async (tx) => void (await raiseAlarmOnce(tx, random, alarm)))
  }
}

/** Whether the refusal concerns that account only. */
function isOfThatAccount(error: unknown): error is ClientError | WireError {
  if (error instanceof ClientError) return error.code !== "log_unavailable" && error.code !== "log_untrusted"
  return error instanceof WireError && keptOut.includes(error.code)
}
