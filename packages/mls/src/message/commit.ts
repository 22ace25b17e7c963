// Commits as they travel, RFC 9420 §12.4.

import { CodecError, type TlsReader, type TlsWriter } from "@nodoor/bytes"
import { maxKeyBytes, maxProposals } from "../codec/limits.ts"
import { type Proposal, readProposal, writeProposal } from "./proposal.ts"
import { type UpdatePath, readUpdatePath, writeUpdatePath } from "../tree/update-path.ts"

export type ProposalOrRef =
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "reference"; readonly ref: Uint8Array }

export interface Commit {
  readonly proposals: readonly ProposalOrRef[]
  readonly path: UpdatePath | undefined
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
