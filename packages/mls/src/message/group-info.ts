// GroupInfo, RFC 9420 §12.4.3: what a member tells newcomers about the group, signed.

import { type TlsReader, TlsWriter } from "@nodoor/bytes"
import type { Extension } from "../api/api.ts"
import { signWithLabel, verifyWithLabel } from "../codec/cryptographic-objects.ts"
import { readExtensions, writeExtensions } from "../codec/extension.ts"
import { type GroupContext, readGroupContext } from "../codec/group-context.ts"
import { maxKeyBytes } from "../codec/limits.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

export interface GroupInfoContent {
  readonly context: GroupContext
  readonly extensions: readonly Extension[]
  readonly confirmationTag: Uint8Array
  /** Leaf index. */
  readonly signer: number
}

export interface GroupInfo extends GroupInfoContent {
  readonly signature: Uint8Array
}

function toBeSigned(content: GroupInfoContent): Uint8Array {
  const writer = new TlsWriter().raw(content.context.encoded)
  writeExtensions(writer, content.extensions)
  return writer.vector(content.confirmationTag).u32(content.signer).finish()
}

export function signGroupInfo(suite: SuiteCrypto, content: GroupInfoContent, privateKey: Uint8Array): GroupInfo {
  return { ...content, signature: signWithLabel(suite, privateKey, "GroupInfoTBS", toBeSigned(content)) }
}

export function verifyGroupInfo(suite: SuiteCrypto, groupInfo: GroupInfo, signatureKey: Uint8Array): boolean {
  return verifyWithLabel(suite, signatureKey, "GroupInfoTBS", toBeSigned(groupInfo), groupInfo.signature)
}

export function writeGroupInfo(writer: TlsWriter, groupInfo: GroupInfo): void {
  writer.raw(toBeSigned(groupInfo)).vector(groupInfo.signature)
}

export function readGroupInfo(reader: TlsReader): GroupInfo {
  return {
    context: readGroupContext(reader),
    extensions: readExtensions(reader),
    confirmationTag: reader.vector(maxKeyBytes),
    signer: reader.u32(),
    signature: reader.vector(maxKeyBytes),
  }
}
