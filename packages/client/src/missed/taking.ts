// Takes in what others send again because this device missed it: each message goes into its place, or fills the line that stood for it. When
// everybody has said all they have, what still does not open was nothing to show.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { MessageWriting, openChat } from "../archive/message-writing.ts"
import type { SaidInGroup } from "../content/content-intake.ts"
import { messageStatus } from "../content/mimi/status-report.ts"
import type { Resent } from "../store/missed/said-of-missed.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { roleOf } from "../core/policy.ts"
import type { MissedRefusal } from "../core/trace.ts"
import type { Transaction } from "../core/transaction.ts"
import { type ArchivedMessage, findPlaces } from "../store/archive/archived-messages.ts"
import { noteActivity, settleActivity } from "../store/chat/activity.ts"
import { type ChatRow, findChat } from "../store/chat/chats.ts"
import { deleteMessage, findMessage } from "../store/chat/messages.ts"
import { oweReceipt } from "../store/chat/receipts-due.ts"
import { indexMessage } from "../store/chat/search.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { listDevicesIn } from "../store/group/members.ts"
import {
  type KnownPlace,
  type Missed,
  deleteMissed,
  findMissed,
  listAnswered,
  listKnown,
  listMembersSince,
  nextPlaced,
  noteAnswered,
  setAgainFrom,
} from "../store/missed/missed.ts"
import { endsOf, isIn } from "../store/missed/ranges.ts"
import type { Reader } from "../store/reader.ts"
import { type Answer, decodeAnswer, openAnswer } from "./answer.ts"
import { judgeMessage } from "./judgement.ts"
import { nameOfRequest } from "./request-id.ts"

export interface TakingParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly crypto: CryptoProvider
  receiptsWait(groupId: Uint8Array): void
}

/** What is known when something was taken: whether nothing is missing any more, and whether anybody is left who may have more. */
export interface Progress {
  readonly whole: boolean
  readonly allAnswered: boolean
}

interface Taken {
  readonly taken: number
  readonly refused: MissedRefusal | undefined
}

/** Undefined for what was taken; else why nothing was, or the first reason why something was not. */
export async function takeAnswer(parts: TakingParts, tx: Transaction, said: SaidInGroup, resent: Resent): Promise<Taken> {
  const { crypto } = parts
  const { sender, isOwn } = said
  const missed = await findMissed(tx, nameOfRequest(resent.requestId))
  const about = missed && (await findGroup(tx, missed.groupId))
  const chat = about && (await findChat(tx, about.chatId))
  if (!missed || !about || !chat || missed.secret.length === 0 || !isHeardIn(said, about)) return none("not_asked")
  // Only those who may write there are heard.
  const { policy } = said.group
  if (!isOwn && policy.rules.post === "admins" && roleOf(policy, sender.accountId) !== "admin") return none("wrong_author")
  const place = { requestId: resent.requestId, about: missed.groupId, accountId: sender.accountId }
  const opened = openAnswer(crypto, missed.secret, { ...place, ...resent })
  if (!opened) return none("not_sealed")
  const answer = decoded(opened)
  if (!answer) return none("malformed")
  const { messages, code } = await judged(parts, tx, { said, missed, chat }, answer)
  if (messages.length > 0) await write(parts, tx, { chat, about }, messages)
  const [, to] = endsOf(missed.ranges)
  if (resent.end === "part" && messages.length > 0 && answer.through !== undefined && answer.through < to) {
    const againFrom = Math.min(missed.againFrom ?? Infinity, answer.through + 1)
    setAgainFrom(tx, { requestId: missed.requestId, againFrom })
  } else if (resent.end === "whole" && code === undefined) noteAnswered(tx, missed.requestId, sender.accountId)
  return { taken: messages.length, refused: code }
}

/** In the group that the request was about, one in which its chat goes on, or among the own devices. */
function isHeardIn({ group, isOwn }: SaidInGroup, about: GroupRow): boolean {
  return equal(group.chatId, about.chatId) || (isOwn && group.policy.kind === "self")
}

async function judged(
  { own }: TakingParts,
  tx: Transaction,
  { said, missed, chat }: { readonly said: SaidInGroup; readonly missed: Missed; readonly chat: ChatRow },
  { messages }: Answer,
): Promise<{ readonly messages: readonly ArchivedMessage[]; readonly code: MissedRefusal | undefined }> {
  const { chatId } = chat
  const [from, to] = spanOf(messages)
  let known: readonly KnownPlace[] = await listKnown(tx, { chatId, groupId: missed.groupId, from, to })
  const names = messages.map(({ messageId }) => ({ chatId, messageId }))
  const present = new Set((await findPlaces(tx, names)).map(({ messageId }) => toHex(messageId)))
  const { sender, isOwn } = said
  const fresh: ArchivedMessage[] = []
  let code: MissedRefusal | undefined
  for (const message of messages) {
    const at = { missed, accountId: sender.accountId, isOwn, ownAccountId: own.accountId, known, present }
    const result = judgeMessage(at, message)
    if (result.status === "refused") code ??= result.code
    if (result.status !== "new") continue
    fresh.push(result.message)
    // What the same answer says of this place again is as if it had been here.
    const { messageId, order = 0, timeMs, kind } = result.message
    known = [...known, { messageId, order, timeMs, kind, position: 0 }].toSorted((a, b) => a.order - b.order)
    present.add(toHex(messageId))
  }
  return { messages: fresh, code }
}

