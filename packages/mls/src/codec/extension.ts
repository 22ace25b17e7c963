// Extensions (RFC 9420 §7.2, §13.4), and the two this engine reads itself: required_capabilities (§11.1) and external_senders (§12.1.8.1).

import { type TlsReader, TlsWriter, decodeTls } from "@nodoor/bytes"
import type { Extension } from "../api/api.ts"
import { type Credential, readCredential, writeCredential } from "./credential.ts"
import { maxExtensionBytes, maxKeyBytes, maxListItems, maxRatchetTreeBytes } from "./limits.ts"
import { check, decoding } from "./mls-error.ts"

/** IANA "MLS Extension Types" defined in RFC 9420 §17.3. Everybody supports them, so capabilities do not list them (§7.2). */
export const extensionType = {
  applicationId: 1,
  ratchetTree: 2,
  requiredCapabilities: 3,
  externalPub: 4,
  externalSenders: 5,
  /** last_resort of draft-ietf-mls-extensions: empty data, in KeyPackages. */
  lastResort: 0x000a,
} as const

export function isDefaultExtension(type: number): boolean {
  return type >= 1 && type <= 5
}

export function writeExtension(writer: TlsWriter, extension: Extension): void {
  writer.u16(extension.type).vector(extension.data)
}

export function readExtension(reader: TlsReader): Extension {
  const type = reader.u16()
  return { type, data: reader.vector(type === extensionType.ratchetTree ? maxRatchetTreeBytes : maxExtensionBytes) }
}

export function writeExtensions(writer: TlsWriter, extensions: readonly Extension[]): void {
  writer.list(extensions, writeExtension)
}

export function readExtensions(reader: TlsReader): Extension[] {
  return reader.list(readExtension, maxListItems)
}

/** RFC 9420 §13.4: at most one extension of a type. @throws MlsError `duplicate_extension` */
export function checkDistinct(extensions: readonly Extension[]): void {
  const types = new Set(extensions.map((extension) => extension.type))
  check(types.size === extensions.length, "duplicate_extension", "a list of extensions holds one type twice")
}

export function findExtension(extensions: readonly Extension[], type: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.type === type)?.data
}

export interface RequiredCapabilities {
  readonly extensions: readonly number[]
  readonly proposals: readonly number[]
  readonly credentials: readonly number[]
}

export function readTypes(reader: TlsReader): number[] {
  return reader.list((inner) => inner.u16(), maxListItems)
}

export function writeTypes(writer: TlsWriter, types: readonly number[]): void {
  writer.list(types, (inner, type) => inner.u16(type))
}

/** What a group demands of every member, RFC 9420 §11.1; undefined when it demands nothing. */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  const data = findExtension(extensions, extensionType.requiredCapabilities)
  if (data === undefined) return undefined
  return decoding(() =>
    decodeTls(data, (reader) => ({ extensions: readTypes(reader), proposals: readTypes(reader), credentials: readTypes(reader) })),
  )
}

export function encodeRequiredCapabilities(required: RequiredCapabilities): Uint8Array {
  const writer = new TlsWriter()
  writeTypes(writer, required.extensions)
  writeTypes(writer, required.proposals)
  writeTypes(writer, required.credentials)
  return writer.finish()
}

export interface ExternalSender {
  readonly signatureKey: Uint8Array
  readonly credential: Credential
}

/** Who outside the group may propose, RFC 9420 §12.1.8.1. */
export function externalSenders(extensions: readonly Extension[]): readonly ExternalSender[] {
  const data = findExtension(extensions, extensionType.externalSenders)
  if (data === undefined) return []
  const read = (reader: TlsReader): ExternalSender => ({ signatureKey: reader.vector(maxKeyBytes), credential: readCredential(reader) })
  return decoding(() => decodeTls(data, (reader) => reader.list(read, maxListItems)))
}

export function encodeExternalSenders(senders: readonly ExternalSender[]): Uint8Array {
  return new TlsWriter()
    .list(senders, (writer, sender) => {
      writer.vector(sender.signatureKey)
      writeCredential(writer, sender.credential)
    })
    .finish()
}
