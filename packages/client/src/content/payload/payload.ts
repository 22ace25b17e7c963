// The payload of an MLS application message: MIMI content, with URIs and a message id that are bound to the authenticated sender and group.

import { type CborValue, CodecError, toHex } from "@nodoor/bytes"
import { type ExtensionName, type MessageId, type MimiContent, type NestedPart, decodeMimi, encodeMimi } from "../mimi/content.ts"
import type { Seen } from "../../core/seen.ts"
import { messageIdOf } from "../mimi/message-id.ts"

/** Our private-use extensions (draft-ietf-mimi-content-08 §4.1: text names). */
export const extensionNames = {
  /** [order, chain]: how much of the group's history the sender had seen. */
  seen: "nodoor/seen",
  /** A signed checkpoint of the key log, as the sender received it (docs/transparency.md, "Gossip"). */
  logNote: "nodoor/log-note",
  /** When it was written, in Unix milliseconds by the sender's clock. */
  sent: "nodoor/sent",
  /** true: somebody wrote it elsewhere, and the sender passes it on. Nothing says who, or where. */
  forwarded: "nodoor/forwarded",
} as const

export interface Author {
  readonly origin: string
  readonly accountId: Uint8Array
  readonly groupId: Uint8Array
}

/** Who sent it, and where. `formerGroupIds`: of the groups that the group goes on from. What was written for one of them is sent as it is. */
export interface Sender extends Author {
  readonly formerGroupIds?: readonly Uint8Array[]
}

export interface Draft {
  /** 16 bytes: the id that its sender gives the message (docs/protocol.md, "Payload"). */
  readonly salt: Uint8Array
  readonly body: NestedPart
  readonly replaces?: MessageId | undefined
  readonly inReplyTo?: MessageId | undefined
  readonly seen: Seen | undefined
  /** As `gossipNote` makes it. */
  readonly logNote?: Uint8Array | undefined
  readonly sentMs?: number | undefined
  readonly forwarded?: boolean | undefined
}

export interface Payload {
  readonly messageId: MessageId
  /** The group that it was written for. */
  readonly groupId: Uint8Array
  readonly content: MimiContent
  readonly seen: Seen | undefined
  /** Chosen by the sender, and empty if it was not bytes. It counts only with a valid signature of the log. */
  readonly logNote: Uint8Array | undefined
  /** By the sender's clock, and not verified. */
  readonly sentMs: number | undefined
  readonly forwarded: boolean
}

type Sha256 = (data: Uint8Array) => Uint8Array

export function encodePayload(
  sha256: Sha256,
  author: Author,
  draft: Draft,
): { readonly encoded: Uint8Array; readonly messageId: MessageId } {
  const uris = urisOf(author)
  const extensions = new Map<ExtensionName, CborValue>([
    [1, uris.senderUri],
    [2, uris.roomUri],
  ])
  if (draft.logNote) extensions.set(extensionNames.logNote, draft.logNote)
  if (draft.seen) extensions.set(extensionNames.seen, [draft.seen.order, draft.seen.chain])
  if (draft.forwarded) extensions.set(extensionNames.forwarded, true)
  if (draft.sentMs !== undefined) extensions.set(extensionNames.sent, draft.sentMs)
  const content: MimiContent = {
    salt: draft.salt,
    replaces: draft.replaces,
    topicId: new Uint8Array(),
    expires: undefined,
    inReplyTo: draft.inReplyTo,
    extensions,
    body: draft.body,
  }
  const encoded = encodeMimi(content)
  return { encoded, messageId: messageIdOf(sha256, { ...uris, content: encoded, salt: draft.salt }) }
}

/** @throws CodecError also when the content names another sender or room than MLS authenticated (draft-ietf-mimi-content-08 §4.1) */
export function decodePayload(sha256: Sha256, { formerGroupIds = [], ...author }: Sender, encoded: Uint8Array): Payload {
  const content = decodeMimi(encoded)
  const groupId = [author.groupId, ...formerGroupIds].find((id) => content.extensions.get(2) === urisOf({ ...author, groupId: id }).roomUri)
  if (!groupId) throw new CodecError("invalid_value", "roomUri is not the group")
  const uris = urisOf({ ...author, groupId })
  if (content.extensions.get(1) !== uris.senderUri) throw new CodecError("invalid_value", "senderUri is not the sender")
  return {
    groupId,
    messageId: messageIdOf(sha256, { ...uris, content: encoded, salt: content.salt }),
    content,
    seen: decodeSeen(content.extensions.get(extensionNames.seen)),
    logNote: bytesOf(content.extensions.get(extensionNames.logNote)),
    sentMs: decodeSent(content.extensions.get(extensionNames.sent)),
    forwarded: decodeForwarded(content.extensions.get(extensionNames.forwarded)),
  }
}

function urisOf({ origin, accountId, groupId }: Author): { readonly senderUri: string; readonly roomUri: string } {
  return { senderUri: `mimi://${origin}/u/${toHex(accountId)}`, roomUri: `mimi://${origin}/r/${toHex(groupId)}` }
}

/** Gossip that cannot be read does not make the message unreadable. */
function bytesOf(value: CborValue | undefined): Uint8Array | undefined {
  return value === undefined || value instanceof Uint8Array ? value : new Uint8Array()
}

function decodeSent(value: CborValue | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new CodecError("invalid_value", "sent")
  return value
}

function decodeForwarded(value: CborValue | undefined): boolean {
  if (value === undefined) return false
  if (value !== true) throw new CodecError("invalid_value", "forwarded")
  return true
}

function decodeSeen(value: CborValue | undefined): Seen | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length !== 2) throw new CodecError("invalid_value", "seen")
  const [order, chain] = value as unknown[]
  if (typeof order !== "number" || !Number.isSafeInteger(order) || order < 0) throw new CodecError("invalid_value", "seen order")
  if (!(chain instanceof Uint8Array) || chain.length !== 32) throw new CodecError("invalid_value", "seen chain")
  return { order, chain }
}
