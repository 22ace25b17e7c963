// Answers other devices that missed something: those of the own account with all that this device has, others with what this account wrote while
// they were there to read it. One device of the account answers; another one does if it is away.

import { equal, fromHex, toHex } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { encodeRecord } from "../archive/format/record.ts"
import { messageRecord } from "../archive/write-archive.ts"
import type { SaidInGroup } from "../content/content-intake.ts"
import type { ResendRequest, Resent } from "../store/missed/said-of-missed.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { MissedRefusal } from "../core/trace.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { rejoinKeptMs } from "../group/rejoin/rejoin-key.ts"
import { type PlacedMessage, readArchivedRange } from "../store/archive/archived-messages.ts"
import { findChat } from "../store/chat/chats.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { accountsOf, listLeavesOf } from "../store/group/members.ts"
import { membersThen } from "../store/group/membership.ts"
import { isMissing } from "../store/missed/missed.ts"
import { endsOf } from "../store/missed/ranges.ts"
import {
  type ResendDue,
  countAsked,
  deleteResendDue,
  findResendDue,
  insertResendDue,
  isResent,
  listResendsDue,
  noteResent,
} from "../store/missed/resends.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import { setAllDue } from "../store/sync/entries.ts"
import { findContact } from "../store/trust/contacts.ts"
import { encodeAnswer, sealAnswer } from "./answer.ts"

const kind = "resend"
/** Whoever is not the first device of the account waits between these. */
const othersMs = { least: 2_000, most: 6_000 } as const
/** Of one account about one group in an hour. */
const askedPerHour = 12
const hourMs = 3_600_000
/** Of one post, and of one answer. What does not fit is asked for again. */
const limits = { postBytes: 61_440, messageBytes: 196_608, posts: 32, page: 200 } as const
/** In a larger group nobody says that they have nothing to say. */
const silentFrom = 33

export interface AnsweringParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly clock: Clock
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  /** Queues an answer. */
  answer(tx: Transaction, group: GroupRow, resent: Resent): Promise<unknown>
}

interface Said {
  readonly through: number
  readonly posts: readonly (readonly PlacedMessage[])[]
  /** Nothing that belongs to it was left out. */
  readonly complete: boolean
}

export class Answering implements Part {
  readonly #parts: AnsweringParts

  constructor(parts: AnsweringParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, run: (key) => this.#answer(fromHex(key)) })
  }

