// Frames of the stream and answers with records, written byte by byte: the part of a record that all its receivers share is encoded
// once, and only the sequence number differs. The bytes are those that `encodeMessage` gives (RFC 8949 §4.2.1).

import { concat, toUtf8 } from "@nodoor/bytes"
import { type StreamFrame, encodeMessage, limits } from "@nodoor/wire"
import type { StoredRecord } from "../store/store.ts"

/** A record without its sequence number: what comes before and after it. */
export interface RecordParts {
  readonly front: Uint8Array
  readonly back: Uint8Array
}

/** A record ready to be written, with its sequence number. */
export interface ReadyRecord {
  readonly seq: number
  readonly parts: RecordParts
  readonly sizeBytes: number
}

const key = (name: string): Uint8Array => concat(head(3, name.length), toUtf8(name))
const keys = {
  seq: key("seq"),
  body: key("body"),
  kind: key("kind"),
  order: key("order"),
  fanout: key("fanout"),
  timeMs: key("timeMs"),
  groupId: key("groupId"),
  groupInfo: key("groupInfo"),
}
const recordsFrameFront: Uint8Array = concat(Uint8Array.of(0xa2), key("type"), key("records"), key("records"))
const answerFront: Uint8Array = concat(Uint8Array.of(0xa3), key("head"))

export function recordParts(record: StoredRecord): RecordParts {
  if (record.kind === "gap") return { front: concat(Uint8Array.of(0xa2), keys.seq), back: concat(keys.kind, key("gap")) }
  const { fanout, groupInfo } = record
  const fields = 6 + (fanout === undefined ? 0 : 1) + (groupInfo === undefined ? 0 : 1)
  // Keys in bytewise order of their encodings: shorter ones first.
  const back = [keys.body, head(2, record.body.length), record.body, keys.kind, key(record.kind), keys.order, head(0, record.order)]
  if (fanout !== undefined) back.push(keys.fanout, head(2, fanout.length), fanout)
  back.push(keys.timeMs, head(0, record.timeMs), keys.groupId, head(2, record.groupId.length), record.groupId)
  if (groupInfo !== undefined) back.push(keys.groupInfo, head(2, groupInfo.length), groupInfo)
  return { front: concat(Uint8Array.of(0xa0 + fields), keys.seq), back: concat(...back) }
}

export function readyRecord(seq: number, parts: RecordParts): ReadyRecord {
  return { seq, parts, sizeBytes: parts.front.length + parts.back.length + 9 }
}

/** `{type: "records", records}`. */
export function encodeRecordsFrame(records: readonly ReadyRecord[]): Uint8Array {
  return concat(recordsFrameFront, ...recordList(records))
}

/** `{head, acked, records}`: the answer of `/v1/mailbox/read`. */
export function encodeMailboxAnswer(answer: {
  readonly records: readonly StoredRecord[]
  readonly head: number
  readonly acked: number
}): Uint8Array {
  const records = answer.records.map((record) => readyRecord(record.seq, recordParts(record)))
  return concat(answerFront, head(0, answer.head), key("acked"), head(0, answer.acked), key("records"), ...recordList(records))
}

export function encodeFrame(frame: Exclude<StreamFrame, { readonly type: "records" }>): Uint8Array {
  return encodeMessage(frame)
}

/** How many of the records, from the first on, one frame holds: at least one. */
export function fitting(records: readonly ReadyRecord[]): number {
  let sizeBytes = 0
  for (const [at, record] of records.entries()) {
    sizeBytes += record.sizeBytes
    if (at === limits.batchRecords || (at > 0 && sizeBytes > limits.batchBytes)) return at
  }
  return records.length
}

function recordList(records: readonly ReadyRecord[]): Uint8Array[] {
  const parts = [head(4, records.length)]
  for (const record of records) parts.push(record.parts.front, head(0, record.seq), record.parts.back)
  return parts
}

/** Major type and argument of a data item in the shortest form (RFC 8949 §3). */
function head(major: number, value: number): Uint8Array {
  const first = major << 5
  if (value < 24) return Uint8Array.of(first | value)
  if (value < 0x100) return Uint8Array.of(first | 24, value)
  if (value < 0x10000) return Uint8Array.of(first | 25, value >> 8, value & 0xff)
  const out = new Uint8Array(value < 0x1_0000_0000 ? 5 : 9)
  const view = new DataView(out.buffer)
  if (out.length === 5) view.setUint32(1, value)
  else view.setBigUint64(1, BigInt(value))
  out[0] = first | (out.length === 5 ? 26 : 27)
  return out
}
