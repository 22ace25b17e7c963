// Update paths as they travel, RFC 9420 §7.6.

import type { TlsReader, TlsWriter } from "@nodoor/bytes"
import type { HpkeCiphertext } from "../codec/cryptographic-objects.ts"
import { maxKeyBytes, maxLeaves, maxMessageBytes } from "../codec/limits.ts"
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts"

export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array
  readonly encryptedPathSecrets: readonly HpkeCiphertext[]
}

export interface UpdatePath {
  readonly leafNode: LeafNode
  readonly nodes: readonly UpdatePathNode[]
}

export function writeHpkeCiphertext(writer: TlsWriter, sealed: HpkeCiphertext): void {
  writer.vector(sealed.kemOutput).vector(sealed.ciphertext)
}

export function readHpkeCiphertext(reader: TlsReader): HpkeCiphertext {
  return { kemOutput: reader.vector(maxKeyBytes), ciphertext: reader.vector(maxMessageBytes) }
}

export function writeUpdatePath(writer: TlsWriter, path: UpdatePath): void {
  writeLeafNode(writer, path.leafNode)
  writer.list(path.nodes, (inner, node) => inner.vector(node.encryptionKey).list(node.encryptedPathSecrets, writeHpkeCiphertext))
}

export function readUpdatePath(reader: TlsReader): UpdatePath {
  const readNode = (inner: TlsReader): UpdatePathNode => ({
    encryptionKey: inner.vector(maxKeyBytes),
    encryptedPathSecrets: inner.list(readHpkeCiphertext, maxLeaves),
  })
  return { leafNode: readLeafNode(reader), nodes: reader.list(readNode, 32) }
}
