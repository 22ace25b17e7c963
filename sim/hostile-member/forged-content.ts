// MIMI content as a client with changed code would write it: every field as it likes, true unless said otherwise
// (draft-ietf-mimi-content-08; docs/protocol.md, "Content").

import { type CborValue, concat, encodeCbor, encodeTls, toHex, toUtf8 } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import { origin } from "../../drill/adversary/adversary-server.ts"

/** A part of a message as CBOR: disposition, language, cardinality, content type, content. */
export type Part = readonly CborValue[]

export interface ForgedContent {
  readonly part: Part
  /** Account that the content says it is from. */
  readonly accountId: Uint8Array
  /** Group that the content says it is for. */
  readonly groupId: Uint8Array
  /** The id that the sender gives the message; random without it. */
  readonly salt?: Uint8Array | undefined
  readonly replaces?: Uint8Array | undefined
  readonly inReplyTo?: Uint8Array | undefined
  /** Further extensions: `nodoor/seen`, `nodoor/log-note`. */
  readonly extensions?: Readonly<Record<string, CborValue>>
}

export const markdown = (text: string): Part => [1, "", 1, "text/markdown;variant=GFM-MIMI", toUtf8(text)]
export const reaction = (emoji: string): Part => [2, "", 1, "text/plain;charset=utf-8", toUtf8(emoji)]
export const nothing = (disposition: 1 | 2): Part => [disposition, "", 0]
export const profile = (name: string): Part => [0, "", 1, "application/vnd.nodoor.profile", encodeCbor({ name })]
export const receipts = (entries: readonly (readonly [messageId: Uint8Array, status: number])[]): Part => [
  0,
  "",
  1,
  "application/mimi-message-status",
  encodeCbor(entries.map(([messageId, status]) => [messageId, status])),
]

/** The content as it is encrypted, and the id that every receiver computes for it. */
export function forgeContent(content: ForgedContent): { readonly plaintext: Uint8Array; readonly messageId: Uint8Array } {
  const salt = content.salt ?? nodeProvider.random(16)
  const senderUri = `mimi://${origin}/u/${toHex(content.accountId)}`
  const roomUri = `mimi://${origin}/r/${toHex(content.groupId)}`
  const extensions = new Map<string | number, CborValue>([[1, senderUri], [2, roomUri], ...Object.entries(content.extensions ?? {})])
  const encoded = encodeCbor([
    salt,
    content.replaces ?? null,
    new Uint8Array(),
    null,
    content.inReplyTo ?? null,
    extensions,
    content.part as CborValue,
  ])
  const uris = encodeTls((w) => w.prefixed(2, toUtf8(senderUri)).prefixed(2, toUtf8(roomUri)))
  const messageId = concat(Uint8Array.of(1), nodeProvider.sha256(concat(uris, encoded, salt)).subarray(0, 31))
  return { plaintext: padded(encoded), messageId }
}

/** The content behind its length, and zeros up to the Padmé size. */
export function padded(content: Uint8Array): Uint8Array {
  const framed = encodeTls((w) => w.vector(content))
  const exponent = Math.floor(Math.log2(framed.length))
  const step = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
  const sizeBytes = Math.max(256, Math.ceil(framed.length / step) * step)
  return concat(framed, new Uint8Array(sizeBytes - framed.length))
}

/** What was written before somebody came, as the sender tells it: message, author, time and text of each. */
export const sharedHistory = (
  to: readonly Uint8Array[],
  told: readonly (readonly [messageId: Uint8Array, accountId: Uint8Array, timeMs: number, text: string])[],
  count: number = told.length,
): Part => [1, "", 1, "application/vnd.nodoor.shared-history", encodeCbor([to, count, told])]
