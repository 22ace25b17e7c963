// The usual handling of failures: wait, prepare the item again, or give up. Waiting loses nothing.

import { CodecError } from "@nodoor/bytes"
import { MlsError, type Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { DeliveryRefusal } from "@nodoor/wire/delivery"
import { ClientError, type ClientErrorCode, NetworkError } from "../core/client-error.ts"
import type { Clock } from "../core/ports.ts"
import { deliveryWords, isAccountRefusal, serverWords } from "../core/server-words.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { countAttempt, deleteItem, requeue } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { sendingTexts } from "../texts/en.ts"
import type { Next } from "./outgoing-kind.ts"
import type { StaleEpochs } from "./stale-epochs.ts"

const firstRetryMs = 500
export const lastRetryMs = 60_000
/** A clock that is set right, or another draw, may bring tokens sooner than was said. */
const tokensRetryMs = 3_600_000
/** After this many refusals that should not happen, an item is given up. */
export const maxAttempts = 8

/** The item waits until the key log can be checked. */
const waitsForLog: readonly ClientErrorCode[] = ["log_unavailable", "log_untrusted"]
/** The item waits until the account may ask again. */
const waitsForTokens: readonly ClientErrorCode[] = ["no_tokens", "account_suspended", "account_erased"]

export interface FailureParts {
  readonly transactions: Transactions
  readonly random: Random
  readonly clock: Clock
}

export interface Failure {
  readonly code: string
  readonly message: string
}

/** How a kind differs when it fails. */
export interface Manner {
  /** Ends the item and reports why. */
  giveUp(tx: Transaction, failure: Failure): Promise<void> | void
  /** Another commit ended the epoch. By default the item is encrypted again when this device has entered the next epoch. */
  stale?(): Promise<Next>
}

export class Failures {
  readonly #parts: FailureParts
  readonly #staleEpochs: StaleEpochs

  constructor(parts: FailureParts, staleEpochs: StaleEpochs) {
    this.#parts = parts
    this.#staleEpochs = staleEpochs
  }

  /** @throws what no peer, server or network can cause */
  async usual(group: GroupRow, item: OutboxItem, error: unknown, manner: Manner): Promise<Next> {
    if (error instanceof NetworkError) return await this.again(item)
    if (error instanceof ClientError) {
      if (waitsForTokens.includes(error.code)) return later(Math.min(error.retryAfterMs ?? lastRetryMs, tokensRetryMs))
      if (waitsForLog.includes(error.code)) return error.retryAfterMs === undefined ? await this.again(item) : later(error.retryAfterMs)
      return await this.giveUp(manner, error)
    }
    if (error instanceof MlsError || error instanceof CodecError)
      return (await this.#unlessSpent(item)) ?? (await this.giveUp(manner, { code: error.code, message: sendingTexts.notPrepared }))
    if (error instanceof DeliveryRefusal) return await this.#refused(group, item, error, manner)
    if (!(error instanceof WireError)) throw error
    if (isAccountRefusal(error.code)) return later(lastRetryMs)
    switch (error.code) {
      case "rate_limited":
        return later(error.retryAfterMs ?? lastRetryMs)
      case "unavailable":
      case "proxy_unreadable":
      case "challenge_expired":
      case "internal":
        return error.retryAfterMs === undefined ? await this.again(item) : later(error.retryAfterMs)
      // Another token may be good.
      case "token_invalid":
      case "token_spent":
      case "unauthorized": {
        const next = await this.#unlessSpent(item)
        if (next) return next
        break
      }
      default:
        break
    }
    return await this.giveUp(manner, { code: error.code, message: serverWords(error) })
  }

  /** The delivery service refused it. */
  async #refused(group: GroupRow, item: OutboxItem, error: DeliveryRefusal, manner: Manner): Promise<Next> {
    const { code, retryAfterMs } = error
    switch (code) {
      case "epoch_stale":
        // A group that the server does not have yet is in no other epoch.
        if (item.kind === "create") return await this.again(item)
        this.noteStale(group, item)
        return manner.stale ? await manner.stale() : await this.#encryptAnew(group, item)
      case "rate_limited":
        return later(retryAfterMs ?? lastRetryMs)
      case "unavailable":
      case "internal":
      case "epoch_future":
      case "slow_reader":
      case "pass_invalid":
      case "pass_used_up":
      case "token_invalid":
      case "token_spent":
      case "unauthorized":
        return retryAfterMs === undefined ? await this.again(item) : later(retryAfterMs)
      case "invalid_mac":
      case "invalid_signature":
      case "group_not_found":
      case "seat_unknown": {
        const next = await this.#unlessSpent(item)
        if (next) return next
        break
      }
      default:
        break
    }
    return await this.giveUp(manner, { code, message: deliveryWords(code) })
  }

  async giveUp(manner: Pick<Manner, "giveUp">, { code, message }: Failure): Promise<Next> {
    await this.#parts.transactions.run(async (tx) => await manner.giveUp(tx, { code, message }))
    return { status: "more" }
  }

  /** Drops a change that cannot be made, and raises an alarm. */
  async dropChange(tx: Transaction, group: GroupRow, item: OutboxItem, { code, message }: Failure): Promise<void> {
    deleteItem(tx, item)
    await this.report(tx, group, { code, message })
  }

  /** Raises the alarm that says why a change was given up. */
  async report(tx: Transaction, group: GroupRow, { code, message }: Failure): Promise<void> {
    const { random, clock } = this.#parts
    const alarm = { level: "notice" as const, code: `change_failed_${code}`, text: message, chatId: group.chatId, atMs: clock.nowMs() }
    await raiseAlarmOnce(tx, random, alarm)
  }

  /** After a pause that grows with the attempts. */
  async again(item: OutboxItem): Promise<Next> {
    return later(this.backoff(await this.attempt(item)))
  }

  noteStale(group: GroupRow, item: OutboxItem): void {
    this.#staleEpochs.note(group, item)
  }

  /** Returns how many attempts there have been. */
  async attempt(item: OutboxItem): Promise<number> {
    await this.#parts.transactions.run(async (tx) => countAttempt(tx, item))
    return item.attempts + 1
  }

  backoff(attempts: number): number {
    const [high = 0, low = 0] = this.#parts.random(2)
    const jitter = 0.5 + (high * 256 + low) / 131_072
    return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempts, 10)) * jitter
  }

  async #unlessSpent(item: OutboxItem): Promise<Next | undefined> {
    const attempts = await this.attempt(item)
    return attempts < maxAttempts ? later(this.backoff(attempts)) : undefined
  }

  async #encryptAnew(group: GroupRow, item: OutboxItem): Promise<Next> {
    await this.#parts.transactions.run(async (tx) => requeue(tx, item))
    return { status: item.epoch !== undefined && item.epoch < group.epoch ? "more" : "idle" }
  }
}

export function later(afterMs: number): Next {
  return { status: "retry", afterMs }
}

/** What peers, the server and the network can cause. Anything else is a bug. */
export function isForeseen(error: unknown): boolean {
  return [NetworkError, ClientError, MlsError, CodecError, WireError, DeliveryRefusal].some((known) => error instanceof known)
}

/** Errors that an honest server also causes, for a short time. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NetworkError) return true
  const hasCode = error instanceof WireError || error instanceof ClientError || error instanceof DeliveryRefusal
  return hasCode && passing.includes(error.code)
}

const passing: readonly string[] = ["epoch_stale", "epoch_future", "rate_limited", "unavailable", "internal", "no_tokens", ...waitsForLog]

/** For commits: an earlier attempt may have been accepted. The commit stays as it is until the group's log shows which one was. */
export async function untilItsCopyDecides(): Promise<Next> {
  return { status: "idle" }
}
