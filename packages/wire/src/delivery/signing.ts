// What is signed and authenticated towards the delivery service.

import { concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import { type SeatKeys, writeSeatKeys } from "./seat.ts"

type Sha256 = (data: Uint8Array) => Uint8Array

const label = (text: string): Uint8Array => toUtf8(`${text}\0`)
const postLabel = label("nodoor/post/v2")
const hmacBlockBytes = 64

/** What a post is. A commit carries the same MAC, over its MLS message. */
export const postFlags = { post: 0, ephemeral: 1, commit: 2 } as const
export type PostFlags = (typeof postFlags)[keyof typeof postFlags]

export interface MacInput {
  /** 32 bytes. */
  readonly groupId: Uint8Array
  readonly epoch: number
  readonly flags: number
  /** SHA-256 of the body, 32 bytes. */
  readonly bodyHash: Uint8Array
}

/** `"nodoor/post/v2" ‖ 0x00 ‖ group_id ‖ epoch as uint64 ‖ flags ‖ SHA-256(body)`, 88 bytes. */
export function postMacInput({ groupId, epoch, flags, bodyHash }: MacInput): Uint8Array {
  return encodeTls((w) => w.raw(postLabel).raw(groupId).u64(BigInt(epoch)).u8(flags).raw(bodyHash))
}

/** HMAC-SHA256 (RFC 2104) under the epoch's delivery key of 32 bytes. 32 bytes. */
export function postMac(sha256: Sha256, deliveryKey: Uint8Array, input: MacInput): Uint8Array {
  const inner = sha256(concat(padded(deliveryKey, 0x36), postMacInput(input)))
  return sha256(concat(padded(deliveryKey, 0x5c), inner))
}

function padded(key: Uint8Array, byte: number): Uint8Array {
  const out = new Uint8Array(hmacBlockBytes).fill(byte)
  for (const [at, value] of key.entries()) out[at] = value ^ byte
  return out
}

export interface CommitStatement {
  readonly groupId: Uint8Array
  /** The epoch that the commit ends. */
  readonly epoch: number
  /** The committer's. */
  readonly seat: Uint8Array
  /** SHA-256 of the MLS message. */
  readonly commitHash: Uint8Array
  /** SHA-256 of the encrypted GroupInfo, if there is one. */
  readonly infoHash: Uint8Array | undefined
  readonly adds: readonly SeatKeys[]
  readonly removes: readonly Uint8Array[]
  /** SHA-256 of the next epoch's delivery key. */
  readonly nextKeyHash: Uint8Array
}

/** What the seat's key signs of a commit. Every member gets it with the commit. */
export function commitSignatureInput(statement: CommitStatement): Uint8Array {
  return encodeTls((w) =>
    w
      .raw(label("nodoor/commit/v2"))
      .raw(statement.groupId)
      .u64(BigInt(statement.epoch))
      .raw(statement.seat)
      .raw(statement.commitHash)
      .optional(statement.infoHash, (writer, hash) => writer.raw(hash))
      .list(statement.adds, writeSeatKeys)
      .list(statement.removes, (writer, seat) => writer.raw(seat))
      .raw(statement.nextKeyHash),
  )
}

/** What the creator's seat key signs of a new group. */
export function createSignatureInput(request: SeatKeys & { readonly groupId: Uint8Array; readonly deliveryKey: Uint8Array }): Uint8Array {
  return encodeTls((w) => writeSeatKeys(w.raw(label("nodoor/create/v2")).raw(request.groupId).raw(request.deliveryKey), request))
}

/** What the old key of a seat signs, to hand the seat to a new one. */
export function rekeySignatureInput(request: SeatKeys & { readonly groupId: Uint8Array; readonly n: number }): Uint8Array {
  return encodeTls((w) => {
    writeSeatKeys(w.raw(label("nodoor/rekey/v1")).raw(request.groupId), request)
    w.u32(request.n)
  })
}

/** What the key of a seat signs when its reader asks to be let in again. `sealedHash`: SHA-256 of what is sealed. */
export function rejoinSignatureInput(request: {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  readonly epoch: number
  readonly sealedHash: Uint8Array
}): Uint8Array {
  return encodeTls((w) =>
    w.raw(label("nodoor/rejoin/v1")).raw(request.groupId).raw(request.seat).u64(BigInt(request.epoch)).raw(request.sealedHash),
  )
}