async function write(
  { own, receiptsWait }: TakingParts,
  tx: Transaction,
  { chat, about }: { readonly chat: ChatRow; readonly about: GroupRow },
  messages: readonly ArchivedMessage[],
): Promise<void> {
  const { chatId } = chat
  const { groupId } = about
  const newestFirst = messages.toSorted((a, b) => (b.order ?? 0) - (a.order ?? 0))
  const written = await openChat(tx, chatId, undefined)
  const writing = new MessageWriting()
  await writing.open(tx)
  const behind = await laterPlace(tx, { chatId, groupId, order: newestFirst[0]?.order ?? 0 })
  if (behind) written.placing.met(behind)
  await writing.write(
    tx,
    newestFirst.map((message) => ({ chat: written, message })),
  )
  let isNew = false
  for (const { messageId, accountId, kind, parts } of newestFirst) {
    const text = parts.find((part) => part.kind === "text")
    if (text) indexMessage(tx, { chatId, messageId }, text.text)
    if (kind !== "content" || equal(accountId, own.accountId)) continue
    const stored = await findMessage(tx, chatId, messageId)
    if (!stored) continue
    oweReceipt(tx, groupId, { messageId, status: messageStatus.delivered })
    if (stored.position <= chat.readPosition) continue
    tx.messageChanged(chatId, messageId, { incoming: true })
    noteActivity(tx, chatId, 0)
    isNew = true
  }
  if (isNew) settleActivity(tx, chatId)
  tx.after(() => receiptsWait(groupId))
}

/** What stands behind an order of a group in its chat: something later of the group, or what its last message before is followed by. */
async function laterPlace(
  reader: Reader,
  { chatId, groupId, order }: { readonly chatId: Uint8Array; readonly groupId: Uint8Array; readonly order: number },
): Promise<{ readonly groupId: Uint8Array; readonly order: number | undefined; readonly position: number } | undefined> {
  const known = await listKnown(reader, { chatId, groupId, from: order, to: order })
  const later = known.filter((place) => place.order > order).toSorted((a, b) => a.position - b.position)[0]
  if (later) return { groupId, order: later.order, position: later.position }
  const before = known.filter((place) => place.order < order).toSorted((a, b) => b.position - a.position)[0]
  const position = before && (await nextPlaced(reader, chatId, before.position))
  return position === undefined ? undefined : { groupId: new Uint8Array(), order: undefined, position }
}

/** Nothing is missing when another own device vouches for all of it, or everybody who was there for what they wrote. */
export async function progressOf({ own }: Pick<TakingParts, "own">, tx: Transaction, missed: Missed): Promise<Progress> {
  const { requestId, groupId, ranges, why } = missed
  const answered = await listAnswered(tx, requestId)
  const [from] = endsOf(ranges)
  const others = (await listMembersSince(tx, groupId, from)).filter((accountId) => !equal(accountId, own.accountId))
  const othersHave = others.every((accountId) => answered.has(toHex(accountId)))
  const hasSiblings = (await listDevicesIn(tx, groupId, own.accountId)).some((deviceId) => !equal(deviceId, own.deviceId))
  // What this device wrote itself is here, unless its store was put back.
  const ownIsHere = why !== "copy" && !hasSiblings
  return { whole: answered.has(toHex(own.accountId)) || (othersHave && ownIsHere), allAnswered: othersHave && !hasSiblings }
}

/** What is left of the lines was nothing to show, and the chat no longer says that something is missing. */
export async function endMissed(tx: Transaction, { requestId, groupId, ranges, line }: Missed): Promise<void> {
  deleteMissed(tx, requestId)
  const group = await findGroup(tx, groupId)
  if (!group) return
  const { chatId } = group
  const [from, to] = endsOf(ranges)
  for (const { kind, order, messageId } of await listKnown(tx, { chatId, groupId, from, to }))
    if (kind === "waiting" && isIn(ranges, order)) deleteMessage(tx, { chatId, messageId })
  if (line) deleteMessage(tx, { chatId, messageId: line })
  settleActivity(tx, chatId)
}

function spanOf(messages: readonly ArchivedMessage[]): readonly [number, number] {
  const orders = messages.map(({ order }) => order ?? 0)
  return [Math.min(...orders), Math.max(...orders, 0)]
}

function decoded(encoded: Uint8Array): Answer | undefined {
  try {
    return decodeAnswer(encoded)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

function none(refused: MissedRefusal): Taken {
  return { taken: 0, refused }
}
