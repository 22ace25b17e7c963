// Sends the introductions of this device's commits once those are taken in: to the account service, which learns neither who sends nor to which
// group; or inside a chat of two or the group of the own devices, if that is where the KeyPackage came from. The account service has them in
// memory only. Until the device has taken its seat each is left there again, less and less often, so that a server that was started anew loses
// none. That is no error.

import { equal, toHex } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import { WireError, introduce, limits } from "@nodoor/wire"
import { doubledMs } from "../core/backoff.ts"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import {
  type DueIntroduction,
  deleteIntroduction,
  deleteIntroductionsDone,
  introductionSent,
  listDueIntroductions,
  introductionsForgotten,
  nextIntroductionMs,
} from "../store/group/introductions.ts"
import { readerOf } from "../store/reader.ts"

const kind = "introductions-send"
/**
 * Up to so many people, each is introduced by a request and a connection of its own: the account service must not learn who comes into one
 * group. More cannot be hidden by it, and go together.
 */
const apartMax = 16
const sideBySide = 8
/** Left again after this time, then after twice as long, and so on. */
const again = { firstMs: 3_600_000, lastMs: 12 * 3_600_000 }
/** A server that forgets sessions all the time is not heeded more often, and not all devices come at once. */
const forgottenMs = 600_000
const spreadMs = 8_000
/** Addresses are over after `limits.introductionMs` by the server's clock; a day for clocks that differ. */
const keptMs = limits.introductionMs + 86_400_000

export interface IntroductionSendingParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly session: Pick<Session, "call" | "alone">
  readonly transactions: Transactions
  readonly clock: Clock
  readonly random: Random
  /** Queues the introduction as content of the chat of two. */
  pass(tx: Transaction, group: GroupRow, sealed: Uint8Array): Promise<unknown>
}

export class IntroductionSending implements Part {
  readonly #parts: IntroductionSendingParts
  #forgottenAtMs: number | undefined

  constructor(parts: IntroductionSendingParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff: { firstMs: 1_000, lastMs: 600_000 }, run: () => this.#run() })
  }

  /** A commit with introductions was taken in. */
  due(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  /** The account service may have forgotten what it held. */
  async forgotten(): Promise<void> {
    const { transactions, clock, jobs, random } = this.#parts
    const nowMs = clock.nowMs()
    if (this.#forgottenAtMs !== undefined && Math.abs(nowMs - this.#forgottenAtMs) < forgottenMs) return
    this.#forgottenAtMs = nowMs
    await transactions.run(async (tx) => introductionsForgotten(tx))
    const [byte = 0] = random(1)
    jobs.schedule({ kind, inMs: (spreadMs * byte) / 256, keepSooner: true })
  }

  online(): void {
    this.due()
  }

  offline(): void {}

  close(): void {}

  async #run(): Promise<JobEnd> {
    const { transactions, clock } = this.#parts
    await transactions.run(async (tx) => deleteIntroductionsDone(tx, { givenBeforeMs: clock.nowMs() - keptMs }))
    await this.#passOn()
    const reader = readerOf(transactions.database)
    for (;;) {
      const due = await listDueIntroductions(reader, {
        kind: "address",
        nowMs: clock.nowMs(),
        max: limits.introductionsPerRequest * sideBySide,
      })
      if (due.length === 0) {
        const nextMs = await nextIntroductionMs(reader)
        return nextMs === undefined ? undefined : { againInMs: Math.min(again.lastMs, Math.max(0, nextMs - clock.nowMs())) }
      }
      const accounts = groupedBy(due, ({ accountId }) => toHex(accountId))
      const requests = accounts.length <= apartMax ? accounts : chunks(due)
      const isApart = accounts.length <= apartMax
      for (let at = 0; at < requests.length; at += sideBySide) {
        const sent = await Promise.allSettled(requests.slice(at, at + sideBySide).map((some) => this.#send(some, { isApart })))
        for (const one of sent) {
          if (one.status === "fulfilled") continue
          const error: unknown = one.reason
          if (error instanceof WireError || error instanceof NetworkError || error instanceof ClientError) return "failed"
          throw error
        }
      }
    }
  }

  /** An address that the server does not know is over: the seat stays free, and whoever may add can add again. */
  async #send(some: readonly DueIntroduction[], { isApart }: { readonly isApart: boolean }): Promise<void> {
    const { session, transactions, clock } = this.#parts
    const introductions = some.flatMap(({ address, sealed }) => (address ? [{ address, sealed }] : []))
    const { unknown } = await (isApart ? session.alone(introduce, { introductions }) : session.call(introduce, { introductions }))
    await transactions.run(async (tx) => {
      for (const { id, address, sent } of some)
        if (address && unknown.some((one) => equal(one, address))) deleteIntroduction(tx, id)
        else introductionSent(tx, id, { nextMs: clock.nowMs() + doubledMs(sent + 1, again) })
    })
  }

  /** Those that go inside a chat of two leave with the outbox. */
  async #passOn(): Promise<void> {
    const { transactions, pass } = this.#parts
    await transactions.run(async (tx) => {
      for (const { id, viaGroup, sealed } of await listDueIntroductions(tx, {
        kind: "group",
        nowMs: this.#parts.clock.nowMs(),
        max: limits.introductionsPerRequest,
      })) {
        const group = viaGroup && (await findGroup(tx, viaGroup))
        if (group?.status === "active") await pass(tx, group, sealed)
        deleteIntroduction(tx, id)
      }
    })
  }
}

function groupedBy<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const known = groups.get(nameOf(item))
    if (known) known.push(item)
    else groups.set(nameOf(item), [item])
  }
  return [...groups.values()]
}

function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const size = limits.introductionsPerRequest
  return Array.from({ length: Math.ceil(items.length / size) }, (_, nth) => items.slice(nth * size, (nth + 1) * size))
}
