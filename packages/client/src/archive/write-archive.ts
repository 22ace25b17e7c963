// Writing an archive: what a person has on this device, the newest first, as bytes that can be sent on as they come.

import { concat, encodeCbor, equal, toHex } from "@nodoor/bytes"
import { decodeVerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Hex } from "../core/hex.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { encodePolicy } from "../core/policy.ts"
import type { Clock } from "../core/ports.ts"
import { type ArchivedChat, listChatsToArchive, listGroupsToArchive } from "../store/archive/archived-chats.ts"
import { type ArchivedGroup, listArchivedGroups } from "../store/archive/archived-groups.ts"
import {
  type MessageCounts,
  type PlacedMessage,
  countArchived,
  findIdUpTo,
  listNamedIds,
  readArchivedPage,
} from "../store/archive/archived-messages.ts"
import { listContactsAfter, listHandlesAfter, listStatesAfter } from "../store/archive/archived-people.ts"
import { lastPlaced } from "../store/chat/position.ts"
import { findOwnName } from "../store/device.ts"
import { accountsOf } from "../store/group/members.ts"
import { findNewestRejoinKey } from "../store/rejoin/rejoin-keys.ts"
import { type OwnSeat, findOwnSeat } from "../store/group/seats.ts"
import { ownSeatSecret } from "../group/seat/seat-keys.ts"
import type { Reader } from "../store/reader.ts"
import { listSyncEntries } from "../store/sync/entries.ts"
import { findLatestState } from "../store/trust/account-states.ts"
import { findContact } from "../store/trust/contacts.ts"
import { called } from "../trust/name/called.ts"
import { sealRecords } from "./format/archive-writer.ts"
import { archiveKeyBytes, makeHeader } from "./format/header.ts"
import type { ArchiveRecord, RecordOf } from "./format/record-types.ts"

export interface ArchiveWriterParts {
  readonly reader: Reader
  readonly own: Pick<OwnDevice, "accountId" | "handle" | "origin" | "signer">
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly clock: Clock
}

/**
 * `link`: for another device of the account, opened by `key`. `backup`: opened by the recovery key, with what lets a device that is restored from
 * it ask to be taken into the groups.
 */
export type ArchivePurpose =
  | { readonly for: "link"; readonly key: Uint8Array }
  | { readonly for: "backup"; readonly recoverySeed: Uint8Array }

export interface ArchiveProgress {
  readonly done: number
  readonly total: number
}

export interface WritingArchive {
  readonly archiveId: Uint8Array
  readonly madeAtMs: number
  readonly bytes: AsyncIterable<Uint8Array>
}

/** So many messages of each chat come before all older ones: a new device can show every chat at once. */
const firstMessages = 100
const pageMessages = 200
/** Behind them, whatever was written in the same span comes together. */
const spanMs = 30 * 86_400_000

/** The archive is read from the store as `bytes` is read. What arrives meanwhile is not in it. */
export async function writeArchive(
  parts: ArchiveWriterParts,
  purpose: ArchivePurpose,
  hears: (progress: ArchiveProgress) => void = () => undefined,
): Promise<WritingArchive> {
  const { crypto, random, clock } = parts
  const archiveId = random(16)
  const key = purpose.for === "link" ? purpose.key : random(archiveKeyBytes)
  const header = makeHeader(crypto, { archiveId, key, recoverySeed: purpose.for === "backup" ? purpose.recoverySeed : undefined })
  const madeAtMs = clock.nowMs()
  return { archiveId, madeAtMs, bytes: sealRecords(crypto, header, recordsOf(parts, { purpose, madeAtMs, hears })) }
}

type Content = Exclude<ArchiveRecord, { readonly type: "end" }>

interface Making {
  readonly purpose: ArchivePurpose
  readonly madeAtMs: number
  hears(progress: ArchiveProgress): void
}

