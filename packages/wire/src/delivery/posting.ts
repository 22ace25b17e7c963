// The posting stream, `/v1/post`: what members of groups send. It never carries a session: the server learns "a member", and of commits
// which seat.

import { CodecError, type TlsReader, type TlsWriter } from "@nodoor/bytes"
import { hashBytes, limits, publicKeyBytes, signatureBytes } from "../limits.ts"
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
import { type SeatKeys, readSeatIds, readSeatKeys, readSeatList, seatBytes, writeSeatKeys } from "./seat.ts"
import { postFlags } from "./signing.ts"

export const postPath = "/v1/post"

/** Answers name the item by `ref`, a number of the client's choice. */
export interface PostItem {
  readonly type: "post"
  readonly ref: number
  readonly groupId: Uint8Array
  /** The group's present epoch or the one before it. */
  readonly epoch: number
  /** `ephemeral`: to connected seats only, never to disk; its order is 0. */
  readonly flags: typeof postFlags.post | typeof postFlags.ephemeral
  /** `postMac`, 32 bytes. */
  readonly mac: Uint8Array
  /** An MLS PrivateMessage, or an ephemeral seal: 1 to 262,144 bytes. The server looks at its size only. */
  readonly body: Uint8Array
}
/** One compare-and-swap on the epoch. The same commit again answers the same; adding a seat that is there, or removing one that is gone, is no error. */
export interface CommitItem {
  readonly type: "commit"
  readonly ref: number
  readonly groupId: Uint8Array
  /** The epoch in which the commit was made; the group is in the next one afterwards. */
  readonly epoch: number
  /** `postMac` with the flag `commit`. */
  readonly mac: Uint8Array
  /** The committer's seat. */
  readonly seat: Uint8Array
  /** Over `commitSignatureInput`, by the seat's key. */
  readonly signature: Uint8Array
  readonly nextDeliveryKey: Uint8Array
  readonly adds: readonly SeatKeys[]
  readonly removes: readonly Uint8Array[]
  /** An MLS PrivateMessage. */
  readonly commit: Uint8Array
  /** The encrypted GroupInfo that all joiners share; if and only if `adds` is not empty. */
  readonly groupInfo?: Uint8Array | undefined
}
/** The same request again answers the same. */
export interface CreateItem extends SeatKeys {
  readonly type: "create"
  readonly ref: number
  readonly groupId: Uint8Array
  /** Of epoch 0, 32 bytes. */
  readonly deliveryKey: Uint8Array
  /** Over `createSignatureInput`, by the seat's key. */
  readonly signature: Uint8Array
}
/** The seat gets a new key and a new read secret. `n` rises with each: an old one cannot be repeated. */
export interface RekeyItem extends SeatKeys {
  readonly type: "rekey"
  readonly ref: number
  readonly groupId: Uint8Array
  readonly n: number
  /** Over `rekeySignatureInput`, by the seat's old key. */
  readonly signature: Uint8Array
}
/**
 * The reader of a seat asks to be let in again. It stands outside the order, one for each seat, the newest, until the seat ends or for the retention.
 * The same request again answers the same.
 */
export interface RejoinItem {
  readonly type: "rejoin"
  readonly ref: number
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  /** Of the key under which it is sealed; not after the group's. */
  readonly epoch: number
  /** Over `rejoinSignatureInput`, by the seat's key. */
  readonly signature: Uint8Array
  /** `limits.rejoinBytes`. Only the group's members can open it. */
  readonly sealed: Uint8Array
}
export type PostingRequest = SharedRequest | PostItem | CommitItem | CreateItem | RekeyItem | RejoinItem

/** Answers come after the disk has it. `hour` is Unix time / 3600 s. */
export interface PlacedItem {
  readonly type: "placed"
  readonly ref: number
  /** Orders of a group begin at 1 and have no gaps. */
  readonly order: number
  readonly hour: number
}
export interface CommittedItem {
  readonly type: "committed"
  readonly ref: number
  readonly order: number
  readonly hour: number
  /** `fanoutOf` the seats of the next epoch. */
  readonly fanout: Uint8Array
}
export interface RefusedItem {
  readonly type: "refused"
  readonly ref: number
  readonly code: DeliveryCode
  /** The group's, with `epoch_stale` and `epoch_future`; else 0. */
  readonly epoch: number
  /** 0: not said. */
  readonly retryAfterMs: number
}
export interface DoneItem {
  readonly type: "done"
  readonly ref: number
}
export type PostingAnswer = SharedAnswer | PlacedItem | CommittedItem | RefusedItem | DoneItem

export function encodePostingRequest(items: readonly PostingRequest[]): Uint8Array {
  return encodeItems(items, writeRequest)
}

/** @throws CodecError */
export function decodePostingRequest(frame: Uint8Array): PostingRequest[] {
  return decodeItems(frame, readRequest)
}

export function encodePostingAnswer(items: readonly PostingAnswer[]): Uint8Array {
  return encodeItems(items, writeAnswer)
}

/** @throws CodecError */
export function decodePostingAnswer(frame: Uint8Array): PostingAnswer[] {
  return decodeItems(frame, readAnswer)
}

