// Messages that this device missed: single ones that did not open, and what came while it could not read a group. They are asked back, from the
// other devices of the account first, then from those who wrote them. What nobody can give stays missing, and the chat says from when to when.

import { concat, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { MessageWriting, openChat } from "../archive/message-writing.ts"
import type { SaidInGroup } from "../content/content-intake.ts"
import { requestIdBytes } from "../content/resend.ts"
import type { ResendRequest, SaidOfMissed } from "../store/missed/said-of-missed.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { rejoinKeptMs } from "../group/rejoin/rejoin-key.ts"
import { hasUnfinishedImport } from "../store/archive/archive-imports.ts"
import { findChat } from "../store/chat/chats.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { countLeaves, hasOthers } from "../store/group/members.ts"
import { findSelfGroup } from "../store/group/own-groups.ts"
import { isHistoryDue } from "../store/history-transfer.ts"
import {
  type Missed,
  type MissedDue,
  askAgain,
  closeMissed,
  deleteMissed,
  deleteMissedDue,
  findMissed,
  insertMissed,
  lastReadBefore,
  listMissed,
  listMissedDue,
  listUnread,
  setAgainFrom,
  setLine,
  setStage,
} from "../store/missed/missed.ts"
import { type Range, endsOf, isIn, mergeRanges, rangesFrom } from "../store/missed/ranges.ts"
import { findHealing } from "../store/rejoin/healing.ts"
import { findContact } from "../store/trust/contacts.ts"
import { answerKey } from "./answer.ts"
import type { Answering } from "./answering.ts"
import { nameOfRequest, triesMax, withTries } from "./request-id.ts"
import { type TakingParts, endMissed, progressOf, takeAnswer } from "./taking.ts"

const kind = "missed"
const secretBytes = 32
const dayMs = 86_400_000
/** A body that does not open may be followed by others, and then by a rejoin. */
const linesAfterMs = 5_000
/** Anybody can write what does not open: a device asks for such lines of a group no more often than this. */
const linesEveryMs = 3_600_000
/** The own devices have this long before the senders are asked, and the senders before the chat says that something is missing. */
const answerMs = 10_000
/** Somebody has more than fitted into an answer. */
const moreAfterMs = 360_000
const importMs = 5_000
/** History that is on its way is waited for so long. */
const importForMs = 600_000
const askedAgain = 5
const linesMax = 4_096

export interface MissedParts extends TakingParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly clock: Clock
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly answering: Pick<Answering, "asked" | "answered">
  /** Queues a request. */
  ask(tx: Transaction, group: GroupRow, request: ResendRequest): Promise<unknown>
}

export class MissedMessages implements Part {
  readonly #parts: MissedParts
  /** Since when it waits for history that another device or an archive brings. */
  #waitsSinceMs: number | undefined

  constructor(parts: MissedParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, run: () => this.#run() })
  }

