// Transcript hashes, RFC 9420 §8.2, and the confirmation tag of §6.1.

import { TlsWriter, concat } from "@nodoor/bytes"
import type { SuiteCrypto } from "../provider/provider.ts"

/** ConfirmedTranscriptHashInput: `content` is the encoded FramedContent of the commit. */
export interface CommitTranscript {
  readonly wireFormat: number
  readonly content: Uint8Array
  readonly signature: Uint8Array
}

export function confirmedTranscriptHash(suite: SuiteCrypto, interimBefore: Uint8Array, commit: CommitTranscript): Uint8Array {
  const format = Uint8Array.of(commit.wireFormat >> 8, commit.wireFormat)
  return suite.hash(concat(interimBefore, format, commit.content, new TlsWriter().vector(commit.signature).finish()))
}

export function interimTranscriptHash(suite: SuiteCrypto, confirmed: Uint8Array, confirmationTag: Uint8Array): Uint8Array {
  return suite.hash(concat(confirmed, new TlsWriter().vector(confirmationTag).finish()))
}

export function confirmationTag(suite: SuiteCrypto, confirmationKey: Uint8Array, confirmed: Uint8Array): Uint8Array {
  return suite.mac(confirmationKey, confirmed)
}