function writeRequest(w: TlsWriter, item: PostingRequest): void {
  switch (item.type) {
    case "open":
    case "ping":
      return writeSharedRequest(w, item)
    case "post":
      w.u8(itemTypes.post).u32(item.ref).raw(item.groupId)
      writeCount(w, item.epoch)
      w.u8(item.flags).raw(item.mac).prefixed(4, item.body)
      return
    case "commit":
      w.u8(itemTypes.commit).u32(item.ref)
      return writeCommit(w, item)
    case "create":
      w.u8(itemTypes.create).u32(item.ref).raw(item.groupId).raw(item.deliveryKey)
      writeSeatKeys(w, item)
      w.raw(item.signature)
      return
    case "rekey":
      w.u8(itemTypes.rekey).u32(item.ref).raw(item.groupId)
      writeSeatKeys(w, item)
      w.u32(item.n).raw(item.signature)
      return
    case "rejoin":
      w.u8(itemTypes.rejoin).u32(item.ref).raw(item.groupId).raw(item.seat)
      writeCount(w, item.epoch)
      w.raw(item.signature).raw(item.sealed)
  }
}

function writeCommit(w: TlsWriter, item: CommitItem): void {
  w.raw(item.groupId)
  writeCount(w, item.epoch)
  w.raw(item.mac).raw(item.seat).raw(item.signature).raw(item.nextDeliveryKey)
  w.list(item.adds, writeSeatKeys).list(item.removes, (inner, seat) => inner.raw(seat))
  w.prefixed(4, item.commit).optional(item.groupInfo, (inner, info) => inner.prefixed(4, info))
}

function readRequest(r: TlsReader, type: number): PostingRequest | undefined {
  switch (type) {
    case itemTypes.post:
      return readPost(r)
    case itemTypes.commit:
      return readCommit(r)
    case itemTypes.create:
      return {
        type: "create",
        ref: r.u32(),
        groupId: r.raw(limits.groupIdBytes),
        deliveryKey: r.raw(hashBytes),
        ...readSeatKeys(r),
        signature: r.raw(signatureBytes),
      }
    case itemTypes.rekey:
      return {
        type: "rekey",
        ref: r.u32(),
        groupId: r.raw(limits.groupIdBytes),
        ...readSeatKeys(r),
        n: r.u32(),
        signature: r.raw(signatureBytes),
      }
    case itemTypes.rejoin:
      return {
        type: "rejoin",
        ref: r.u32(),
        groupId: r.raw(limits.groupIdBytes),
        seat: r.raw(seatBytes),
        epoch: readCount(r),
        signature: r.raw(signatureBytes),
        sealed: r.raw(limits.rejoinBytes),
      }
    default:
      return readSharedRequest(r, type)
  }
}

function readPost(r: TlsReader): PostItem {
  const [ref, groupId, epoch, flags, mac] = [r.u32(), r.raw(limits.groupIdBytes), readCount(r), r.u8(), r.raw(hashBytes)]
  if (flags !== postFlags.post && flags !== postFlags.ephemeral) throw new CodecError("invalid_value", "flags of a post")
  const body = readLong(r, limits.postBytes)
  if (body.length === 0) throw new CodecError("invalid_value", "an empty body")
  return { type: "post", ref, groupId, epoch, flags, mac, body }
}

function readCommit(r: TlsReader): CommitItem {
  const [ref, groupId, epoch] = [r.u32(), r.raw(limits.groupIdBytes), readCount(r)]
  const [mac, seat, signature, nextDeliveryKey] = [r.raw(hashBytes), r.raw(seatBytes), r.raw(signatureBytes), r.raw(publicKeyBytes)]
  const [adds, removes] = [readSeatList(r), readSeatIds(r)]
  const commit = readLong(r, limits.commitBundleBytes)
  const groupInfo = r.optional((inner) => readLong(inner, limits.commitBundleBytes))
  if (commit.length === 0) throw new CodecError("invalid_value", "an empty commit")
  if ((groupInfo !== undefined) !== adds.length > 0)
    throw new CodecError("invalid_value", "a GroupInfo is required with adds, and not allowed without")
  return { type: "commit", ref, groupId, epoch, mac, seat, signature, nextDeliveryKey, adds, removes, commit, groupInfo }
}

function writeAnswer(w: TlsWriter, item: PostingAnswer): void {
  switch (item.type) {
    case "placed":
      w.u8(itemTypes.placed).u32(item.ref)
      writeCount(w, item.order)
      w.u32(item.hour)
      return
    case "committed":
      w.u8(itemTypes.committed).u32(item.ref)
      writeCount(w, item.order)
      w.u32(item.hour).raw(item.fanout)
      return
    case "refused":
      w.u8(itemTypes.refused).u32(item.ref).u8(deliveryCodes[item.code])
      writeCount(w, item.epoch)
      w.u32(item.retryAfterMs)
      return
    case "done":
      w.u8(itemTypes.done).u32(item.ref)
      return
    default:
      writeSharedAnswer(w, item)
  }
}

function readAnswer(r: TlsReader, type: number): PostingAnswer | undefined {
  switch (type) {
    case itemTypes.placed:
      return { type: "placed", ref: r.u32(), order: readCount(r), hour: r.u32() }
    case itemTypes.committed:
      return { type: "committed", ref: r.u32(), order: readCount(r), hour: r.u32(), fanout: r.raw(hashBytes) }
    case itemTypes.refused:
      return { type: "refused", ref: r.u32(), code: readCode(r), epoch: readCount(r), retryAfterMs: r.u32() }
    case itemTypes.done:
      return { type: "done", ref: r.u32() }
    default:
      return readSharedAnswer(r, type)
  }
}
