// Commits and update paths as they travel, RFC 9420 §12.4 and §7.6.

import { CodecError, type TlsReader, type TlsWriter } from "@nodoor/bytes"
import type { HpkeCiphertext } from "./cryptographic-objects.ts"
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts"
import { maxKeyBytes, maxLeaves, maxMessageBytes, maxProposals } from "./limits.ts"
import { type Proposal, readProposal, writeProposal } from "./proposal.ts"

export type ProposalOrRef =
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "reference"; readonly ref: Uint8Array }

export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array
  readonly encryptedPathSecrets: readonly HpkeCiphertext[]
}

export interface UpdatePath {
  readonly leafNode: LeafNode
  readonly nodes: readonly UpdatePathNode[]
}

export interface Commit {
  readonly proposals: readonly ProposalOrRef[]
  readonly path: UpdatePath | undefined
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

export function writeCommit(writer: TlsWriter, commit: Commit): void {
  writer.list(commit.proposals, (inner, item) => {
    if (item.type === "proposal") writeProposal(inner.u8(1), item.proposal)
    else inner.u8(2).vector(item.ref)
  })
  writer.optional(commit.path, writeUpdatePath)
}

export function readCommit(reader: TlsReader): Commit {
  return { proposals: reader.list(readProposalOrRef, maxProposals), path: reader.optional(readUpdatePath) }
}

function readProposalOrRef(reader: TlsReader): ProposalOrRef {
  const type = reader.u8()
  if (type === 1) return { type: "proposal", proposal: readProposal(reader) }
  if (type === 2) return { type: "reference", ref: reader.vector(maxKeyBytes) }
  throw new CodecError("invalid_value", "neither a proposal nor a reference")
}
