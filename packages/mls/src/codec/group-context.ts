// The GroupContext, RFC 9420 §8.1: what all members agree on in an epoch.

import { CodecError, type TlsReader, TlsWriter } from "@nodoor/bytes"
import type { Extension } from "../api/api.ts"
import { mls10 } from "./capabilities.ts"
import { readExtensions, writeExtensions } from "./extension.ts"
import { maxKeyBytes, maxOpaqueBytes } from "./limits.ts"

export interface GroupContextContent {
  readonly suite: number
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly treeHash: Uint8Array
  readonly confirmedTranscriptHash: Uint8Array
  readonly extensions: readonly Extension[]
}

export interface GroupContext extends GroupContextContent {
  readonly encoded: Uint8Array
}

export function groupContext(content: GroupContextContent): GroupContext {
  const writer = new TlsWriter()
  writer
    .u16(mls10)
    .u16(content.suite)
    .vector(content.groupId)
    .u64(content.epoch)
    .vector(content.treeHash)
    .vector(content.confirmedTranscriptHash)
  writeExtensions(writer, content.extensions)
  return { ...content, encoded: writer.finish() }
}

/** @throws CodecError `invalid_value` for a protocol version that this engine does not have */
export function readGroupContext(reader: TlsReader): GroupContext {
  const start = reader.offset
  const version = reader.u16()
  const suite = reader.u16()
  if (version !== mls10) throw new CodecError("invalid_value", "protocol version of a group context")
  const content = {
    suite,
    groupId: reader.vector(maxOpaqueBytes),
    epoch: reader.u64(),
    treeHash: reader.vector(maxKeyBytes),
    confirmedTranscriptHash: reader.vector(maxKeyBytes),
    extensions: readExtensions(reader),
  }
  return { ...content, encoded: reader.since(start) }
}
