// Delivery and read receipts: draft-mahy-mimi-message-status, content type `application/mimi-message-status`.

import { CodecError, bytes, decodeCbor, encodeCbor } from "@nodoor/bytes"
import { type MessageId, messageIdBytes } from "./content.ts"

export const statusReportType = "application/mimi-message-status"

/** Status of a message at the reporter. Values above 6 are not defined, and rejected. */
export const messageStatus = { unread: 0, delivered: 1, read: 2, expired: 3, deleted: 4, hidden: 5, error: 6 } as const

export interface StatusEntry {
  readonly messageId: MessageId
  readonly status: number
}

/** A report must fit into a post. A reporter with more entries sends several reports. */
export const maxStatusEntries = 1000

export function encodeStatusReport(entries: readonly StatusEntry[]): Uint8Array {
  return encodeCbor(entries.map(({ messageId, status }) => [messageId, status]))
}

/** @throws CodecError */
export function decodeStatusReport(input: Uint8Array): readonly StatusEntry[] {
  const value = decodeCbor(input, { maxBytes: maxStatusEntries * 40 })
  if (!Array.isArray(value)) throw new CodecError("invalid_value", "status report")
  if (value.length > maxStatusEntries) throw new CodecError("oversized", "status report")
  return value.map((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 2) throw new CodecError("invalid_value", "status entry")
    const [messageId, status] = entry as unknown[]
    if (!(messageId instanceof Uint8Array) || messageId.length !== messageIdBytes) throw new CodecError("invalid_value", "message id")
    if (typeof status !== "number" || !Number.isInteger(status) || status < 0 || status > 6) throw new CodecError("invalid_value", "status")
    return { messageId: bytes<"MessageId">(messageId), status }
  })
}
