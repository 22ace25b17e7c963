// Groups as the server knows them: an id, an epoch, a delivery key and a set of mailboxes.

import { encodeTls } from "@nodoor/bytes"
import * as v from "valibot"
import { hashBytes, idBytes, limits, publicKeyBytes, signatureBytes } from "./limits.ts"
import type { Route } from "./route.ts"
import { boundedBytes, count, fixedBytes, list } from "./schema.ts"

const groupId = fixedBytes(limits.groupIdBytes)
const signature = fixedBytes(signatureBytes)
const token = boundedBytes(limits.claimTokenBytes)

/** Where in the group's one history a body stands. Orders have no gaps and begin at 1; `timeMs` is the server's clock. */
export interface Placed {
  readonly order: number
  readonly timeMs: number
}
const placed = v.strictObject({ order: count, timeMs: count })

export interface CreateGroupRequest {
  readonly groupId: Uint8Array
  /** Ed25519 public key derived from the exporter secret of epoch 0. */
  readonly deliveryKey: Uint8Array
  /** The creator's mailbox (its device id) and the claim token for it. */
  readonly mailbox: Uint8Array
  readonly token: Uint8Array
  readonly signature: Uint8Array
}
/** The same request again answers the same. */
export const createGroup: Route<CreateGroupRequest, Record<string, never>> = {
  path: "/v1/group/create",
  caller: "member",
  request: v.strictObject({ groupId, deliveryKey: fixedBytes(publicKeyBytes), mailbox: fixedBytes(idBytes), token, signature }),
  answer: v.strictObject({}) as never,
  maxRequestBytes: 512,
  maxAnswerBytes: 16,
}

export interface PostRequest {
  readonly groupId: Uint8Array
  readonly epoch: number
  /** An MLS PrivateMessage; the server looks at its size only. */
  readonly body: Uint8Array
  readonly signature: Uint8Array
  /** To connected devices only, never to disk; answered with order 0. */
  readonly ephemeral?: boolean | undefined
}
/** The current and the previous epoch are accepted. The same body again answers the same (idempotent by SHA-256 of the body). */
export const post: Route<PostRequest, Placed> = {
  path: "/v1/group/post",
  caller: "member",
  request: v.strictObject({
    groupId,
    epoch: count,
    body: boundedBytes(limits.postBytes),
    signature,
    ephemeral: v.exactOptional(v.boolean()),
  }),
  answer: placed,
  maxRequestBytes: limits.postBytes + 512,
  maxAnswerBytes: 64,
}

export interface AddedMailbox {
  readonly mailbox: Uint8Array
  readonly token: Uint8Array
  /** This joiner's EncryptedGroupSecrets (RFC 9420 §12.4.3.1). */
  readonly secret: Uint8Array
}
export interface CommitRequest {
  readonly groupId: Uint8Array
  /** The epoch the commit was made in; the group is in the next one afterwards. */
  readonly epoch: number
  readonly commit: Uint8Array
  /** The encrypted GroupInfo all joiners share; present when `adds` is not empty. */
  readonly groupInfo?: Uint8Array | undefined
  readonly adds: readonly AddedMailbox[]
  readonly removes: readonly Uint8Array[]
  readonly nextDeliveryKey: Uint8Array
  /** Ed25519 with the delivery key of `epoch`. */
  readonly signature: Uint8Array
}
/** `fanout` = SHA-256 over the ascending mailboxes that receive the next epoch. The removed ones receive this commit and nothing after it. */
export const commit: Route<CommitRequest, Placed & { readonly fanout: Uint8Array }> = {
  path: "/v1/group/commit",
  caller: "member",
  request: v.strictObject({
    groupId,
    epoch: count,
    commit: boundedBytes(limits.commitBundleBytes),
    groupInfo: v.exactOptional(boundedBytes(limits.commitBundleBytes)),
    adds: list(v.strictObject({ mailbox: fixedBytes(idBytes), token, secret: boundedBytes(8192) }), limits.devicesPerGroup),
    removes: list(fixedBytes(idBytes), limits.devicesPerGroup),
    nextDeliveryKey: fixedBytes(publicKeyBytes),
    signature,
  }),
  answer: v.strictObject({ order: count, timeMs: count, fanout: fixedBytes(hashBytes) }),
  maxRequestBytes: limits.commitBundleBytes,
  maxAnswerBytes: 128,
}

type Sha256 = (data: Uint8Array) => Uint8Array
const ascii = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`)

/** What the delivery key signs of a new group. */
export function createSignatureInput(request: Omit<CreateGroupRequest, "signature">): Uint8Array {
  return encodeTls((w) =>
    w.raw(ascii("nodoor/create/v1")).vector(request.groupId).raw(request.deliveryKey).raw(request.mailbox).vector(request.token),
  )
}

/** What the delivery key signs of a post. */
export function postSignatureInput(sha256: Sha256, request: Omit<PostRequest, "signature">): Uint8Array {
  return encodeTls((w) =>
    w
      .raw(ascii("nodoor/post/v1"))
      .vector(request.groupId)
      .u64(BigInt(request.epoch))
      .u8(request.ephemeral === true ? 1 : 0)
      .raw(sha256(request.body)),
  )
}

/** What the delivery key of the old epoch signs of a commit. */
export function commitSignatureInput(sha256: Sha256, request: Omit<CommitRequest, "signature">): Uint8Array {
  return encodeTls((w) =>
    w
      .raw(ascii("nodoor/commit/v1"))
      .vector(request.groupId)
      .u64(BigInt(request.epoch))
      .raw(sha256(request.commit))
      .optional(request.groupInfo, (writer, groupInfo) => writer.raw(sha256(groupInfo)))
      .list(request.adds, (writer, add) => writer.raw(add.mailbox).vector(add.token).raw(sha256(add.secret)))
      .list(request.removes, (writer, mailbox) => writer.raw(mailbox))
      .raw(request.nextDeliveryKey),
  )
}

/** What a device signs to open a session: `"nodoor/session/v1" ‖ 0x00 ‖ origin ‖ challenge[32] ‖ device_id[16]`. */
export function sessionSignatureInput(input: {
  readonly origin: string
  readonly challenge: Uint8Array
  readonly deviceId: Uint8Array
}): Uint8Array {
  return encodeTls((w) =>
    w.raw(ascii("nodoor/session/v1")).raw(new TextEncoder().encode(input.origin)).raw(input.challenge).raw(input.deviceId),
  )
}