async function* recordsOf(parts: ArchiveWriterParts, { purpose, madeAtMs, hears }: Making): AsyncGenerator<Content> {
  const { reader, own, crypto } = parts
  const chats = await listChatsToArchive(reader)
  const counts = await countArchived(reader)
  const countOf = ({ chatId }: ArchivedChat): MessageCounts =>
    counts.get(toHex(chatId)) ?? { messages: 0, fromMs: undefined, toMs: undefined }
  const total = chats.reduce((sum, chat) => sum + countOf(chat).messages, 0)
  const account = await findLatestState(crypto, reader, own.accountId)
  yield {
    type: "account",
    accountId: own.accountId,
    origin: own.origin,
    handle: own.handle,
    name: (await findOwnName(reader)) ?? "",
    version: account?.state.version ?? 0,
    madeAtMs,
    chats: chats.length,
    messages: total,
  }
  yield* people(parts)
  const groups = await listGroupsToArchive(reader)
  const waiting = await listArchivedGroups(reader)
  const names = new Map([...waiting, ...groups].map(({ groupId, policy }) => [toHex(groupId), policy.name]))
  for (const chat of chats) yield await chatRecord(parts, chat, { counts: countOf(chat), name: names.get(toHex(chat.groupId)) })
  for (const group of groups) yield await groupRecord(parts, group, purpose)
  for (const group of waiting) yield { ...archivedRecord(group, purpose), members: [] }
  for (const { key, value, stamp } of await listSyncEntries(reader))
    yield { type: "sync", key, value: encodeCbor(value), ms: stamp.ms, counter: stamp.counter, device: stamp.deviceId }
  const ids = await listNamedIds(reader)
  for (let at = 0; at < ids.length; at += 1_000) yield { type: "ids", ids: ids.slice(at, at + 1_000) }
  yield* messages(parts, { chats, ids, total, hears })
}

async function* people({ reader, crypto }: ArchiveWriterParts): AsyncGenerator<Content> {
  const start = new Uint8Array()
  for (let at = { accountId: start, version: 0 }; ;) {
    const states = await listStatesAfter(reader, at)
    for (const { accountId, version, state } of states) {
      const { signed } = decodeVerifiedAccountState(crypto, state)
      yield { type: "state", accountId, version, signed }
    }
    const last = states.at(-1)
    if (!last) break
    at = { accountId: Uint8Array.from(last.accountId), version: last.version }
  }
  for (let after = ""; ;) {
    const handles = await listHandlesAfter(reader, after)
    for (const { handle, version, binding, accountId } of handles) yield { type: "handle", handle, version, binding, accountId }
    const last = handles.at(-1)
    if (!last) break
    after = last.handle
  }
  for (let after: Uint8Array = start; ;) {
    const contacts = await listContactsAfter(reader, after)
    for (const { handle: _, ...contact } of contacts) yield { type: "contact", ...contact }
    const last = contacts.at(-1)
    if (!last) break
    after = last.accountId
  }
}

async function chatRecord(
  { reader }: ArchiveWriterParts,
  chat: ArchivedChat & { readonly readPosition: number },
  { counts, name }: { readonly counts: MessageCounts; readonly name: string | undefined },
): Promise<Content> {
  const { readPosition, ...kept } = chat
  const peer = chat.peer && (await findContact(reader, chat.peer))
  const title = peer ? await called(reader, peer) : (name ?? "")
  return { type: "chat", ...kept, title, readId: await findIdUpTo(reader, chat.chatId, readPosition), ...counts }
}

async function groupRecord(
  parts: ArchiveWriterParts,
  group: Awaited<ReturnType<typeof listGroupsToArchive>>[number],
  purpose: ArchivePurpose,
): Promise<Content> {
  const { reader } = parts
  const { groupId, chatId, status, epoch, policy } = group
  const seat = purpose.for === "backup" ? await findOwnSeat(reader, groupId) : undefined
  const kept = seat && (await findNewestRejoinKey(reader, groupId))
  const rejoin = seat && { seat: seat.seat, secret: secretsOf(parts, seat), epoch: kept?.epoch ?? epoch, key: kept?.key }
  const members = [...(await accountsOf(reader, groupId)).values()]
  return { type: "group", groupId, chatId, status, epoch, policy: encodePolicy(policy), members, rejoin }
}

