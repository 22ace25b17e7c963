// Adds people to a group: looks their accounts up, requests a KeyPackage for each device, and adds the valid ones with one commit.

import { equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { Random } from "@nodoor/mls"
import { type ErrorCode, WireError, claimKeyPackages } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
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
import type { CommitRequests } from "./commit-request.ts"
import { type Failures, lastRetryMs, later, untilItsCopyDecides } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

/**
 * Newcomers look up every member themselves. A removal that this device has not seen yet keeps them waiting until a member notices it, so this
 * device looks up everybody too; in a large group only those it did not look up a moment ago.
 */
const askedAnewMax = 45
const membersFreshForMs = 300_000
/** Refusals that concern one account only. */
const keptOut: readonly ErrorCode[] = ["blocked", "account_not_found", "account_unavailable"]

export interface InvitationParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly clock: Clock
  readonly random: Random
  readonly session: Pick<Session, "call">
  readonly transactions: Transactions
  readonly trust: Pick<Trust, "askAll" | "isRecent" | "refresh" | "heldUntilMs">
  readonly watch: { ownIsLogged(): Promise<void> }
}

export class Invitation implements OutgoingKind {
  /** The commit itself removes members that must be removed. */
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly #parts: InvitationParts
  readonly #commits: CommitRequests
  readonly #failures: Failures

  constructor(parts: InvitationParts, commits: CommitRequests, failures: Failures) {
    this.#parts = parts
    this.#commits = commits
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const intent = decodeIntent(item.payload) as Extract<Intent, { readonly type: "add" }>
    // Newcomers look this device up in the key log, so it must be there first.
    await this.#parts.watch.ownIsLogged()
    const claims = await this.#claims(group, intent.accounts)
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
    // In a chat of two, messages wait until the clocks agree, and an alarm says so.
    if (error instanceof ClientError && error.code === "clock_differs" && group.policy.kind === "dm") {
      await this.#tellWaits(group, error)
      return later(error.retryAfterMs ?? lastRetryMs)
    }
    return await this.#failures.usual(group, item, error, {
      giveUp: (tx, failure) => this.#failures.dropChange(tx, group, item, failure),
      stale: untilItsCopyDecides,
    })
  }

  /**
   * Looks up every account again before adding its devices. One that cannot be added does not keep the others out.
   * @throws the refusal when nobody is left
   */
  async #claims(group: GroupRow, accounts: readonly AccountId[]): Promise<readonly ClaimedDevice[]> {
    const out: ClaimedDevice[] = []
    await this.#lookAtMembers(group)
    for (const accountId of accounts) {
      try {
        out.push(...(await this.#claim(group, accountId)))
      } catch (error) {
        if (!isOfThatAccount(error) || accounts.length === 1) throw error
        await this.#parts.transactions.run(async (tx) => await this.#noteRefusal(tx, group, accountId, error.code))
      }
    }
    if (out.length === 0) throw new ClientError("not_found", sendingTexts.nobodyAdded)
    return out
  }

  async #claim(group: GroupRow, accountId: AccountId): Promise<readonly ClaimedDevice[]> {
    const { session, trust, clock } = this.#parts
    await trust.refresh({ accountId })
    // In a group the other members have not compared safety numbers with this person.
    const verifiedCounts = group.policy.kind !== "group"
    const heldMs = (await trust.heldUntilMs(accountId, { verifiedCounts })) ?? (await trust.heldUntilMs(accountId))
    if (heldMs !== undefined) throw heldError(heldMs, { nowMs: clock.nowMs(), verifiedCounts })
    const { claims } = await session.call(claimKeyPackages, { accountId })
    return claims.map((claim) => ({ ...claim, accountId }))
  }

  /** The commit takes out what accounts do not list (`CommitBuilder`), and newcomers look too. @throws as `KeyLog.search` */
  async #lookAtMembers(group: GroupRow): Promise<void> {
    const { trust, transactions, own } = this.#parts
    const accounts = await accountsOf(readerOf(transactions.database), group.groupId)
    const others = [...accounts.values()].filter((accountId) => !equal(accountId, own.accountId))
    const due: AccountId[] = []
    const withinMs = others.length > askedAnewMax ? membersFreshForMs : 0
    for (const accountId of others) if (!(await trust.isRecent(accountId, withinMs))) due.push(accountId)
    await trust.askAll(due)
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