  /** Something is there that could not be read, or this device was let in again. */
  due(): void {
    this.#parts.jobs.schedule({ kind, inMs: linesAfterMs, keepSooner: true })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  offline(): void {}
  close(): void {}

  /** What a member says of missed messages. */
  async take(tx: Transaction, at: SaidInGroup, said: SaidOfMissed): Promise<void> {
    const { answering } = this.#parts
    if ("refused" in said) return tx.trace("intake", "missed", { taken: 0, refused: said.refused })
    if ("asked" in said) return tx.trace("intake", "missed", { taken: 0, refused: (await answering.asked(tx, at, said.asked)) ?? "none" })
    answering.answered(tx, at, said.answered)
    const { taken, refused } = await takeAnswer(this.#parts, tx, at, said.answered)
    tx.trace("intake", "missed", { taken, refused: refused ?? "none" })
    const missed = await findMissed(tx, nameOfRequest(said.answered.requestId))
    if (!missed || refused === "not_asked") return
    if ((await progressOf(this.#parts, tx, missed)).whole) await endMissed(tx, missed)
    else tx.after(() => this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true }))
  }

  async #run(): Promise<JobEnd> {
    const { transactions, clock } = this.#parts
    const againMs = await transactions.run(async (tx) => {
      const nowMs = clock.nowMs()
      if (await this.#historyComes(tx, nowMs)) return importMs
      const next = [await this.#note(tx, nowMs)]
      for (const missed of await listMissed(tx)) next.push(await this.#goOn(tx, missed, nowMs))
      return Math.min(...next)
    })
    return againMs === Infinity ? undefined : { againInMs: Math.max(againMs, 1_000) }
  }

  /** An archive fills most of it: nothing is asked while one comes. */
  async #historyComes(tx: Transaction, nowMs: number): Promise<boolean> {
    const comes = (await isHistoryDue(tx, this.#parts.own.deviceId)) || (await hasUnfinishedImport(tx))
    this.#waitsSinceMs = comes ? (this.#waitsSinceMs ?? nowMs) : undefined
    return comes && nowMs - (this.#waitsSinceMs ?? nowMs) < importForMs
  }

  /** What was missed and is not asked for yet, by group. Returns when there is something to look for again. */
  async #note(tx: Transaction, nowMs: number): Promise<number> {
    const all = await listMissed(tx)
    const lines = Map.groupBy(await listUnread(tx, linesMax), ({ groupId }) => toHex(groupId))
    const dues = Map.groupBy(await listMissedDue(tx), ({ groupId }) => toHex(groupId))
    let again = Infinity
    for (const id of new Set([...lines.keys(), ...dues.keys()])) {
      const due = dues.get(id) ?? []
      const before = all.filter(({ groupId }) => toHex(groupId) === id)
      const unread = (lines.get(id) ?? []).filter(({ order }) => !before.some(({ ranges }) => isIn(ranges, order)))
      const groupId = (due[0] ?? unread[0])?.groupId
      if (!groupId) continue
      const group = await findGroup(tx, groupId)
      if (!group || group.status === "left") {
        deleteMissedDue(tx, groupId)
        continue
      }
      // A device that is not in again has nobody to ask.
      if (await findHealing(tx, groupId)) continue
      const lastMs = Math.max(...before.map(({ madeMs }) => madeMs))
      if (due.length === 0 && nowMs - lastMs < linesEveryMs && nowMs >= lastMs) {
        again = Math.min(again, linesEveryMs - (nowMs - lastMs))
        continue
      }
      deleteMissedDue(tx, groupId)
      const ranges = [...(await rangesOfDue(tx, due)), ...unread.map(({ order }): Range => [order, order])]
      if (ranges.length === 0) continue
      const times = [...due.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]), ...unread.map(({ timeMs }) => timeMs)]
      insertMissed(tx, {
        requestId: withTries(this.#parts.random(requestIdBytes), 0),
        groupId,
        ranges: mergeRanges(ranges),
        secret: this.#parts.random(secretBytes),
        fromMs: Math.min(...times),
        untilMs: Math.max(...times),
        why: due[0]?.why ?? "line",
        stage: "new",
        sinceMs: nowMs,
        madeMs: nowMs,
        tries: 0,
        againFrom: undefined,
        line: undefined,
      })
    }
    return again
  }

  /** The next step of one request. Returns when the one after it is due. */
  async #goOn(tx: Transaction, missed: Missed, nowMs: number): Promise<number> {
    const { requestId, groupId, stage, why, line } = missed
    if (stage === "over") return Infinity
    const about = await findGroup(tx, groupId)
    if (!about || about.status === "left") {
      deleteMissed(tx, requestId)
      return Infinity
    }
    const sinceMs = Math.min(missed.sinceMs, nowMs)
    const leftMs = (afterMs: number): number => sinceMs + afterMs - nowMs
    if (nowMs - missed.madeMs > rejoinKeptMs) {
      closeMissed(tx, requestId)
      setStage(tx, { requestId, stage: "over", sinceMs: nowMs })
      return Infinity
    }
    if (stage === "new") return await this.#ask(tx, missed, about, nowMs)
    if (stage === "own") {
      if (leftMs(answerMs) > 0) return leftMs(answerMs)
      return (await this.#askSenders(tx, missed, about, nowMs)) ? answerMs : Infinity
    }
    const { allAnswered } = await progressOf(this.#parts, tx, missed)
    const isTold = line !== undefined || why === "line"
    if (!isTold && (allAnswered || leftMs(answerMs) <= 0)) await this.#tell(tx, missed, about)
    const waitMs = missed.againFrom === undefined ? dayMs : moreAfterMs
    const mayAsk = missed.againFrom === undefined ? !allAnswered && missed.tries < askedAgain : missed.tries < triesMax
    if (mayAsk && leftMs(waitMs) <= 0) {
      askAgain(tx, { requestId, tries: missed.tries + 1, sinceMs: nowMs })
      return 0
    }
    return Math.min(isTold ? Infinity : Math.max(leftMs(answerMs), 0), mayAsk ? leftMs(waitMs) : dayMs)
  }

  async #ask(tx: Transaction, missed: Missed, about: GroupRow, nowMs: number): Promise<number> {
    const selfId = await findSelfGroup(tx)
    const self = selfId && (await findGroup(tx, selfId))
    if (self && (await countLeaves(tx, self.groupId)) > 1 && !(await findHealing(tx, self.groupId))) {
      await this.#post(tx, missed, self)
      setStage(tx, { requestId: missed.requestId, stage: "own", sinceMs: nowMs })
      return answerMs
    }
    return (await this.#askSenders(tx, missed, about, nowMs)) ? answerMs : Infinity
  }

  /** False while there is nobody to ask: who wrote in a chat that its person has not accepted does not hear of this device. */
  async #askSenders(tx: Transaction, missed: Missed, about: GroupRow, nowMs: number): Promise<boolean> {
    const { own } = this.#parts
    const chat = await findChat(tx, about.chatId)
    const group = chat && (await findGroup(tx, chat.groupId))
    if (chat?.state !== "active" || group?.status !== "active" || (await findHealing(tx, group.groupId))) return false
    if (chat.peer && (await findContact(tx, chat.peer))?.blocked === true) return false
    if (!(await hasOthers(tx, group.groupId, own.accountId))) return false
    await this.#post(tx, missed, group)
    setStage(tx, { requestId: missed.requestId, stage: "all", sinceMs: nowMs })
    return true
  }

  async #post(tx: Transaction, missed: Missed, group: GroupRow): Promise<void> {
    const { crypto, ask } = this.#parts
    const { requestId, groupId: about, secret, ranges, tries, againFrom } = missed
    const left = againFrom === undefined ? ranges : rangesFrom(ranges, againFrom)
    const kemKey = answerKey(crypto, secret)
    await ask(tx, group, { requestId: withTries(requestId, tries), about, kemKey, ranges: left.length > 0 ? left : ranges })
    setAgainFrom(tx, { requestId, againFrom: undefined })
  }

  /** A line in the place of what is missing. It goes when it has come after all. */
  async #tell(tx: Transaction, { requestId, groupId, ranges, fromMs, untilMs, why }: Missed, { chatId }: GroupRow): Promise<void> {
    if (why === "line") return
    const { crypto, own } = this.#parts
    const messageId = crypto.sha256(concat(toUtf8("nodoor/missed/v1\0"), requestId))
    const [, order] = endsOf(ranges)
    const text = JSON.stringify({ kind: "missed", account: toHex(own.accountId), fromMs, untilMs, why })
    const writing = new MessageWriting()
    await writing.open(tx)
    const event = {
      groupId,
      messageId,
      order,
      timeMs: untilMs,
      accountId: own.accountId,
      kind: "event",
      isSent: false,
      inReplyTo: undefined,
      editedMs: undefined,
      sendId: undefined,
      epoch: undefined,
      sentMs: undefined,
      parts: [{ kind: "event", text, data: undefined }],
      reactions: [],
      receipts: [],
    } as const
    await writing.write(tx, [{ chat: await openChat(tx, chatId, undefined), message: event }])
    setLine(tx, { requestId, line: messageId })
  }
}

/** What a device of an archive has missed begins behind what the archive has. */
async function rangesOfDue(tx: Transaction, dues: readonly MissedDue[]): Promise<readonly Range[]> {
  const out: Range[] = []
  for (const { groupId, from, to } of dues) {
    const first = from ?? (await lastReadBefore(tx, groupId, to + 1)) + 1
    if (first <= to) out.push([first, to])
  }
  return out
}