/** What the server knows the seat by, and what it will know it by once the device has made it its own. */
function secretsOf({ own, crypto }: ArchiveWriterParts, { groupId, seat, secret }: OwnSeat): Uint8Array {
  const made = ownSeatSecret(crypto, own.signer, { groupId, seat })
  return equal(made, secret) ? secret : concat(secret, made)
}

/** A group of an earlier archive that this device has not joined. */
function archivedRecord({ groupId, chatId, epoch, policy, rejoin }: ArchivedGroup, purpose: ArchivePurpose): Content & { type: "group" } {
  const group = { type: "group", groupId, chatId, status: "active", epoch, policy: encodePolicy(policy), members: [] } as const
  return { ...group, rejoin: purpose.for === "backup" ? rejoin : undefined }
}

interface Cursor {
  readonly chat: number
  readonly chatId: Uint8Array
  before: number
  /** Of the next message; undefined when there is none left. */
  nextMs: number | undefined
}

interface Listed {
  readonly chats: readonly ArchivedChat[]
  readonly ids: readonly Uint8Array[]
  readonly total: number
  hears(progress: ArchiveProgress): void
}

async function* messages({ reader }: ArchiveWriterParts, { chats, ids, total, hears }: Listed): AsyncGenerator<Content> {
  const numbers = new Map<Hex, number>(ids.map((id, number) => [toHex(id), number]))
  let done = 0
  const record = (chat: number, message: PlacedMessage): Content | undefined => {
    if (message.kind !== "event") hears({ done: ++done, total })
    return messageRecord(numbers, chat, message)
  }
  const cursors: Cursor[] = []
  for (const [chat, { chatId }] of chats.entries()) {
    const cursor: Cursor = { chat, chatId, before: (await lastPlaced(reader, chatId)) + 1, nextMs: undefined }
    for (const message of await nextPage(reader, cursor, firstMessages)) {
      const made = record(chat, message)
      if (made) yield made
    }
    if (cursor.nextMs !== undefined) cursors.push(cursor)
  }
  for (let left = cursors; left.length > 0; left = left.filter(({ nextMs }) => nextMs !== undefined)) {
    const sinceMs = Math.max(...left.map(({ nextMs = 0 }) => nextMs)) - spanMs
    for (const cursor of left)
      while (cursor.nextMs !== undefined && cursor.nextMs >= sinceMs)
        for (const message of await nextPage(reader, cursor, pageMessages)) {
          const made = record(cursor.chat, message)
          if (made) yield made
        }
  }
}

/** The next messages of the chat. Moves the cursor behind them. */
async function nextPage(reader: Reader, cursor: Cursor, limit: number): Promise<readonly PlacedMessage[]> {
  const page = await readArchivedPage(reader, { chatId: cursor.chatId, before: cursor.before, limit: limit + 1 })
  const taken = page.slice(0, limit)
  cursor.before = taken.at(-1)?.position ?? cursor.before
  cursor.nextMs = page[limit]?.timeMs
  return taken
}

/** Undefined for a message that names somebody who is not in the archive's list: it was written after it. */
export function messageRecord(numbers: ReadonlyMap<Hex, number>, chat: number, message: PlacedMessage): RecordOf<"message"> | undefined {
  const { position: _, accountId, groupId, reactions, receipts, ...kept } = message
  const [account, group] = [numbers.get(toHex(accountId)), numbers.get(toHex(groupId))]
  if (account === undefined || group === undefined) return undefined
  const named = <T extends { readonly accountId: Uint8Array }>(list: readonly T[]): (Omit<T, "accountId"> & { account: number })[] =>
    list.flatMap(({ accountId: by, ...rest }) => {
      const number = numbers.get(toHex(by))
      return number === undefined ? [] : [{ ...rest, account: number }]
    })
  return { type: "message", ...kept, chat, account, group, reactions: named(reactions), receipts: named(receipts) }
}
