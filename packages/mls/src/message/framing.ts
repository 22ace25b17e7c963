// Message framing, RFC 9420 §6: what is inside every handshake and application message, and its two outer forms.

import { CodecError, type TlsReader, TlsWriter } from "@nodoor/bytes"
import { type Commit, readCommit, writeCommit } from "./commit.ts"
import { maxKeyBytes, maxMessageBytes, maxOpaqueBytes } from "../codec/limits.ts"
import { type Proposal, readProposal, writeProposal } from "./proposal.ts"

export type Sender =
  | { readonly type: "member"; readonly leafIndex: number }
  | { readonly type: "external"; readonly senderIndex: number }
  | { readonly type: "new_member_proposal" }
  | { readonly type: "new_member_commit" }

const senderTypes = ["member", "external", "new_member_proposal", "new_member_commit"] as const
const contentTypes = ["application", "proposal", "commit"] as const
export type ContentType = (typeof contentTypes)[number]

export type Content =
  | { readonly type: "application"; readonly data: Uint8Array }
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "commit"; readonly commit: Commit }

export interface FramedContent {
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly sender: Sender
  readonly authenticatedData: Uint8Array
  readonly content: Content
  /** `content` as encoded, without its type. */
  readonly body: Uint8Array
}

/** FramedContentAuthData; the tag is there for commits only. */
export interface AuthData {
  readonly signature: Uint8Array
  readonly confirmationTag: Uint8Array | undefined
}

export interface AuthenticatedContent {
  readonly wireFormat: number
  readonly framed: FramedContent
  readonly auth: AuthData
}

export interface PublicMessage {
  readonly framed: FramedContent
  readonly auth: AuthData
  /** For members only. */
  readonly membershipTag: Uint8Array | undefined
}

export interface PrivateMessage {
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly contentType: ContentType
  readonly authenticatedData: Uint8Array
  readonly encryptedSenderData: Uint8Array
  readonly ciphertext: Uint8Array
}

/** Content with its encoding. */
export function encodedContent(content: Content): Pick<FramedContent, "content" | "body"> {
  const writer = new TlsWriter()
  if (content.type === "application") writer.vector(content.data)
  else if (content.type === "proposal") writeProposal(writer, content.proposal)
  else writeCommit(writer, content.commit)
  return { content, body: writer.finish() }
}

export function readContent(reader: TlsReader, type: ContentType): Pick<FramedContent, "content" | "body"> {
  const start = reader.offset
  const content: Content =
    type === "application"
      ? { type, data: reader.vector(maxMessageBytes) }
      : type === "proposal"
        ? { type, proposal: readProposal(reader) }
        : { type, commit: readCommit(reader) }
  return { content, body: reader.since(start) }
}

export function writeContentType(writer: TlsWriter, type: ContentType): TlsWriter {
  return writer.u8(contentTypes.indexOf(type) + 1)
}

function readContentType(reader: TlsReader): ContentType {
  const type = contentTypes[reader.u8() - 1]
  if (type === undefined) throw new CodecError("invalid_value", "content type")
  return type
}

function writeSender(writer: TlsWriter, sender: Sender): void {
  writer.u8(senderTypes.indexOf(sender.type) + 1)
  if (sender.type === "member") writer.u32(sender.leafIndex)
  else if (sender.type === "external") writer.u32(sender.senderIndex)
}

function readSender(reader: TlsReader): Sender {
  const type = senderTypes[reader.u8() - 1]
  switch (type) {
    case "member":
      return { type, leafIndex: reader.u32() }
    case "external":
      return { type, senderIndex: reader.u32() }
    case "new_member_proposal":
    case "new_member_commit":
      return { type }
    default:
      throw new CodecError("invalid_value", "sender type")
  }
}

/** FramedContent as signatures and transcripts cover it. */
export function encodeFramedContent(framed: FramedContent): Uint8Array {
  const writer = new TlsWriter(framed.body.length + 512)
  writeFramedContent(writer, framed)
  return writer.finish()
}

export function writeFramedContent(writer: TlsWriter, framed: FramedContent): void {
  writer.vector(framed.groupId).u64(framed.epoch)
  writeSender(writer, framed.sender)
  writer.vector(framed.authenticatedData)
  writeContentType(writer, framed.content.type).raw(framed.body)
}

export function readFramedContent(reader: TlsReader): FramedContent {
  const groupId = reader.vector(maxOpaqueBytes)
  const epoch = reader.u64()
  const sender = readSender(reader)
  const authenticatedData = reader.vector(maxOpaqueBytes)
  return { groupId, epoch, sender, authenticatedData, ...readContent(reader, readContentType(reader)) }
}

export function writeAuthData(writer: TlsWriter, auth: AuthData): void {
  writer.vector(auth.signature)
  if (auth.confirmationTag !== undefined) writer.vector(auth.confirmationTag)
}

export function readAuthData(reader: TlsReader, type: ContentType): AuthData {
  return { signature: reader.vector(maxKeyBytes), confirmationTag: type === "commit" ? reader.vector(maxKeyBytes) : undefined }
}

export function encodeAuthenticatedContent(content: AuthenticatedContent): Uint8Array {
  const writer = new TlsWriter(content.framed.body.length + 512).u16(content.wireFormat)
  writeFramedContent(writer, content.framed)
  writeAuthData(writer, content.auth)
  return writer.finish()
}

export function readAuthenticatedContent(reader: TlsReader): AuthenticatedContent {
  const wireFormat = reader.u16()
  const framed = readFramedContent(reader)
  return { wireFormat, framed, auth: readAuthData(reader, framed.content.type) }
}

export function writePublicMessage(writer: TlsWriter, message: PublicMessage): void {
  writeFramedContent(writer, message.framed)
  writeAuthData(writer, message.auth)
  if (message.membershipTag !== undefined) writer.vector(message.membershipTag)
}

export function readPublicMessage(reader: TlsReader): PublicMessage {
  const framed = readFramedContent(reader)
  const auth = readAuthData(reader, framed.content.type)
  return { framed, auth, membershipTag: framed.sender.type === "member" ? reader.vector(maxKeyBytes) : undefined }
}

export function writePrivateMessage(writer: TlsWriter, message: PrivateMessage): void {
  writer.vector(message.groupId).u64(message.epoch)
  writeContentType(writer, message.contentType)
  writer.vector(message.authenticatedData).vector(message.encryptedSenderData).vector(message.ciphertext)
}

export function readPrivateMessage(reader: TlsReader): PrivateMessage {
  return {
    groupId: reader.vector(maxOpaqueBytes),
    epoch: reader.u64(),
    contentType: readContentType(reader),
    authenticatedData: reader.vector(maxOpaqueBytes),
    encryptedSenderData: reader.vector(maxKeyBytes),
    ciphertext: reader.vector(maxMessageBytes),
  }
}
