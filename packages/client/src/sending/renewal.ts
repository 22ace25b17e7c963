// Security after a compromise: this device brings new keys of its own into its groups, with the first thing it sends in one, every hundred
// messages, daily while it is used and when it comes back (docs/protocol.md, "New keys"). What fails is tried again and keeps nothing back.

import { concat, equal, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { encodeIntent } from "../store/group/intent.ts"
import { Later } from "../core/later.ts"
import { type OutboxItem, enqueue, ranks } from "../store/group/outbox-item.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock, Timers } from "../core/ports.ts"
import { type RenewalState, renewalLimits, renewalReason, renewalRetryMs, renewalTurnMs } from "./renewal-schedule.ts"
import { type GroupRow, findGroup, groupFromRow } from "../store/group/groups.ts"
import type { Reader } from "../store/reader.ts"
import { groupStop } from "../trust/alarm/sending-stop.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"

const intent = encodeIntent({ type: "renew" })
/** How often the groups are looked at at least. */
const everyMs = 3_600_000
/** A commit that was taken and does not come back keeps content waiting no longer than this. */
export const renewalPatienceMs = 5_000
/** So many failures in a row, over so long, are told. */
const toldFailures = 5
const toldAfterMs = 3 * 86_400_000

export interface RenewalKernel {
  readonly own: OwnDevice
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly transactions: Transactions
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
}

export class Renewals {
  readonly #kernel: RenewalKernel
  readonly #next: Later
  /** Groups where a try failed, or is under way: until when there is no other, and how many failed. */
  readonly #tries = new Map<string, { readonly failures: number; readonly notBeforeMs: number }>()
  /** When a commit was last seen. */
  readonly #commitsMs = new Map<string, number>()
  #online = false

  constructor(kernel: RenewalKernel) {
    this.#kernel = kernel
    this.#next = new Later(kernel.timers)
  }

  online(): void {
    this.#online = true
    this.#next.set(0, () => this.#look())
  }

  offline(): void {
    this.#online = false
    this.#next.cancel()
  }

  /** Before content is encrypted: whether a path goes first. It is tried once; then the content goes, with it or without. */
  async goesFirst(tx: Transaction, group: GroupRow, { written }: { readonly written: boolean }): Promise<boolean> {
    const state = await this.#stateOf(tx, group)
    if (state.leaves < 2 || (!written && state.leaves > renewalLimits.smallLeaves)) return false
    if (renewalReason(state, this.#kernel.clock.nowMs()) === undefined || this.#isTooSoon(group)) return false
    this.#begin(tx, group, state)
    return true
  }

  /** Whether a commit that is made anyway should carry a path. */
  async ridesAlong(tx: Transaction, group: GroupRow): Promise<boolean> {
    return renewalReason(await this.#stateOf(tx, group), this.#kernel.clock.nowMs()) !== undefined
  }

  /** Something was encrypted. */
  count(tx: Transaction, groupId: Uint8Array): void {
    tx.write("UPDATE mls_group SET path_messages = path_messages + 1 WHERE group_id = ?", groupId)
  }

  /** A commit was taken in. `own`: it brought a new path of this device. Whatever was to be renewed in the old epoch is over. */
  taken(tx: Transaction, groupId: Uint8Array, { own }: { readonly own: boolean }): void {
    const nowMs = this.#kernel.clock.nowMs()
    tx.write("DELETE FROM outbox WHERE group_id = ? AND kind = 'commit' AND payload = ?", groupId, intent)
    if (own) tx.write("UPDATE mls_group SET path_ms = ?, path_messages = 0, path_due_ms = NULL WHERE group_id = ?", nowMs, groupId)
    tx.after(() => {
      this.#commitsMs.set(toHex(groupId), nowMs)
      if (own) this.#tries.delete(toHex(groupId))
      this.#soon()
    })
  }

  /** A try came to nothing: the item goes, so that nothing waits for it, and there is another try later. */
  async failed(tx: Transaction, group: Pick<GroupRow, "groupId" | "chatId">, itemId: number): Promise<void> {
    tx.write("DELETE FROM outbox WHERE id = ?", itemId)
    const current = await findGroup(tx, group.groupId)
    if (!current) return
    const state = await this.#stateOf(tx, current)
    const nowMs = this.#kernel.clock.nowMs()
    const failures = (this.#tries.get(toHex(group.groupId))?.failures ?? 0) + 1
    const sinceMs = state.pathMs ?? state.dueMs ?? nowMs
    if (failures >= toldFailures && nowMs - sinceMs > toldAfterMs)
      await raiseAlarmOnce(tx, this.#kernel.random, {
        level: "warn",
        code: "keys_not_renewed",
        text: notRenewedText,
        chatId: group.chatId,
        atMs: nowMs,
      })
    tx.after(() => {
      this.#tries.set(toHex(group.groupId), { failures, notBeforeMs: nowMs + renewalRetryMs(state, failures) })
      this.#soon()
    })
  }

  #begin(tx: Transaction, group: GroupRow, state: RenewalState): void {
    const failures = this.#tries.get(toHex(group.groupId))?.failures ?? 0
    const notBeforeMs = this.#kernel.clock.nowMs() + renewalRetryMs(state, failures + 1)
    this.#tries.set(toHex(group.groupId), { failures, notBeforeMs })
    enqueue(tx, { groupId: group.groupId, kind: "commit", payload: intent, rank: ranks.urgent })
    tx.after(() => this.#kernel.kick(group.groupId))
  }

  #isTooSoon(group: GroupRow): boolean {
    const notBeforeMs = this.#tries.get(toHex(group.groupId))?.notBeforeMs ?? 0
    // No longer than any pause is: a clock that was set back stops nothing.
    return notBeforeMs > this.#kernel.clock.nowMs() && notBeforeMs - this.#kernel.clock.nowMs() <= 24 * everyMs
  }

  #soon(): void {
    if (this.#online) this.#next.set(1_000, () => this.#look())
  }

  #look(): void {
    if (!this.#online) return
    this.#kernel.transactions
      .run((tx) => this.#takeTurns(tx))
      .then(
        (afterMs) => {
          if (this.#online) this.#next.set(afterMs, () => this.#look())
        },
        (error: unknown) => this.#kernel.fault(error),
      )
  }

  /** Renews where it is this device's turn. Returns when to look again. */
  async #takeTurns(tx: Transaction): Promise<number> {
    const nowMs = this.#kernel.clock.nowMs()
    let afterMs = everyMs
    for (const group of await this.#groups(tx)) {
      const state = await this.#stateOf(tx, group)
      if (state.leaves < 2) continue
      const reason = renewalReason(state, nowMs)
      if (reason !== undefined && state.dueMs === undefined)
        tx.write("UPDATE mls_group SET path_due_ms = ? WHERE group_id = ?", nowMs, group.groupId)
      const id = toHex(group.groupId)
      // Whoever commits again and again keeps nobody from renewing for good.
      const patient = state.leaves > 2 && nowMs - (state.dueMs ?? nowMs) < renewalLimits.turnsMaxMs
      const quietMs = patient ? (this.#commitsMs.get(id) ?? -Infinity) + renewalLimits.quietMs * (1 + state.jitter) : -Infinity
      const tryMs = this.#isTooSoon(group) ? (this.#tries.get(id)?.notBeforeMs ?? 0) : 0
      const turnMs = Math.max(renewalTurnMs(state, nowMs), tryMs, Math.min(quietMs, nowMs + 2 * renewalLimits.quietMs))
      if (turnMs > nowMs) afterMs = Math.min(afterMs, Math.max(1_000, turnMs - nowMs))
      else if (!(await groupStop(tx, group.groupId)) && !(await this.#isQueued(tx, group))) this.#begin(tx, group, state)
    }
    return afterMs
  }

  /** Groups in which this device may be seen: no request that was not accepted, nobody who is blocked. */
  async #groups(tx: Transaction): Promise<readonly GroupRow[]> {
    const rows = await tx.read(
      `SELECT g.* FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id LEFT JOIN contact p ON p.account_id = c.peer
       WHERE g.status = 'active' AND g.epoch > 0 AND c.state = 'active' AND COALESCE(p.blocked, 0) = 0`,
    )
    return rows.map(groupFromRow)
  }

  async #isQueued(tx: Transaction, group: GroupRow): Promise<boolean> {
    return (await tx.read("SELECT 1 AS one FROM outbox WHERE group_id = ? AND kind = 'commit' LIMIT 1", group.groupId)).length > 0
  }

  async #stateOf(reader: Reader, group: GroupRow): Promise<RenewalState> {
    const { own, crypto } = this.#kernel
    const [row] = await reader.read("SELECT COUNT(*) AS n FROM member WHERE group_id = ?", group.groupId)
    const turnOf = toUtf8(`\0${group.pathMs ?? 0}`)
    const digest = crypto.sha256(concat(toUtf8("nodoor/renewal/v1\0"), own.deviceId, group.groupId, turnOf))
    const jitter = new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32
    return { pathMs: group.pathMs, messages: group.pathMessages, dueMs: group.pathDueMs, leaves: Number(row?.["n"] ?? 0), jitter }
  }
}

export function isRenewal({ kind, payload }: Pick<OutboxItem, "kind" | "payload">): boolean {
  return kind === "commit" && equal(payload, intent)
}

const notRenewedText =
  "The server has not let this device renew its keys in this chat for days. Messages go on as before. If somebody copied what is on this device, they may read on: ask whoever runs the server, or make a new chat."
