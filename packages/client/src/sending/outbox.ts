// Sending: per group first in, first out. What is posted is stored before it is posted, so that a crash sends the very same bytes again;
// the own copy in the mailbox is what confirms it. Nothing is sent while the group has records that are not taken in yet.

import { CodecError, toHex } from "@nodoor/bytes"
import { MlsError } from "@nodoor/mls"
import { WireError, commit as commitRoute, createGroup, decodeMessage, limits, post } from "@nodoor/wire"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { ClientError, type ClientErrorCode, NetworkError } from "../core/client-error.ts"
import { composeProfile, composeReceipts } from "../content/compose.ts"
import { decodeIntent } from "../store/group/intent.ts"
import { heldIn } from "../chat/held-chat.ts"
import type { Kernel } from "../core/kernel.ts"
import { doubledMs } from "../core/backoff.ts"
import { failOutbox } from "../store/group/outbox-failure.ts"
import { type OutboxItem, itemFromRow } from "../store/group/outbox-item.ts"
import { Preparation, isFamiliar } from "./preparation.ts"
import { hasOthers } from "../store/group/members.ts"
import { Removals, endRemovalAlarm, raiseRemovalAlarm, removalOf } from "../group/membership/removals.ts"
import { isRenewal, renewalPatienceMs } from "./renewal.ts"
import { isAccountRefusal, serverWords } from "../core/server-words.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { groupStop } from "../trust/alarm/sending-stop.ts"

/** What is to be done next after one step: more at once, nothing until woken, or again after a while. */
type Next = { readonly status: "more" } | { readonly status: "idle" } | { readonly status: "retry"; readonly afterMs: number }

const firstRetryMs = 500
const lastRetryMs = 60_000
/** A refusal that should not happen is tried this often before a message counts as failed. */
const maxAttempts = 8

/** A removal that is not in after this time is told of in red, and asked for again; then again later and later. */
const removalPatience = { firstMs: 20_000, lastMs: 600_000 } as const

/** The key log is to be asked first: nothing is given up, and nothing sent. */
const waits: readonly ClientErrorCode[] = ["log_unavailable", "log_untrusted"]