  online(): void {
    const { transactions, jobs } = this.#parts
    listResendsDue(readerOf(transactions.database)).then(
      (all) => {
        for (const requestId of all) jobs.schedule({ kind, key: toHex(requestId), inMs: this.#laterMs(), keepSooner: true })
      },
      () => undefined,
    )
  }

  offline(): void {}
  close(): void {}

  /** Somebody asks. Undefined when it will be answered, or was. */
  async asked(tx: Transaction, { group, chat, sender, isOwn }: SaidInGroup, request: ResendRequest): Promise<MissedRefusal | undefined> {
    const { own, clock, jobs } = this.#parts
    const { requestId, about, kemKey, ranges } = request
    if (equal(sender.deviceId, own.deviceId) || (await isResent(tx, requestId))) return undefined
    const aboutGroup = await findGroup(tx, about)
    const isHere = aboutGroup && (equal(aboutGroup.chatId, group.chatId) || (isOwn && group.policy.kind === "self"))
    if (!isHere) return "not_asked"
    // Whom the person has not accepted, or whose account is not the one it was, is told nothing of what was.
    const contact = isOwn ? undefined : await findContact(tx, sender.accountId)
    if (chat.state !== "active" || contact?.changeMs !== undefined) return "not_member"
    const nowMs = clock.nowMs()
    const asking = { about, accountId: sender.accountId }
    if ((await countAsked(tx, { ...asking, sinceMs: nowMs - hourMs })) >= askedPerHour) return "too_often"
    insertResendDue(tx, { ...asking, requestId, groupId: group.groupId, kemKey, ranges, arrivedMs: nowMs })
    const leaves = await listLeavesOf(tx, group.groupId, own.accountId)
    const first = leaves.find(({ deviceId }) => !equal(deviceId, sender.deviceId))
    const isFirst = first !== undefined && equal(first.deviceId, own.deviceId)
    tx.after(() => jobs.schedule({ kind, key: toHex(requestId), inMs: isFirst ? 0 : this.#laterMs(), keepSooner: true }))
    return undefined
  }

  /** Another device of the account has said all there is. */
  answered(tx: Transaction, { isOwn }: SaidInGroup, { requestId, end }: Resent): void {
    if (isOwn && end === "whole") deleteResendDue(tx, requestId)
  }

  async #answer(requestId: Uint8Array): Promise<JobEnd> {
    const { transactions, clock, own } = this.#parts
    await transactions.run(async (tx) => {
      const due = await findResendDue(tx, requestId)
      if (!due) return
      const atMs = clock.nowMs()
      noteResent(tx, { ...due, atMs, forgetBeforeMs: atMs - rejoinKeptMs })
      const group = await findGroup(tx, due.groupId)
      const about = await findGroup(tx, due.about)
      const chat = group && (await findChat(tx, group.chatId))
      if (group?.status !== "active" || chat?.state !== "active" || !about) return
      const isOwn = equal(due.accountId, own.accountId)
      // What the devices of the account tell each other is no message: all of it is told again.
      if (about.policy.kind === "self") setAllDue(tx)
      const said = await this.#collect(tx, about, due, isOwn)
      if (said.posts.length === 0 && !isOwn && (await accountsOf(tx, group.groupId)).size >= silentFrom) return
      const end = said.complete && (await this.#vouches(tx, about, due, isOwn)) ? "whole" : "part"
      await this.#say(tx, group, due, { ...said, end })
    })
  }

  /** Whether this device was there all the time and could read everything. */
  async #vouches(tx: Transaction, about: GroupRow, { ranges }: ResendDue, isOwn: boolean): Promise<boolean> {
    const [from, to] = endsOf(ranges)
    if (about.joinedOrder >= from) return false
    return !isOwn || (about.lastOrder >= to && !(await isMissing(tx, about.groupId, ranges)))
  }

  async #collect(tx: Transaction, { chatId, groupId }: GroupRow, { ranges, accountId }: ResendDue, isOwn: boolean): Promise<Said> {
    const { own } = this.#parts
    const posts: PlacedMessage[][] = []
    const [, end] = endsOf(ranges)
    let [bytes, complete] = [0, true]
    for (const [first, to] of ranges)
      for (let from = first; from <= to;) {
        const author = isOwn ? undefined : own.accountId
        const page = await readArchivedRange(tx, { chatId, groupId, from, to, author, limit: limits.page })
        for (const found of page) {
          if (!isOwn && !(await mayRead(tx, found, accountId))) continue
          // What others say of it they tell themselves.
          const message = isOwn ? found : { ...found, reactions: [], receipts: [] }
          const size = sizeOf(message)
          if (size > limits.messageBytes) {
            complete = false
            continue
          }
          const post = posts.at(-1)
          if (post && bytes + size <= limits.postBytes) {
            post.push(message)
            bytes += size
            continue
          }
          if (posts.length === limits.posts) return { posts, complete: false, through: (message.order ?? first) - 1 }
          posts.push([message])
          bytes = size
        }
        const last = page.at(-1)?.order
        // Lines of one commit share its order.
        from = page.length < limits.page || last === undefined ? to + 1 : last > from ? last : last + 1
      }
    return { posts, complete, through: end }
  }

  async #say(tx: Transaction, group: GroupRow, due: ResendDue, said: Said & { readonly end: Resent["end"] }): Promise<void> {
    const { crypto, random, own, answer } = this.#parts
    const { requestId, about, kemKey } = due
    const posts = said.posts.length > 0 ? said.posts : [[]]
    for (const [number, messages] of posts.entries()) {
      const isLast = number === posts.length - 1
      const encoded = encodeAnswer(isLast ? said.through : undefined, messages)
      const sealed = sealAnswer(crypto, random, { requestId, about, accountId: own.accountId, kemKey, answer: encoded })
      if (!sealed) return
      await answer(tx, group, { requestId, end: isLast ? said.end : "more", ...sealed })
    }
  }

  #laterMs(): number {
    const [share = 0] = this.#parts.random(1)
    return othersMs.least + Math.round(((othersMs.most - othersMs.least) * share) / 255)
  }
}

/** Only who was in the group when it was sent. */
async function mayRead(reader: Reader, message: PlacedMessage, accountId: Uint8Array): Promise<boolean> {
  const { groupId, epoch, order } = message
  if (order === undefined) return false
  return (await membersThen(reader, { groupId, epoch, order })).some((member) => equal(member, accountId))
}

function sizeOf(message: PlacedMessage): number {
  const everybody = [message.accountId, message.groupId, ...[...message.reactions, ...message.receipts].map(({ accountId }) => accountId)]
  const record = messageRecord(new Map(everybody.map((id, number) => [toHex(id), number])), 0, message)
  return (record ? encodeRecord(record).length : 0) + 34 * everybody.length
}
