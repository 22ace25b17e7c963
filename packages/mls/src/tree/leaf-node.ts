// Leaf nodes, RFC 9420 §7.2: a client's appearance in a group, signed by it.

import { CodecError, TlsReader, TlsWriter, concat } from "@nodoor/bytes"
import type { Extension, Member } from "../api/api.ts"
import { type Capabilities, readCapabilities, writeCapabilities } from "../codec/capabilities.ts"
import { type Credential, identityOf, readCredential, writeCredential } from "../codec/credential.ts"
import { signWithLabel, vectorPrefixBytes, verifyWithLabel } from "../codec/cryptographic-objects.ts"
import { readExtensions, writeExtensions } from "../codec/extension.ts"
import { maxKeyBytes } from "../codec/limits.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

/** Times in seconds since 1970. */
export interface Lifetime {
  readonly notBeforeS: bigint
  readonly notAfterS: bigint
}

export type LeafNodeSource =
  | { readonly type: "key_package"; readonly lifetime: Lifetime }
  | { readonly type: "update" }
  | { readonly type: "commit"; readonly parentHash: Uint8Array }

export interface LeafNodeContent {
  readonly encryptionKey: Uint8Array
  readonly signatureKey: Uint8Array
  readonly credential: Credential
  readonly capabilities: Capabilities
  readonly source: LeafNodeSource
  readonly extensions: readonly Extension[]
}

export interface LeafNode extends LeafNodeContent {
  readonly signature: Uint8Array
  /** The whole LeafNode as encoded; the fields above are parts of it. */
  readonly encoded: Uint8Array
}

/** Where a leaf of source update or commit stands; its signature covers it. */
export interface LeafPlace {
  readonly groupId: Uint8Array
  readonly leafIndex: number
}

const sources = ["key_package", "update", "commit"] as const

/** The fields that a signature covers, without the place. */
export function writeLeafNodeContent(writer: TlsWriter, leaf: LeafNodeContent): void {
  writer.vector(leaf.encryptionKey).vector(leaf.signatureKey)
  writeCredential(writer, leaf.credential)
  writeCapabilities(writer, leaf.capabilities)
  writer.u8(sources.indexOf(leaf.source.type) + 1)
  if (leaf.source.type === "key_package") writer.u64(leaf.source.lifetime.notBeforeS).u64(leaf.source.lifetime.notAfterS)
  else if (leaf.source.type === "commit") writer.vector(leaf.source.parentHash)
  writeExtensions(writer, leaf.extensions)
}

export function writeLeafNode(writer: TlsWriter, leaf: LeafNode): void {
  writer.raw(leaf.encoded)
}

function readSource(reader: TlsReader): LeafNodeSource {
  const type = sources[reader.u8() - 1]
  switch (type) {
    case "key_package":
      return { type, lifetime: { notBeforeS: reader.u64(), notAfterS: reader.u64() } }
    case "update":
      return { type }
    case "commit":
      return { type, parentHash: reader.vector(maxKeyBytes) }
    default:
      throw new CodecError("invalid_value", "leaf node source")
  }
}

export function readLeafNode(reader: TlsReader): LeafNode {
  const start = reader.offset
  const leaf = {
    encryptionKey: reader.vector(maxKeyBytes),
    signatureKey: reader.vector(maxKeyBytes),
    credential: readCredential(reader),
    capabilities: readCapabilities(reader),
    source: readSource(reader),
    extensions: readExtensions(reader),
    signature: reader.vector(maxKeyBytes),
  }
  return { ...leaf, encoded: reader.since(start) }
}

/** The same leaf in memory of its own, so that keeping it does not keep the message it came in. */
export function detachLeafNode(leaf: LeafNode): LeafNode {
  return readLeafNode(new TlsReader(new Uint8Array(leaf.encoded)))
}

/** LeafNodeTBS: the encoding without its signature, then the place for leaves made inside a group. */
function toBeSigned(content: Uint8Array, source: LeafNodeSource, place: LeafPlace): Uint8Array {
  if (source.type === "key_package") return content
  return concat(content, new TlsWriter().vector(place.groupId).u32(place.leafIndex).finish())
}

/** Signs a leaf. `place` matters only for sources update and commit. */
export function signLeafNode(suite: SuiteCrypto, content: LeafNodeContent, privateKey: Uint8Array, place: LeafPlace): LeafNode {
  const writer = new TlsWriter()
  writeLeafNodeContent(writer, content)
  const encodedContent = writer.finish()
  const signature = signWithLabel(suite, privateKey, "LeafNodeTBS", toBeSigned(encodedContent, content.source, place))
  return readLeafNode(new TlsReader(concat(encodedContent, new TlsWriter().vector(signature).finish())))
}

export function verifyLeafNode(suite: SuiteCrypto, leaf: LeafNode, place: LeafPlace): boolean {
  const contentBytes = leaf.encoded.length - leaf.signature.length - vectorPrefixBytes(leaf.signature.length)
  const content = leaf.encoded.subarray(0, contentBytes)
  return verifyWithLabel(suite, leaf.signatureKey, "LeafNodeTBS", toBeSigned(content, leaf.source, place), leaf.signature)
}

export function memberOf(leafIndex: number, leaf: LeafNode): Member {
  return { leafIndex, identity: identityOf(leaf.credential), signatureKey: leaf.signatureKey }
}
