// The records of an archive of version 1 as CBOR, in the order in which they stand in it (docs/archive.md, "Records").

import { CodecError, decodeCbor, encodeCbor } from "@nodoor/bytes"
import { type Field, blob, flag, id, list, oneOf, optional, struct, text, uint } from "./field.ts"
import type { ArchiveRecord, RecordOf, RecordType } from "./record-types.ts"

/** No record is longer. A message has 256 KiB of content at most; the rest is for reactions and receipts. */
export const recordMaxBytes = 4_194_304
const contentMaxBytes = 262_144
const nameMaxBytes = 1_024
const peopleMax = 10_000

const accountId = id(16)
const groupId = id(32)
const chatId = id(32)
const messageId = id(32)
const cbor = blob({ from: 1, to: 65_536 })
const name = text(nameMaxBytes)

type Kinds = { readonly [T in RecordType]: Field<Omit<RecordOf<T>, "type">> }

/** In the order of their numbers, from 1. The fields of each stand in this order. */
const kinds: Kinds = {
  account: struct({ accountId, origin: name, handle: name, name, version: uint, madeAtMs: uint, chats: uint, messages: uint }),
  state: struct({ accountId, version: uint, signed: cbor }),
  handle: struct({ accountId, handle: name, version: uint, binding: cbor }),
  contact: struct({
    accountId,
    name,
    mark: text(64),
    accepted: flag,
    blocked: flag,
    firstResets: uint,
    verifiedMs: optional(uint),
    verifiedResets: optional(uint),
    changeMs: optional(uint),
    changeKind: optional(oneOf("reset", "changed")),
  }),
  chat: struct({
    chatId,
    kind: oneOf("dm", "group", "self"),
    state: oneOf("active", "request", "left", "halted"),
    groupId,
    peer: optional(accountId),
    title: name,
    hidden: flag,
    muted: flag,
    pinned: flag,
    archived: flag,
    settled: flag,
    draft: text(contentMaxBytes),
    activityMs: uint,
    readId: optional(messageId),
    messages: uint,
    fromMs: optional(uint),
    toMs: optional(uint),
  }),
  group: struct({
    groupId,
    chatId,
    status: oneOf("active", "leaving", "left", "halted", "succeeded"),
    epoch: uint,
    policy: cbor,
    members: list(accountId, peopleMax),
    rejoin: optional(struct({ seat: id(16), secret: blob({ from: 16, to: 64 }), epoch: uint, key: optional(id(32)) })),
  }),
  sync: struct({ key: name, value: blob({ from: 1, to: 131_072 }), ms: uint, counter: uint, device: id(16) }),
  ids: struct({ ids: list(blob({ from: 16, to: 32 }), 1_000) }),
  message: struct({
    chat: uint,
    group: uint,
    messageId,
    order: optional(uint),
    timeMs: uint,
    account: uint,
    kind: oneOf("content", "deleted", "waiting", "event"),
    inReplyTo: optional(messageId),
    editedMs: optional(uint),
    isSent: flag,
    sendId: optional(blob({ from: 1, to: 64 })),
    epoch: optional(uint),
    sentMs: optional(uint),
    parts: list(struct({ kind: text(64), text: text(contentMaxBytes), data: optional(blob({ from: 0, to: contentMaxBytes })) }), 128),
    reactions: list(struct({ account: uint, emoji: name, messageId }), peopleMax),
    receipts: list(struct({ account: uint, status: uint, atMs: uint }), peopleMax),
  }),
  end: struct({ records: uint, messages: uint }),
}
const names = Object.keys(kinds) as RecordType[]

/** Place of the type in an archive: a record is never followed by one of a lower place. */
export function placeOf(type: RecordType): number {
  return names.indexOf(type) + 1
}

export function encodeRecord(record: ArchiveRecord): Uint8Array {
  return encodeCbor([placeOf(record.type), (kinds[record.type] as Field<unknown>).to(record)])
}

/** @throws CodecError for anything but the one encoding of a record */
export function decodeRecord(encoded: Uint8Array): ArchiveRecord {
  const value = decodeCbor(encoded, { maxBytes: recordMaxBytes })
  if (!Array.isArray(value) || value.length !== 2) throw new CodecError("invalid_value", "record")
  const type = typeof value[0] === "number" ? names[value[0] - 1] : undefined
  if (!type) throw new CodecError("invalid_value", "type of record")
  return { type, ...(kinds[type] as Field<object>).from(value[1]) } as ArchiveRecord
}
