// The reading stream, `/v1/read`: the logs of groups, each from the cursor of one seat. Whoever knows the read secret of a seat reads there;
// the server learns nothing else about the reader.

import { type TlsReader, type TlsWriter } from "@nodoor/bytes"
import { hashBytes, limits, signatureBytes } from "../limits.ts"
import { type DeliveryCode, deliveryCodes } from "./codes.ts"
import {
  type SharedAnswer,
  type SharedRequest,
  decodeItems,
  encodeItems,
  itemTypes,
  readCode,
  readCount,
  readLong,
  readSharedAnswer,
  readSharedRequest,
  writeCount,
  writeSharedAnswer,
  writeSharedRequest,
} from "./item.ts"
import { type SeatKeys, readSeatIds, readSeatList, seatBytes, writeSeatKeys } from "./seat.ts"

export const readPath = "/v1/read"

/** Everything about a seat names its subscription by `sub`, a number of the client's choice that this stream has not seen. */
export interface SubscribeItem {
  readonly type: "subscribe"
  readonly sub: number
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  /** 32 bytes. */
  readonly readSecret: Uint8Array
  /** The newest order that the device has safe. */
  readonly after: number
}
/** Everything up to `order` is safe in the device's own store. */
export interface AckItem {
  readonly type: "ack"
  readonly sub: number
  readonly order: number
}
export interface UnsubscribeItem {
  readonly type: "unsubscribe"
  readonly sub: number
}
export type ReadingRequest = SharedRequest | SubscribeItem | AckItem | UnsubscribeItem

/** `head`: the newest order of the group that this seat gets. `acked`: the newest that this seat ever acknowledged. */
export interface SubscribedItem {
  readonly type: "subscribed"
  readonly sub: number
  readonly head: number
  readonly acked: number
  readonly epoch: number
}
/** Nothing more comes for this subscription. */
export interface UnsubscribedItem {
  readonly type: "unsubscribed"
  readonly sub: number
  readonly code: DeliveryCode
}
export interface PostRecord {
  readonly type: "post"
  readonly sub: number
  readonly order: number
  /** Unix time / 3600 s, by the server's clock. */
  readonly hour: number
  readonly body: Uint8Array
}
/** A commit with everything that its committer signed (`commitSignatureInput`), the same for every seat. */
export interface CommitDetails {
  readonly epoch: number
  readonly seat: Uint8Array
  readonly signature: Uint8Array
  readonly adds: readonly SeatKeys[]
  readonly removes: readonly Uint8Array[]
  readonly nextKeyHash: Uint8Array
  readonly infoHash: Uint8Array | undefined
  readonly fanout: Uint8Array
  readonly commit: Uint8Array
}
export interface CommitRecord extends CommitDetails {
  readonly type: "commit"
  readonly sub: number
  readonly order: number
  readonly hour: number
}
/** The commit that added this seat, with the encrypted GroupInfo: the first record that the seat gets. */
export interface JoinRecord extends CommitDetails {
  readonly type: "join"
  readonly sub: number
  readonly order: number
  readonly hour: number
  readonly groupInfo: Uint8Array
}
/** What came after the cursor, up to and including `through`, is gone: too old, or too much. */
export interface GapRecord {
  readonly type: "gap"
  readonly sub: number
  readonly through: number
}
export interface EphemeralItem {
  readonly type: "ephemeral"
  readonly sub: number
  readonly body: Uint8Array
}
/** The reader of another seat asks to be let in again. It has no order, and may come more than once. */
export interface RejoinRequest {
  readonly type: "rejoin"
  readonly sub: number
  /** Who asks. */
  readonly seat: Uint8Array
  readonly epoch: number
  readonly sealed: Uint8Array
}
export type ReadingAnswer =
  | SharedAnswer
  | SubscribedItem
  | UnsubscribedItem
  | PostRecord
  | CommitRecord
  | JoinRecord
  | GapRecord
  | EphemeralItem
  | RejoinRequest

export function encodeReadingRequest(items: readonly ReadingRequest[]): Uint8Array {
  return encodeItems(items, writeRequest)
}

/** @throws CodecError */
export function decodeReadingRequest(frame: Uint8Array): ReadingRequest[] {
  return decodeItems(frame, readRequest)
}

export function encodeReadingAnswer(items: readonly ReadingAnswer[]): Uint8Array {
  return encodeItems(items, writeAnswer)
}

/** @throws CodecError */
export function decodeReadingAnswer(frame: Uint8Array): ReadingAnswer[] {
  return decodeItems(frame, readAnswer)
}

function writeRequest(w: TlsWriter, item: ReadingRequest): void {
  switch (item.type) {
    case "subscribe":
      w.u8(itemTypes.subscribe).u32(item.sub).raw(item.groupId).raw(item.seat).raw(item.readSecret)
      return writeCount(w, item.after)
    case "ack":
      w.u8(itemTypes.ack).u32(item.sub)
      return writeCount(w, item.order)
    case "unsubscribe":
      w.u8(itemTypes.unsubscribe).u32(item.sub)
      return
    default:
      writeSharedRequest(w, item)
  }
}

