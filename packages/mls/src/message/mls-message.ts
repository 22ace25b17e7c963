// The outermost structure, RFC 9420 §6: Received bytes become Parsed here and nowhere else.

import { CodecError, TlsReader, TlsWriter, bytes } from "@nodoor/bytes"
import type { Engine } from "../api/api.ts"
import {
  type PrivateMessage,
  type PublicMessage,
  readPrivateMessage,
  readPublicMessage,
  writePrivateMessage,
  writePublicMessage,
} from "./framing.ts"
import { type GroupInfo, readGroupInfo } from "./group-info.ts"
import { type KeyPackage, readKeyPackage } from "./key-package.ts"
import { maxMessageBytes } from "../codec/limits.ts"
import { MlsError, check, decoding } from "../codec/mls-error.ts"
import { type Welcome, readWelcome } from "./welcome.ts"
import { readHeader, wireFormat, writeHeader } from "../codec/wire-format.ts"

export type MlsMessage =
  | { readonly format: "public"; readonly message: PublicMessage }
  | { readonly format: "private"; readonly message: PrivateMessage }
  | { readonly format: "welcome"; readonly welcome: Welcome }
  | { readonly format: "group_info"; readonly groupInfo: GroupInfo }
  | { readonly format: "key_package"; readonly keyPackage: KeyPackage }

/**
 * Parses a whole message, copying the input, so that nothing later depends on the caller's buffer.
 * @throws MlsError the decoder's codes, `unsupported_version`
 */
export function parseMessage(received: Uint8Array): MlsMessage {
  return decoding(() => {
    check(received.length <= maxMessageBytes, "oversized", "a message")
    const reader = new TlsReader(new Uint8Array(received))
    const message = readMessage(reader)
    reader.end()
    return message
  })
}

function readMessage(reader: TlsReader): MlsMessage {
  const format = readHeader(reader)
  switch (format) {
    case wireFormat.publicMessage:
      return { format: "public", message: readPublicMessage(reader) }
    case wireFormat.privateMessage:
      return { format: "private", message: readPrivateMessage(reader) }
    case wireFormat.welcome:
      return { format: "welcome", welcome: readWelcome(reader) }
    case wireFormat.groupInfo:
      return { format: "group_info", groupInfo: readGroupInfo(reader) }
    case wireFormat.keyPackage:
      return { format: "key_package", keyPackage: readKeyPackage(reader) }
    default:
      throw new CodecError("invalid_value", `wire format ${format}`)
  }
}

export function encodePrivateMessage(message: PrivateMessage): Uint8Array {
  const writer = new TlsWriter(message.ciphertext.length + message.authenticatedData.length + 512)
  writeHeader(writer, wireFormat.privateMessage)
  writePrivateMessage(writer, message)
  return writer.finish()
}

export function encodePublicMessage(message: PublicMessage): Uint8Array {
  const writer = new TlsWriter()
  writeHeader(writer, wireFormat.publicMessage)
  writePublicMessage(writer, message)
  return writer.finish()
}

/** @throws MlsError `wrong_wire_format` for a message that is neither private nor public */
export const peek: Engine["peek"] = (message) => {
  const parsed = parseMessage(message)
  if (parsed.format === "private") {
    const { groupId, epoch, contentType } = parsed.message
    return { groupId: bytes<"GroupId">(groupId), epoch, contentType }
  }
  if (parsed.format === "public") {
    const { groupId, epoch, content } = parsed.message.framed
    return { groupId: bytes<"GroupId">(groupId), epoch, contentType: content.type }
  }
  throw new MlsError("wrong_wire_format", "neither a private nor a public message")
}
