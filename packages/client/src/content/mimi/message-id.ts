import { bytes, concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import { type MessageId, messageIdBytes } from "./content.ts"

/**
 * Message id (draft-ietf-mimi-content-08 §3.3): 0x01, then the first 31 bytes of SHA-256 over the sender's URI and the room's URI, each
 * behind its length in two bytes, the encoded content, and the salt. It is not sent: each receiver computes it.
 */
export function messageIdOf(
  sha256: (data: Uint8Array) => Uint8Array,
  message: { readonly senderUri: string; readonly roomUri: string; readonly content: Uint8Array; readonly salt: Uint8Array },
): MessageId {
  const uris = encodeTls((w) => w.prefixed(2, toUtf8(message.senderUri)).prefixed(2, toUtf8(message.roomUri)))
  const hash = sha256(concat(uris, message.content, message.salt))
  return bytes<"MessageId">(concat(Uint8Array.of(0x01), hash.subarray(0, messageIdBytes - 1)))
}
