// What an archive holds, before anything of it is applied; and whether all of it is there and genuine.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { ArchivePreview } from "../view/backup-view.ts"
import { archiveError } from "./format/archive-error.ts"
import { type ArchiveSource, readHeader, readRecords } from "./format/archive-reader.ts"
import type { ArchiveKey } from "./format/header.ts"
import type { RecordOf } from "./format/record-types.ts"

type Crypto = Pick<CryptoProvider, "suite" | "sha256">

export interface OpenedArchive extends ArchivePreview {
  readonly accountId: Uint8Array
  readonly origin: string
  readonly archiveId: Uint8Array
  readonly version: number
}

/**
 * Reads as far as the first message: what an archive says of itself at its beginning.
 * @throws ClientError `archive_unreadable`, `archive_newer`, `archive_key`, `archive_damaged`, `archive_incomplete`
 */
export async function previewArchive(crypto: Crypto, source: ArchiveSource, key: ArchiveKey): Promise<OpenedArchive> {
  const header = await readHeader(crypto, source, key)
  let account: RecordOf<"account"> | undefined
  const chats: RecordOf<"chat">[] = []
  for await (const { record } of readRecords(crypto, { source, header })) {
    if (record.type === "account") account = record
    else if (record.type === "chat") chats.push(record)
    else if (record.type === "message") break
  }
  if (!account) throw archiveError("archive_damaged")
  return { ...viewOf(account, chats), archiveId: header.archiveId, version: header.version }
}

export interface VerifiedArchive extends OpenedArchive {
  readonly records: number
  readonly bytes: number
}

/**
 * Reads all of it: every chunk is genuine and in its place, every record has its form, and the end is there. Counts and dates are those of
 * the messages that were read.
 * @throws ClientError as `previewArchive`
 */
export async function verifyArchive(
  crypto: Crypto,
  source: ArchiveSource,
  key: ArchiveKey,
  hears: (progress: { readonly done: number; readonly total: number }) => void = () => undefined,
): Promise<VerifiedArchive> {
  const header = await readHeader(crypto, source, key)
  let account: RecordOf<"account"> | undefined
  const chats: { -readonly [K in "messages" | "fromMs" | "toMs"]?: RecordOf<"chat">[K] }[] = []
  const named: RecordOf<"chat">[] = []
  let records = 0
  let bytes = 0
  const counted: ArchiveSource = { read: (from) => tally(source.read(from), (size) => (bytes += size)) }
  for await (const { record } of readRecords(crypto, { source: counted, header })) {
    records++
    if (record.type === "account") account = record
    else if (record.type === "chat") {
      named.push(record)
      chats.push({ messages: 0 })
    } else if (record.type === "message" && record.kind !== "event") {
      const chat = chats[record.chat]
      if (!chat) throw archiveError("archive_damaged")
      chat.messages = (chat.messages ?? 0) + 1
      chat.fromMs = Math.min(chat.fromMs ?? record.timeMs, record.timeMs)
      chat.toMs = Math.max(chat.toMs ?? record.timeMs, record.timeMs)
      hears({ done: records, total: account?.messages ?? 0 })
    }
  }
  if (!account) throw archiveError("archive_damaged")
  const found = named.map((chat, at) => ({ ...chat, messages: 0, fromMs: undefined, toMs: undefined, ...chats[at] }))
  const size = header.bytes.length + bytes
  return { ...viewOf(account, found), archiveId: header.archiveId, version: header.version, records, bytes: size }
}

function viewOf(
  account: RecordOf<"account">,
  chats: readonly RecordOf<"chat">[],
): ArchivePreview & Pick<OpenedArchive, "accountId" | "origin"> {
  const from = chats.flatMap(({ fromMs = [] }) => fromMs)
  const to = chats.flatMap(({ toMs = [] }) => toMs)
  return {
    accountId: account.accountId,
    origin: account.origin,
    accountHandle: account.handle,
    madeAtMs: account.madeAtMs,
    chats: chats.flatMap(({ chatId, title, kind, messages, hidden, fromMs, toMs }) =>
      kind === "self" || (hidden && messages === 0)
        ? []
        : [
            {
              id: toHex(chatId),
              title,
              kind,
              messages,
              ...(fromMs !== undefined && { from: fromMs }),
              ...(toMs !== undefined && { to: toMs }),
            },
          ],
    ),
    messages: chats.reduce((sum, { messages }) => sum + messages, 0),
    ...(from.length > 0 && { from: from.reduce((a, b) => Math.min(a, b)) }),
    ...(to.length > 0 && { to: to.reduce((a, b) => Math.max(a, b)) }),
  }
}

async function* tally(source: AsyncIterable<Uint8Array>, take: (sizeBytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    take(bytes.length)
    yield bytes
  }
}
