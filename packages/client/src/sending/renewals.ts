// Decides when this device renews its keys in its groups, for security after a compromise: before its first message, every hundred messages,
// daily while it is used, and when it comes back (docs/protocol.md, "New keys"). A failure is tried again and blocks nothing.

import { concat, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type GroupRow, countEncrypted, findGroup, listGroupsToRenew, setRenewalDue, setRenewed } from "../store/group/groups.ts"
import { type Intent, encodeIntent } from "../store/group/intent.ts"
import { countLeaves } from "../store/group/members.ts"
import { deleteIntent, deleteItem, listCommits } from "../store/group/outbox.ts"
import { type OutboxItem, enqueue, ranks } from "../store/group/outbox-item.ts"
import type { Reader } from "../store/reader.ts"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { sendingTexts } from "../texts/en.ts"
import { groupStop } from "../trust/alarm/sending-stop.ts"
import { type RenewalState, renewalLimits, renewalReason, renewalRetryMs, renewalTurnMs } from "./renewal-schedule.ts"

const intent: Intent = { type: "renew" }
const lookJob = "renewals"
/** All groups are checked at least this often. */
const everyMs = 3_600_000
/** This many failures in a row, over this long, raise an alarm. */
const toldFailures = 5
const toldAfterMs = 3 * 86_400_000

export interface RenewalsParts {
  readonly own: Pick<OwnDevice, "deviceId">
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  kick(groupId: Uint8Array): void
}

export class Renewals implements Part {
  readonly #parts: RenewalsParts
  /** By group: how many attempts failed, and when the next one may start. */
  readonly #tries = new Map<string, { readonly failures: number; readonly notBeforeMs: number }>()
  /** When a commit was last seen. */
  readonly #commitsMs = new Map<string, number>()

  constructor(parts: RenewalsParts) {
    this.#parts = parts
    parts.jobs.register({
      kind: lookJob,
      whileOnline: true,
      run: async () => ({ againInMs: await parts.transactions.run((tx) => this.#takeTurns(tx)) }),
    })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind: lookJob, inMs: 0 })
  }

  offline(): void {}

  close(): void {}

  /** Before content is encrypted: whether a path goes first. It is tried once. Then the content goes, with or without it. */
  async goesFirst(tx: Transaction, group: GroupRow, { written }: { readonly written: boolean }): Promise<boolean> {
    const state = await this.#stateOf(tx, group)
    if (state.leaves < 2 || (!written && state.leaves > renewalLimits.smallLeaves)) return false
    if (renewalReason(state, this.#parts.clock.nowMs()) === undefined || this.#isTooSoon(group)) return false
    this.#begin(tx, group, state)
    return true
  }

  /** Whether a commit that is made anyway should carry a path. */
  async ridesAlong(tx: Transaction, group: GroupRow): Promise<boolean> {
    return renewalReason(await this.#stateOf(tx, group), this.#parts.clock.nowMs()) !== undefined
  }

  /** How many messages may be encrypted one after the other before a path is due, at least one. */
  room({ pathMessages }: Pick<GroupRow, "pathMessages">): number {
    return Math.max(1, renewalLimits.messages - pathMessages)
  }

  /** So many messages were encrypted. */
  count(tx: Transaction, groupId: Uint8Array, messages: number): void {
    countEncrypted(tx, groupId, messages)
  }

  /** A commit was taken in. `own`: it brought a new path of this device. Whatever was to be renewed in the old epoch is over. */
  taken(tx: Transaction, groupId: Uint8Array, { own }: { readonly own: boolean }): void {
    const nowMs = this.#parts.clock.nowMs()
    deleteIntent(tx, groupId, intent)
    if (own) setRenewed(tx, groupId, nowMs)
    tx.after(() => {
      this.#commitsMs.set(toHex(groupId), nowMs)
      if (own) this.#tries.delete(toHex(groupId))
      this.#soon()
    })
  }

  /** An attempt failed. The item is deleted so that nothing waits for it, and another attempt follows later. */
  async failed(tx: Transaction, group: Pick<GroupRow, "groupId" | "chatId">, item: Pick<OutboxItem, "id">): Promise<void> {
    deleteItem(tx, item)
    const current = await findGroup(tx, group.groupId)
    if (!current) return
    const state = await this.#stateOf(tx, current)
    const nowMs = this.#parts.clock.nowMs()
    const failures = (this.#tries.get(toHex(group.groupId))?.failures ?? 0) + 1
    const sinceMs = state.pathMs ?? state.dueMs ?? nowMs
    if (failures >= toldFailures && nowMs - sinceMs > toldAfterMs)
      await raiseAlarmOnce(tx, this.#parts.random, {
        level: "warn",
        code: "keys_not_renewed",
        text: sendingTexts.notRenewed,
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
    const notBeforeMs = this.#parts.clock.nowMs() + renewalRetryMs(state, failures + 1)
    this.#tries.set(toHex(group.groupId), { failures, notBeforeMs })
    enqueue(tx, { groupId: group.groupId, kind: "commit", payload: encodeIntent(intent), rank: ranks.urgent })
    tx.after(() => this.#parts.kick(group.groupId))
  }

  #isTooSoon(group: GroupRow): boolean {
    const notBeforeMs = this.#tries.get(toHex(group.groupId))?.notBeforeMs ?? 0
    // No longer than any pause is: a clock that was set back stops nothing.
    return notBeforeMs > this.#parts.clock.nowMs() && notBeforeMs - this.#parts.clock.nowMs() <= 24 * everyMs
  }

  #soon(): void {
    this.#parts.jobs.schedule({ kind: lookJob, inMs: 1_000 })
  }

  /** Renews where it is this device's turn. Returns when to look again. */
  async #takeTurns(tx: Transaction): Promise<number> {
    const nowMs = this.#parts.clock.nowMs()
    let afterMs = everyMs
    for (const group of await listGroupsToRenew(tx)) {
      const state = await this.#stateOf(tx, group)
      if (state.leaves < 2) continue
      const reason = renewalReason(state, nowMs)
      if (reason !== undefined && state.dueMs === undefined) setRenewalDue(tx, group.groupId, nowMs)
      const id = toHex(group.groupId)
      // Frequent commits of others cannot prevent renewal for good.
      const patient = state.leaves > 2 && nowMs - (state.dueMs ?? nowMs) < renewalLimits.turnsMaxMs
      const quietMs = patient ? (this.#commitsMs.get(id) ?? -Infinity) + renewalLimits.quietMs * (1 + state.jitter) : -Infinity
      const tryMs = this.#isTooSoon(group) ? (this.#tries.get(id)?.notBeforeMs ?? 0) : 0
      const turnMs = Math.max(renewalTurnMs(state, nowMs), tryMs, Math.min(quietMs, nowMs + 2 * renewalLimits.quietMs))
      if (turnMs > nowMs) afterMs = Math.min(afterMs, Math.max(1_000, turnMs - nowMs))
      else if (!(await groupStop(tx, group.groupId)) && (await listCommits(tx, group.groupId)).length === 0) this.#begin(tx, group, state)
    }
    return afterMs
  }

  async #stateOf(reader: Reader, group: GroupRow): Promise<RenewalState> {
    const { own, crypto } = this.#parts
    const leaves = await countLeaves(reader, group.groupId)
    const turnOf = toUtf8(`\0${group.pathMs ?? 0}`)
    const digest = crypto.sha256(concat(toUtf8("nodoor/renewal/v1\0"), own.deviceId, group.groupId, turnOf))
    const jitter = new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32
    return { pathMs: group.pathMs, messages: group.pathMessages, dueMs: group.pathDueMs, leaves, jitter }
  }
}
