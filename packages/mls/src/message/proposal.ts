// Proposals, RFC 9420 §12.1.

import { CodecError, type TlsReader, type TlsWriter } from "@nodoor/bytes"
import type { Extension } from "../api/api.ts"
import { readExtensions, writeExtensions } from "../codec/extension.ts"
import { type KeyPackage, readKeyPackage } from "./key-package.ts"
import { type LeafNode, readLeafNode, writeLeafNode } from "../tree/leaf-node.ts"
import { maxExtensionBytes, maxKeyBytes, maxOpaqueBytes } from "../codec/limits.ts"
import { type PreSharedKeyId, readPreSharedKeyId, writePreSharedKeyId } from "../secrets/psk.ts"

/** IANA "MLS Proposal Types", RFC 9420 §17.4. */
export const proposalType = { add: 1, update: 2, remove: 3, psk: 4, reinit: 5, external_init: 6, group_context_extensions: 7 } as const

/** The private-use range, RFC 9420 §17.4: proposals that an application defines for itself. */
export function isPrivateUse(type: number): boolean {
  return type >= 0xf000 && type <= 0xffff
}

export interface ReInit {
  readonly groupId: Uint8Array
  readonly version: number
  readonly suite: number
  readonly extensions: readonly Extension[]
}

export type Proposal =
  | { readonly type: "add"; readonly keyPackage: KeyPackage }
  | { readonly type: "update"; readonly leafNode: LeafNode }
  | { readonly type: "remove"; readonly removed: number }
  | { readonly type: "psk"; readonly psk: PreSharedKeyId }
  | { readonly type: "reinit"; readonly reinit: ReInit }
  | { readonly type: "external_init"; readonly kemOutput: Uint8Array }
  | { readonly type: "group_context_extensions"; readonly extensions: readonly Extension[] }
  /** An application's own, with `opaque data<V>` as its body. */
  | { readonly type: "private_use"; readonly proposalType: number; readonly data: Uint8Array }

export function writeProposal(writer: TlsWriter, proposal: Proposal): void {
  writer.u16(proposal.type === "private_use" ? proposal.proposalType : proposalType[proposal.type])
  switch (proposal.type) {
    case "add":
      writer.raw(proposal.keyPackage.encoded)
      return
    case "update":
      writeLeafNode(writer, proposal.leafNode)
      return
    case "remove":
      writer.u32(proposal.removed)
      return
    case "psk":
      writePreSharedKeyId(writer, proposal.psk)
      return
    case "reinit":
      writer.vector(proposal.reinit.groupId).u16(proposal.reinit.version).u16(proposal.reinit.suite)
      writeExtensions(writer, proposal.reinit.extensions)
      return
    case "external_init":
      writer.vector(proposal.kemOutput)
      return
    case "group_context_extensions":
      writeExtensions(writer, proposal.extensions)
      return
    case "private_use":
      writer.vector(proposal.data)
  }
}

/**
 * Whether a group's members understand a proposal of the private-use range is checked with the list (RFC 9420 §12.2).
 * @throws CodecError `invalid_value` for another type this engine does not have, RFC 9420 §12.2, §13.2
 */
export function readProposal(reader: TlsReader): Proposal {
  const type = reader.u16()
  switch (type) {
    case proposalType.add:
      return { type: "add", keyPackage: readKeyPackage(reader) }
    case proposalType.update:
      return { type: "update", leafNode: readLeafNode(reader) }
    case proposalType.remove:
      return { type: "remove", removed: reader.u32() }
    case proposalType.psk:
      return { type: "psk", psk: readPreSharedKeyId(reader) }
    case proposalType.reinit:
      return {
        type: "reinit",
        reinit: { groupId: reader.vector(maxOpaqueBytes), version: reader.u16(), suite: reader.u16(), extensions: readExtensions(reader) },
      }
    case proposalType.external_init:
      return { type: "external_init", kemOutput: reader.vector(maxKeyBytes) }
    case proposalType.group_context_extensions:
      return { type: "group_context_extensions", extensions: readExtensions(reader) }
    default:
      if (isPrivateUse(type)) return { type: "private_use", proposalType: type, data: reader.vector(maxExtensionBytes) }
      throw new CodecError("invalid_value", `proposal type ${type}`)
  }
}
