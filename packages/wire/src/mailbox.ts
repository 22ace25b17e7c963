// A device's mailbox: records with sequence numbers without gaps, read from a cursor, acknowledged when they are safe.

import * as v from "valibot"
import { hashBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { type Schema, boundedBytes, count, fixedBytes, list } from "./schema.ts"

/**
 * One record. `post`: body is an MLS PrivateMessage. `commit`: body is the commit, `fanout` the hash of the delivery set it left.
 * `welcome`: body is this device's EncryptedGroupSecrets, `groupInfo` the shared encrypted GroupInfo, `order` that of its commit.
 * `gap`: the records from the last sequence number to this one were not acknowledged in time and are gone.
 */
export type MailboxRecord =
  | {
      readonly kind: "post"
      readonly seq: number
      readonly groupId: Uint8Array
      readonly order: number
      readonly timeMs: number
      readonly body: Uint8Array
    }
  | {
      readonly kind: "commit"
      readonly seq: number
      readonly groupId: Uint8Array
      readonly order: number
      readonly timeMs: number
      readonly body: Uint8Array
      readonly fanout: Uint8Array
    }
  | {
      readonly kind: "welcome"
      readonly seq: number
      readonly groupId: Uint8Array
      readonly order: number
      readonly timeMs: number
      readonly body: Uint8Array
      readonly groupInfo: Uint8Array
      readonly fanout: Uint8Array
    }
  | { readonly kind: "gap"; readonly seq: number }

const groupId = fixedBytes(limits.groupIdBytes)
const placed = { seq: count, groupId, order: count, timeMs: count, body: boundedBytes(limits.commitBundleBytes) }
export const mailboxRecord: Schema<MailboxRecord> = v.variant("kind", [
  v.strictObject({ kind: v.literal("post"), ...placed }),
  v.strictObject({ kind: v.literal("commit"), ...placed, fanout: fixedBytes(hashBytes) }),
  v.strictObject({
    kind: v.literal("welcome"),
    ...placed,
    groupInfo: boundedBytes(limits.commitBundleBytes),
    fanout: fixedBytes(hashBytes),
  }),
  v.strictObject({ kind: v.literal("gap"), seq: count }),
])

/** Room for one largest record besides a full batch. */
const batchAnswerBytes: number = limits.batchBytes + 2 * limits.commitBundleBytes

/**
 * Records after `after`, at most `max`. `head` is the sequence number of the newest record ever placed in this mailbox, `acked` of the newest
 * that the device ever said it has safe: a store whose cursor is lower is an older copy of the one that said so.
 */
export const readMailbox: Route<
  { readonly after: number; readonly max: number },
  { readonly records: readonly MailboxRecord[]; readonly head: number; readonly acked: number }
> = {
  path: "/v1/mailbox/read",
  caller: "device",
  request: v.strictObject({ after: count, max: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.batchRecords)) }),
  answer: v.strictObject({ records: list(mailboxRecord, limits.batchRecords), head: count, acked: count }),
  maxRequestBytes: 64,
  maxAnswerBytes: batchAnswerBytes,
}

/** Everything up to and including `seq` is safe in the device's own store: the server deletes it at once. */
export const ackMailbox: Route<{ readonly seq: number }, Record<string, never>> = {
  path: "/v1/mailbox/ack",
  caller: "device",
  request: v.strictObject({ seq: count }),
  answer: v.strictObject({}) as never,
  maxRequestBytes: 32,
  maxAnswerBytes: 16,
}

/** The WebSocket at `streamPath`: binary frames, each one CBOR message of these types. The first frame of a client is `open`. */
export const streamPath = "/v1/stream"
export type StreamRequest =
  | { readonly type: "open"; readonly token: Uint8Array; readonly after: number }
  | { readonly type: "ack"; readonly seq: number }
  | { readonly type: "ping" }
export type StreamFrame =
  /** `head` and `acked` as in `readMailbox`. */
  | { readonly type: "opened"; readonly head: number; readonly acked: number }
  | { readonly type: "records"; readonly records: readonly MailboxRecord[] }
  | { readonly type: "ephemeral"; readonly groupId: Uint8Array; readonly body: Uint8Array }
  | { readonly type: "pong" }
  /** The last frame before the server closes. */
  | { readonly type: "closed"; readonly code: string; readonly message: string }

export const streamRequest: Schema<StreamRequest> = v.variant("type", [
  v.strictObject({ type: v.literal("open"), token: fixedBytes(32), after: count }),
  v.strictObject({ type: v.literal("ack"), seq: count }),
  v.strictObject({ type: v.literal("ping") }),
])
export const streamFrame: Schema<StreamFrame> = v.variant("type", [
  v.strictObject({ type: v.literal("opened"), head: count, acked: count }),
  v.strictObject({ type: v.literal("records"), records: list(mailboxRecord, limits.batchRecords) }),
  v.strictObject({ type: v.literal("ephemeral"), groupId, body: boundedBytes(limits.postBytes) }),
  v.strictObject({ type: v.literal("pong") }),
  v.strictObject({ type: v.literal("closed"), code: v.string(), message: v.string() }),
])
export const streamFrameBytes: number = batchAnswerBytes