export class Outbox {
  readonly #kernel: Kernel
  readonly #preparation: Preparation
  /** Groups with a sender at work; `true` when it was woken meanwhile. */
  readonly #running = new Map<string, boolean>()
  readonly #retries = new Map<string, () => void>()
  /** Epochs the server called stale: nothing is posted until the commit that ended them has been taken in. */
  readonly #staleEpochs = new Map<string, number>()
  readonly #removals: Removals
  /** Groups with somebody who is to go, and how to stop waiting for it. */
  readonly #watched = new Map<string, () => void>()
  /** Groups whose new keys are on their way back, and how to stop waiting for them. */
  readonly #renewing = new Map<string, () => void>()
  /** Removals that are asked for again, whatever the server said: the item, by group. */
  readonly #overdue = new Map<string, number>()
  #closed = false
  #online = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#preparation = new Preparation(kernel)
    this.#removals = new Removals(kernel)
  }

  /** Wakes the sender of a group. Returns at once. */
  kick(groupId: Uint8Array): void {
    const id = toHex(groupId)
    if (this.#closed || !this.#online) return
    if (this.#running.has(id)) return void this.#running.set(id, true)
    this.#retries.get(id)?.()
    this.#retries.delete(id)
    this.#running.set(id, false)
    this.#run(groupId, id).catch(() => undefined)
  }

  /** The server can be reached: wakes every group that has something to send. */
  async online(): Promise<void> {
    this.#online = true
    const rows = await this.#kernel.transactions.database.read(
      "SELECT DISTINCT group_id FROM outbox UNION SELECT group_id FROM receipt_due UNION SELECT group_id FROM mls_group WHERE profile_due = 2 OR proposals > 0",
    )
    for (const row of rows) this.kick(row["group_id"] as Uint8Array)
  }

  offline(): void {
    this.#online = false
    for (const cancel of [...this.#retries.values(), ...this.#watched.values(), ...this.#renewing.values()]) cancel()
    this.#retries.clear()
    this.#renewing.clear()
    this.#watched.clear()
  }

  close(): void {
    this.#closed = true
    this.offline()
  }

  async #run(groupId: Uint8Array, id: string): Promise<void> {
    let next: Next = { status: "more" }
    try {
      while (!this.#closed && this.#online && (next.status === "more" || this.#running.get(id) === true)) {
        this.#running.set(id, false)
        next = await this.#step(groupId)
      }
    } catch (error) {
      next = { status: "retry", afterMs: lastRetryMs }
      if (!this.#closed) this.#kernel.fault(error)
    } finally {
      this.#running.delete(id)
    }
    if (next.status !== "retry" || this.#closed || !this.#online) return
    this.#retries.set(
      id,
      this.#kernel.timers.after(next.afterMs, () => {
        this.#retries.delete(id)
        this.kick(groupId)
      }),
    )
  }

  /** One step of one group: prepares the next item, or posts what is prepared. */
  async #step(groupId: Uint8Array): Promise<Next> {
    const { database } = this.#kernel.transactions
    await this.#kernel.transactions.idle()
    const reader = { read: (sql: string, ...values: readonly never[]) => database.read(sql, values) }
    const group = await findGroup(reader, groupId)
    if (!group || group.status === "left" || group.status === "halted") return { status: "idle" }
    const held = await heldIn(reader, group.chatId)
    const [row] = await database.read(
      `SELECT * FROM outbox WHERE group_id = ? AND status != 'failed' AND NOT (kind = 'content' AND status = 'placed')
         AND kind NOT IN (SELECT value FROM json_each(?)) ORDER BY kind = 'create' DESC, rank, id LIMIT 1`,
      [groupId, JSON.stringify(held)],
    )
    const item = row && itemFromRow(row)
    const removal = item && removalOf(item)
    // Nothing that stops content keeps a removal back.
    if (!removal && (await groupStop(reader, groupId))) return { status: "idle" }
    if (item && removal) this.#watchRemoval(group, item)
    const [blocked] = await database.read("SELECT 1 AS one FROM inbox WHERE group_id = ? LIMIT 1", [groupId])
    if (blocked) return { status: "idle" }
    if (!item) return held.length > 0 ? { status: "idle" } : await this.#refill(group)
    const overdue = this.#overdue.get(toHex(groupId)) === item.id
    if (item.status === "placed" && isRenewal(item)) this.#watchRenewal(group, item)
    if (item.status === "placed" && !overdue) return { status: "idle" } // our commit or proposal: its copy in the mailbox decides
    // A server that calls every epoch stale keeps no removal from being asked for again.
    if (this.#staleEpochs.get(toHex(groupId)) === group.epoch && item.kind !== "create" && !removal) return { status: "idle" }
    if (isSaid(item) && (await this.#isHeldBack(group))) return { status: "more" }
    this.#overdue.delete(toHex(groupId))
    try {
      if (item.status === "queued") {
        await this.#preparation.prepare(group, item)
        return { status: "more" }
      }
      return await this.#post(group, item)
    } catch (error) {
      return await this.#failed(group, item, error)
    }
  }

  /** Whether somebody is to go before anything is said: then their removal is the next item, and what was ready is encrypted anew. */
  async #isHeldBack(group: GroupRow): Promise<boolean> {
    return await this.#kernel.transactions.run(async (tx) => {
      if (!(await this.#removals.isOutstanding(tx, group.groupId))) return false
      tx.write(
        "UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE group_id = ? AND kind = 'content' AND status = 'prepared'",
        group.groupId,
      )
      return true
    })
  }

  /** A removal that is not in after a while is told of, and asked for again even if the server said yes, or that it came too late. */
  #watchRemoval(group: GroupRow, item: OutboxItem): void {
    const id = toHex(group.groupId)
    if (this.#watched.has(id)) return
    const cancel = this.#kernel.timers.after(doubledMs(item.attempts, removalPatience), () => {
      this.#watched.delete(id)
      this.#overdue.set(id, item.id)
      this.#tellRemoval(group, item).then(
        () => this.kick(group.groupId),
        (error: unknown) => this.#kernel.fault(error),
      )
    })
    this.#watched.set(id, cancel)
  }

  /** New keys that were taken and do not come back keep nothing waiting: content goes on in the old epoch, which the server still takes. */
  #watchRenewal(group: GroupRow, item: OutboxItem): void {
    const id = toHex(group.groupId)
    if (this.#renewing.has(id)) return
    const cancel = this.#kernel.timers.after(renewalPatienceMs, () => {
      this.#renewing.delete(id)
      this.#kernel.transactions
        .run(async (tx) => {
          if ((await tx.read("SELECT 1 AS one FROM outbox WHERE id = ?", item.id)).length === 0) return
          await this.#kernel.renewals.failed(tx, group, item.id)
        })
        .then(
          () => this.kick(group.groupId),
          (error: unknown) => this.#kernel.fault(error),
        )
    })
    this.#renewing.set(id, cancel)
  }

  /** Says in red that somebody is still in the chat, unless they are not any more. */
  async #tellRemoval(group: GroupRow, item: OutboxItem): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      const removal = removalOf(item)
      const [row] = await tx.read("SELECT 1 AS one FROM outbox WHERE id = ?", item.id)
      if (!row || !removal) return
      await raiseRemovalAlarm(this.#kernel, tx, { chatId: group.chatId, removal })
    })
  }

  /**
   * Whatever the answer, or if there is none: it is tried again, later and later, and nothing else goes out before. Only what cannot be built
   * lapses: proposals of others that no commit can carry.
   */
  async #removalFailed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    const attempts = await this.#attempt(item)
    const unbuildable = error instanceof MlsError || error instanceof CodecError || error instanceof ClientError
    if (unbuildable && attempts >= maxAttempts && removalOf(item)?.type === "proposals") {
      await this.#giveUp(group, item, "not_allowed", "Somebody's wish to leave could not be carried out. They have to ask again.")
      return { status: "more" }
    }
    if (!isPassing(error)) await this.#tellRemoval(group, item)
    if (error instanceof WireError && error.code === "epoch_stale") await this.#stale(group, item)
    const retryAfterMs = error instanceof WireError || error instanceof ClientError ? (error.retryAfterMs ?? 0) : 0
    const pauseMs = attempts > maxAttempts ? doubledMs(attempts - maxAttempts, { firstMs: lastRetryMs, lastMs: removalPatience.lastMs }) : 0
    return { status: "retry", afterMs: Math.max(pauseMs, this.#backoff(attempts), Math.min(retryAfterMs, lastRetryMs)) }
  }

  /** Nothing is queued: receipts and profile that are due become content. */
  async #refill(group: GroupRow): Promise<Next> {
    if (group.status !== "active") return { status: "idle" }
    const made = await this.#kernel.transactions.run(async (tx) => {
      const familiar = await isFamiliar(tx, group)
      if (!familiar) return false
      if (group.profileDue === 2 && (await hasOthers(tx, group.groupId, this.#kernel.own.accountId)))
        return await composeProfile(this.#kernel, tx, group)
      return this.#kernel.receiptsReady(group.groupId) && (await composeReceipts(this.#kernel, tx, group))
    })
    return { status: made ? "more" : "idle" }
  }

  async #post(group: GroupRow, item: OutboxItem): Promise<Next> {
    const { session, transactions } = this.#kernel
    const request = item.request ?? new Uint8Array()
    switch (item.kind) {
      case "create":
        await session.call(createGroup, decodeMessage(createGroup.request, request, createGroup.maxRequestBytes))
        await transactions.run(async (tx) => tx.write("DELETE FROM outbox WHERE id = ?", item.id))
        return { status: "more" }
      case "commit":
        await session.call(commitRoute, decodeMessage(commitRoute.request, request, limits.commitBundleBytes))
        await transactions.run(async (tx) => tx.write("UPDATE outbox SET status = 'placed' WHERE id = ? AND status = 'prepared'", item.id))
        return { status: "more" }
      case "proposal":
      case "content": {
        await session.call(post, decodeMessage(post.request, request, post.maxRequestBytes))
        await transactions.run(async (tx) => {
          tx.write("UPDATE outbox SET status = 'placed' WHERE id = ? AND status = 'prepared'", item.id)
          if (!item.messageId) return
          tx.write(
            "UPDATE message SET outgoing = 'sent' WHERE chat_id = ? AND message_id = ? AND outgoing = 'queued'",
            group.chatId,
            item.messageId,
          )
          tx.messageChanged(group.chatId, item.messageId)
        })
        return { status: "more" }
      }
    }
  }

  /** What a failure means: wait, make it anew, or give up and say so. Nothing is lost by waiting. */
  async #failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    if (isRenewal(item) && isKnown(error)) {
      await this.#kernel.transactions.run((tx) => this.#kernel.renewals.failed(tx, group, item.id))
      return { status: "more" }
    }
    if (removalOf(item) && isKnown(error)) return await this.#removalFailed(group, item, error)
    if (error instanceof NetworkError) return { status: "retry", afterMs: this.#backoff(await this.#attempt(item)) }
    // In a chat of two nothing can be done meanwhile: what was written waits until the clocks agree, and says so.
    if (error instanceof ClientError && error.code === "clock_differs" && group.policy.kind === "dm") {
      await this.#tellWaits(group, error)
      return { status: "retry", afterMs: error.retryAfterMs ?? lastRetryMs }
    }
    if (error instanceof ClientError && waits.includes(error.code))
      return { status: "retry", afterMs: error.retryAfterMs ?? this.#backoff(await this.#attempt(item)) }
    if (error instanceof ClientError) {
      await this.#giveUp(group, item, error.code, error.message)
      return { status: "more" }
    }
    if (error instanceof MlsError || error instanceof CodecError) {
      const attempts = await this.#attempt(item)
      if (attempts < maxAttempts) return { status: "retry", afterMs: this.#backoff(attempts) }
      await this.#giveUp(group, item, error.code, "This could not be made ready to be sent.")
      return { status: "more" }
    }
    if (!(error instanceof WireError)) throw error
    if (isAccountRefusal(error.code)) return { status: "retry", afterMs: lastRetryMs }
    switch (error.code) {
      case "epoch_stale":
        return await this.#stale(group, item)
      case "rate_limited":
        return { status: "retry", afterMs: error.retryAfterMs ?? lastRetryMs }
      case "unavailable":
      case "proxy_unreadable":
      case "challenge_expired":
      case "internal":
      case "epoch_future":
        return { status: "retry", afterMs: error.retryAfterMs ?? this.#backoff(await this.#attempt(item)) }
      case "claim_invalid": {
        const attempts = await this.#attempt(item)
        if (attempts >= maxAttempts) break
        await this.#kernel.transactions.run(async (tx) =>
          tx.write("UPDATE outbox SET status = 'queued', request = NULL WHERE id = ?", item.id),
        )
        return { status: "retry", afterMs: this.#backoff(attempts) }
      }
      case "unauthorized":
      case "invalid_signature":
      case "group_not_found": {
        const attempts = await this.#attempt(item)
        if (attempts >= maxAttempts) break
        return { status: "retry", afterMs: this.#backoff(attempts) }
      }
      default:
        break
    }
    await this.#giveUp(group, item, error.code, serverWords(error))
    return { status: "more" }
  }

  /**
   * Another commit ended the epoch. A commit of ours stays as it is: an earlier try may have won, and the mailbox tells. A message is
   * encrypted anew once the group has moved on here too.
   */
  async #stale(group: GroupRow, item: OutboxItem): Promise<Next> {
    if (item.epoch === undefined || item.epoch >= group.epoch) this.#staleEpochs.set(toHex(group.groupId), group.epoch)
    if (item.kind === "commit") return { status: "idle" }
    await this.#kernel.transactions.run(async (tx) => {
      tx.write("UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE id = ? AND status = 'prepared'", item.id)
    })
    return { status: item.epoch !== undefined && item.epoch < group.epoch ? "more" : "idle" }
  }

  async #attempt(item: OutboxItem): Promise<number> {
    await this.#kernel.transactions.run(async (tx) => tx.write("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", item.id))
    return item.attempts + 1
  }

  #backoff(attempts: number): number {
    const [high = 0, low = 0] = this.#kernel.random(2)
    const jitter = 0.5 + (high * 256 + low) / 131_072
    return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempts, 10)) * jitter
  }

  async #tellWaits(group: GroupRow, error: ClientError): Promise<void> {
    const { transactions, random, clock } = this.#kernel
    const text = `${error.message} What you wrote here is kept, and sent as soon as it can be.`
    const alarm = { level: "warn" as const, code: "chat_waits_for_clock", text, chatId: group.chatId, atMs: clock.nowMs() }
    await transactions.run(async (tx) => void (await raiseAlarmOnce(tx, random, alarm)))
  }

  async #giveUp(group: GroupRow, item: OutboxItem, code: string, message: string): Promise<void> {
    await this.#kernel.transactions.run(async (tx) => {
      // Proposals that cannot be committed lapse with the epoch; until then nothing waits for them.
      const lapsed = item.kind === "commit" && decodeIntent(item.payload).type === "proposals"
      if (lapsed) tx.write("UPDATE mls_group SET proposals = 0 WHERE group_id = ?", group.groupId)
      if (item.kind === "create") {
        failOutbox(tx, group, { code, message })
        tx.write("UPDATE mls_group SET status = 'halted' WHERE group_id = ?", group.groupId)
        tx.write("UPDATE chat SET state = 'halted' WHERE chat_id = ?", group.chatId)
      } else if (item.messageId) tx.write("UPDATE outbox SET status = 'failed' WHERE id = ?", item.id)
      else tx.write("DELETE FROM outbox WHERE id = ?", item.id)
      if (item.messageId) {
        tx.write(
          "UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id = ? AND message_id = ?",
          JSON.stringify({ code, message }),
          group.chatId,
          item.messageId,
        )
        tx.messageChanged(group.chatId, item.messageId)
      } else if (item.kind !== "content") {
        await raiseAlarmOnce(tx, this.#kernel.random, {
          level: "notice",
          code: `change_failed_${code}`,
          text: message,
          chatId: group.chatId,
          atMs: this.#kernel.clock.nowMs(),
        })
      }
      if (lapsed) endRemovalAlarm(tx, group, this.#kernel.clock.nowMs())
    })
  }
}

/** Content, and commits that say something. Those that let people in take out who is to go; new keys, and removals, wait for nobody. */
function isSaid(item: OutboxItem): boolean {
  if (item.kind !== "commit") return item.kind === "content"
  return ["rename", "rules", "role"].includes(decodeIntent(item.payload).type)
}

function isKnown(error: unknown): boolean {
  return [NetworkError, ClientError, MlsError, CodecError, WireError].some((known) => error instanceof known)
}

/** What an honest server answers, too, and soon no more. */
const passing: readonly string[] = ["epoch_stale", "epoch_future", "rate_limited", "unavailable", "internal", ...waits]

function isPassing(error: unknown): boolean {
  return error instanceof NetworkError || ((error instanceof WireError || error instanceof ClientError) && passing.includes(error.code))
}