function readRequest(r: TlsReader, type: number): ReadingRequest | undefined {
  switch (type) {
    case itemTypes.subscribe:
      return {
        type: "subscribe",
        sub: r.u32(),
        groupId: r.raw(limits.groupIdBytes),
        seat: r.raw(seatBytes),
        readSecret: r.raw(hashBytes),
        after: readCount(r),
      }
    case itemTypes.ack:
      return { type: "ack", sub: r.u32(), order: readCount(r) }
    case itemTypes.unsubscribe:
      return { type: "unsubscribe", sub: r.u32() }
    default:
      return readSharedRequest(r, type)
  }
}

function writeAnswer(w: TlsWriter, item: ReadingAnswer): void {
  switch (item.type) {
    case "subscribed":
      w.u8(itemTypes.subscribed).u32(item.sub)
      writeCount(w, item.head)
      writeCount(w, item.acked)
      return writeCount(w, item.epoch)
    case "unsubscribed":
      w.u8(itemTypes.unsubscribed).u32(item.sub).u8(deliveryCodes[item.code])
      return
    case "post":
      w.u8(itemTypes.postRecord)
      writePlace(w, item)
      w.prefixed(4, item.body)
      return
    case "commit":
      w.u8(itemTypes.commitRecord)
      writePlace(w, item)
      return writeDetails(w, item)
    case "join":
      w.u8(itemTypes.joinRecord)
      writePlace(w, item)
      writeDetails(w, item)
      w.prefixed(4, item.groupInfo)
      return
    case "gap":
      w.u8(itemTypes.gapRecord).u32(item.sub)
      return writeCount(w, item.through)
    case "ephemeral":
      w.u8(itemTypes.ephemeral).u32(item.sub).prefixed(4, item.body)
      return
    case "rejoin":
      w.u8(itemTypes.rejoinRequest).u32(item.sub).raw(item.seat)
      writeCount(w, item.epoch)
      w.raw(item.sealed)
      return
    default:
      writeSharedAnswer(w, item)
  }
}

function readAnswer(r: TlsReader, type: number): ReadingAnswer | undefined {
  switch (type) {
    case itemTypes.subscribed:
      return { type: "subscribed", sub: r.u32(), head: readCount(r), acked: readCount(r), epoch: readCount(r) }
    case itemTypes.unsubscribed:
      return { type: "unsubscribed", sub: r.u32(), code: readCode(r) }
    case itemTypes.postRecord:
      return { type: "post", ...readPlace(r), body: readLong(r, limits.postBytes) }
    case itemTypes.commitRecord:
      return { type: "commit", ...readPlace(r), ...readCommitDetails(r) }
    case itemTypes.joinRecord:
      return { type: "join", ...readPlace(r), ...readCommitDetails(r), groupInfo: readLong(r, limits.commitBundleBytes) }
    case itemTypes.gapRecord:
      return { type: "gap", sub: r.u32(), through: readCount(r) }
    case itemTypes.ephemeral:
      return { type: "ephemeral", sub: r.u32(), body: readLong(r, limits.postBytes) }
    case itemTypes.rejoinRequest:
      return { type: "rejoin", sub: r.u32(), seat: r.raw(seatBytes), epoch: readCount(r), sealed: r.raw(limits.rejoinBytes) }
    default:
      return readSharedAnswer(r, type)
  }
}

function writePlace(w: TlsWriter, { sub, order, hour }: { readonly sub: number; readonly order: number; readonly hour: number }): void {
  w.u32(sub)
  writeCount(w, order)
  w.u32(hour)
}

function readPlace(r: TlsReader): { readonly sub: number; readonly order: number; readonly hour: number } {
  return { sub: r.u32(), order: readCount(r), hour: r.u32() }
}

/** As in the record of a commit; also how evidence of one is kept. */
export function writeDetails(w: TlsWriter, details: CommitDetails): void {
  writeCount(w, details.epoch)
  w.raw(details.seat).raw(details.signature)
  w.list(details.adds, writeSeatKeys).list(details.removes, (inner, seat) => inner.raw(seat))
  w.raw(details.nextKeyHash)
    .optional(details.infoHash, (inner, hash) => inner.raw(hash))
    .raw(details.fanout)
    .prefixed(4, details.commit)
}

/** @throws CodecError */
export function readCommitDetails(r: TlsReader): CommitDetails {
  return {
    epoch: readCount(r),
    seat: r.raw(seatBytes),
    signature: r.raw(signatureBytes),
    adds: readSeatList(r),
    removes: readSeatIds(r),
    nextKeyHash: r.raw(hashBytes),
    infoHash: r.optional((inner) => inner.raw(hashBytes)),
    fanout: r.raw(hashBytes),
    commit: readLong(r, limits.commitBundleBytes),
  }
}
