// Sends what waits in the outbox, first in, first out in each group; content goes many at a time. A request is stored before it is posted, so
// that the same bytes are sent again after a crash. The own copy in the group's log confirms it. Nothing is sent while the group has records that were not processed yet. The
// kinds of outgoing things, and what their failures mean, are in `outgoing-kinds.ts`.

import { fromHex, toHex } from "@nodoor/bytes"
import { MlsError } from "@nodoor/mls"
import { DeliveryRefusal } from "@nodoor/wire/delivery"
import { heldIn } from "../chat/held-chat.ts"
import type { Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import { whyOf } from "../core/trace.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type HealingParts, beginHealing, letsOthersIn } from "../group/rejoin/healing.ts"
import { Removals, type RemovalsParts } from "../group/membership/removals.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { findHealing } from "../store/rejoin/healing.ts"
import { hasWaiting } from "../store/group/waiting-records.ts"
import { listGroupsToSend, listNextItems, requeue, requeueAll } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { readerOf } from "../store/reader.ts"
import { groupStop } from "../trust/alarm/sending-stop.ts"
import { lastRetryMs, later } from "./failures.ts"
import type { Next, OutgoingKind } from "./outgoing-kind.ts"
import { type OutgoingKinds, kindOf } from "./outgoing-kinds.ts"

const retryJob = "outbox"
/** So many items of a group are looked at together, and go together if their kind lets them. */
const together = 256
const tracedKinds = ["create", "commit", "proposal", "content"] as const

export interface OutboxParts extends RemovalsParts, HealingParts {
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  fault(error: unknown): void
}

export class Outbox implements Part {
  readonly #parts: OutboxParts
  readonly #kinds: OutgoingKinds
  readonly #removals: Removals
  /** Kinds that the next item does not wait for once the server has them. */
  readonly #passing: readonly string[]
  /** Groups that are being worked on. `true`: woken again in the meantime. */
  readonly #running = new Map<string, boolean>()
  #closed = false
  #online = false

  constructor(parts: OutboxParts, kinds: OutgoingKinds) {
    this.#parts = parts
    this.#kinds = kinds
    this.#removals = new Removals(parts)
    this.#passing = Object.keys(kinds.byName).filter((name) => kinds.byName[name]?.waits.forOwnCopy === false)
    parts.jobs.register({ kind: retryJob, whileOnline: true, run: (id) => this.kick(fromHex(id)) })
  }

  /** Wakes the sender of a group. Returns at once. */
  kick(groupId: Uint8Array): void {
    const id = toHex(groupId)
    if (this.#closed || !this.#online) return
    if (this.#running.has(id)) return void this.#running.set(id, true)
    this.#parts.jobs.cancel(retryJob, id)
    this.#running.set(id, false)
    this.#run(groupId, id).catch(() => undefined)
  }

  /** The server can be reached: wakes every group that has something to send. */
  online(): void {
    this.#online = true
    listGroupsToSend(readerOf(this.#parts.transactions.database)).then(
      (groups) => {
        for (const groupId of groups) this.kick(groupId)
      },
      (error: unknown) => this.#fault(error),
    )
  }

  offline(): void {
    this.#online = false
    for (const kind of this.#allKinds()) kind.offline?.()
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
      next = later(lastRetryMs)
      if (isDamaged(error)) await this.#parts.transactions.run((tx) => this.#heal(tx, groupId))
      else this.#fault(error)
    } finally {
      this.#running.delete(id)
    }
    if (next.status === "retry" && !this.#closed && this.#online) this.#parts.jobs.schedule({ kind: retryJob, key: id, inMs: next.afterMs })
  }

  /** One step of one group: prepares the next item, or posts what is prepared. */
  async #step(groupId: Uint8Array): Promise<Next> {
    const { transactions } = this.#parts
    await transactions.stored()
    const reader = readerOf(transactions.database)
    const group = await findGroup(reader, groupId)
    if (!group || (group.status !== "active" && group.status !== "leaving")) return { status: "idle" }
    // Nothing is sealed with keys that may have been used already.
    const healing = await findHealing(reader, groupId)
    if (healing && !letsOthersIn(healing)) return { status: "idle" }
    const held = await heldIn(reader, group.chatId)
    const all = await listNextItems(reader, groupId, { held, passing: this.#passing, max: together })
    const items = healing ? all.filter((each) => kindOf(this.#kinds, each).letsOthersIn) : all
    if (healing && items.length === 0) return { status: "idle" }
    const [item] = items
    const kind = item && kindOf(this.#kinds, item)
    if (kind?.waits.forStops !== false && (await groupStop(reader, groupId))) return { status: "idle" }
    if (item) kind?.attended?.(group, item)
    if (await hasWaiting(reader, groupId)) return { status: "idle" }
    if (!item || !kind) return { status: held.length === 0 && (await this.#refill(group)) ? "more" : "idle" }
    const insists = kind.insists?.(group, item) ?? false
    if (item.status === "placed" && !insists) return { status: "idle" } // its copy in the group's log decides
    if (kind.waits.forStops && this.#kinds.staleEpochs.isStale(group)) return { status: "idle" }
    if (kind.waits.forRemovals && (await this.#isHeldBack(group))) return { status: "more" }
    const alike = kind.prepareMany ? alikeAtFirst(items) : [item]
    transactions.trace.line("outbox", item.status === "queued" ? "prepare" : "post", tracedAs(item))
    if (item.status !== "queued") return await this.#post(kind, group, alike)
    try {
      await (kind.prepareMany?.(group, alike) ?? kind.prepare(group, item))
      return { status: "more" }
    } catch (error) {
      transactions.trace.line("outbox", "failed", { ...tracedAs(item), why: whyOf(error) })
      if (isDamaged(error)) throw error
      return await kind.failed(group, item, error)
    }
  }

  /** What the server has is confirmed in one transaction. The first that failed decides how it goes on; what failed after it waits. */
  async #post(kind: OutgoingKind, group: GroupRow, items: readonly OutboxItem[]): Promise<Next> {
    const { transactions } = this.#parts
    const answers = await Promise.allSettled(items.map(({ request }) => kind.post(request ?? new Uint8Array())))
    const placed = items.filter((_, at) => answers[at]?.status === "fulfilled")
    if (placed.length > 0)
      await transactions.run(async (tx) => {
        for (const item of placed) kind.placed(tx, group, item)
      })
    const at = answers.findIndex(({ status }) => status === "rejected")
    const [failed, answer] = [items[at], answers[at]]
    if (!failed || answer?.status !== "rejected") return { status: "more" }
    const error: unknown = answer.reason
    transactions.trace.line("outbox", "failed", { ...tracedAs(failed), why: whyOf(error) })
    const next = await kind.failed(group, failed, error)
    // An epoch that is over is over for all that come after.
    if (error instanceof DeliveryRefusal && error.code === "epoch_stale")
      await transactions.run(async (tx) => {
        for (const item of items.slice(at + 1)) requeue(tx, item)
      })
    return next
  }

  /** Whether somebody must be removed first. Then the removal is the next item, and prepared content is encrypted again afterwards. */
  async #isHeldBack({ groupId }: GroupRow): Promise<boolean> {
    return await this.#parts.transactions.run(async (tx) => {
      if (!(await this.#removals.isOutstanding(tx, groupId))) return false
      requeueAll(tx, groupId, { kinds: this.#passing, placed: false })
      return true
    })
  }

  async #refill(group: GroupRow): Promise<boolean> {
    for (const kind of this.#allKinds()) if (await kind.refill?.(group)) return true
    return false
  }

  async #heal(tx: Transaction, groupId: Uint8Array): Promise<void> {
    const group = await findGroup(tx, groupId)
    if (group) await beginHealing(this.#parts, tx, group, "commit")
  }

  #allKinds(): ReadonlySet<OutgoingKind> {
    return new Set([...Object.values(this.#kinds.byName), ...Object.values(this.#kinds.commits)])
  }

  #fault(error: unknown): void {
    if (!this.#closed) this.#parts.fault(error)
  }
}

function tracedAs({ kind, attempts }: OutboxItem): { readonly kind: (typeof tracedKinds)[number] | "other"; readonly attempts: number } {
  return { kind: tracedKinds.find((name) => name === kind) ?? "other", attempts }
}

/** What this device has of the group itself cannot be read. What waits goes out when it was let in again. */
function isDamaged(error: unknown): boolean {
  return error instanceof MlsError && error.code === "broken_records"
}

/** Those at the front that are of one kind and have come equally far. */
function alikeAtFirst(items: readonly OutboxItem[]): readonly OutboxItem[] {
  const [first] = items
  const end = items.findIndex(({ kind, status }) => kind !== first?.kind || status !== first.status)
  return items.slice(0, end === -1 ? undefined : end)
}
