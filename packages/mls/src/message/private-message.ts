// Encrypted messages, RFC 9420 §6.3.

import { TlsReader, TlsWriter } from "@nodoor/bytes"
import { expandWithLabel, vectorPrefixBytes } from "../codec/cryptographic-objects.ts"
import {
  type AuthData,
  type AuthenticatedContent,
  type PrivateMessage,
  readAuthData,
  readContent,
  writeAuthData,
  writeContentType,
} from "./framing.ts"
import { MlsError, check, decoding } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import type { MessageKey } from "../secrets/secret-tree.ts"
import { wireFormat } from "../codec/wire-format.ts"

export interface SenderData {
  readonly leafIndex: number
  readonly generation: number
  /** 4 bytes. */
  readonly reuseGuard: Uint8Array
}

export interface Sealing {
  readonly senderDataSecret: Uint8Array
  readonly key: MessageKey
  readonly senderData: SenderData
  readonly paddingBytes: number
}

/** RFC 9420 §6.3.1 and §6.3.2: seals signed content. */
export function sealContent(suite: SuiteCrypto, signed: AuthenticatedContent, sealing: Sealing): PrivateMessage {
  const { framed, auth } = signed
  const header = {
    groupId: framed.groupId,
    epoch: framed.epoch,
    contentType: framed.content.type,
    authenticatedData: framed.authenticatedData,
  }
  const nonce = guarded(sealing.key.nonce, sealing.senderData.reuseGuard)
  const aad = contentAad(header)
  const ciphertext = privateContent(framed.body, auth, sealing.paddingBytes).lend((content) =>
    suite.seal(sealing.key.key, nonce, aad, content),
  )
  const { leafIndex, generation, reuseGuard } = sealing.senderData
  const senderData = new TlsWriter().u32(leafIndex).u32(generation).raw(reuseGuard).finish()
  const keys = senderDataKeys(suite, sealing.senderDataSecret, ciphertext)
  return { ...header, encryptedSenderData: suite.seal(keys.key, keys.nonce, senderDataAad(aad, header), senderData), ciphertext }
}

/** PrivateMessageContent, RFC 9420 §6.3.1. */
function privateContent(body: Uint8Array, auth: AuthData, paddingBytes: number): TlsWriter {
  const writer = new TlsWriter(body.length + paddingBytes + 256).raw(body)
  writeAuthData(writer, auth)
  return paddingBytes > 0 ? writer.raw(new Uint8Array(paddingBytes)) : writer
}

/** Who sent a message, and with which key. @throws MlsError `sender_data` when it does not open or is not SenderData */
export function openSenderData(suite: SuiteCrypto, senderDataSecret: Uint8Array, message: PrivateMessage): SenderData {
  const keys = senderDataKeys(suite, senderDataSecret, message.ciphertext)
  const opened = suite.open(keys.key, keys.nonce, senderDataAad(contentAad(message), message), message.encryptedSenderData)
  if (opened === undefined || opened.length !== 12) throw new MlsError("sender_data", "the sender data does not open")
  const reader = new TlsReader(opened)
  return { leafIndex: reader.u32(), generation: reader.u32(), reuseGuard: reader.raw(4) }
}

/** Opens the content; its signature is still to be verified. @throws MlsError `decryption_failed`, `nonzero_padding`, decoder codes */
export function openContent(suite: SuiteCrypto, message: PrivateMessage, senderData: SenderData, key: MessageKey): AuthenticatedContent {
  const opened = suite.open(key.key, guarded(key.nonce, senderData.reuseGuard), contentAad(message), message.ciphertext)
  if (opened === undefined) throw new MlsError("decryption_failed", "the content does not open")
  return decoding(() => {
    const reader = new TlsReader(opened)
    const content = readContent(reader, message.contentType)
    const auth = readAuthData(reader, message.contentType)
    // RFC 9420 §6.3.1: "A receiver MUST verify that there are no non-zero bytes in the padding field"
    let padding = 0
    for (const byte of reader.raw(reader.remainingBytes)) padding |= byte
    check(padding === 0, "nonzero_padding", "padding that is not zero")
    const { groupId, epoch, authenticatedData } = message
    const framed = { groupId, epoch, sender: { type: "member", leafIndex: senderData.leafIndex } as const, authenticatedData, ...content }
    return { wireFormat: wireFormat.privateMessage, framed, auth }
  })
}

type Header = Pick<PrivateMessage, "groupId" | "epoch" | "contentType" | "authenticatedData">

function contentAad(header: Header): Uint8Array {
  return writeContentType(new TlsWriter().vector(header.groupId).u64(header.epoch), header.contentType)
    .vector(header.authenticatedData)
    .finish()
}

/** SenderDataAAD, RFC 9420 §6.3.2: the content's AAD without its last field. */
function senderDataAad(aad: Uint8Array, { authenticatedData }: Header): Uint8Array {
  return aad.subarray(0, aad.length - vectorPrefixBytes(authenticatedData.length) - authenticatedData.length)
}

export function senderDataKeys(suite: SuiteCrypto, senderDataSecret: Uint8Array, ciphertext: Uint8Array): MessageKey {
  const sample = ciphertext.subarray(0, suite.hashBytes)
  return {
    key: expandWithLabel(suite, senderDataSecret, "key", sample, suite.keyBytes),
    nonce: expandWithLabel(suite, senderDataSecret, "nonce", sample, suite.nonceBytes),
  }
}

function guarded(nonce: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  const out = new Uint8Array(nonce)
  for (let i = 0; i < 4; i++) out[i] = (out[i] as number) ^ (reuseGuard[i] as number)
  return out
}
