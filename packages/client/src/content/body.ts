// MIMI bodies: the parts that this version writes, and how it reads the parts of others.

import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { type NestedPart, dispositions } from "./mimi/content.ts"

export const mimeTypes = {
  markdown: "text/markdown;variant=GFM-MIMI",
  plain: "text/plain;charset=utf-8",
  /** CBOR {name}: the sender's profile; disposition `profile`. */
  profile: "application/vnd.nodoor.profile",
  /** A KeyPackage as MLSMessage, left with the other person of a chat of two. */
  keyPackage: "application/vnd.nodoor.key-package",
  /** CBOR [device_id, [KeyPackage]]: of the sender, for another device of the account; in the group of the own devices only. */
  ownKeyPackages: "application/vnd.nodoor.own-key-packages",
  /** CBOR [device_id, archive_key, number, blob_id, size, last]: a part of the history for a device that was let in; in the group of the own devices only. */
  history: "application/vnd.nodoor.history",
  /** The device_id of the own device that is asked for the history; in the group of the own devices only. */
  historyRequest: "application/vnd.nodoor.history-request",
  /** A sealed introduction, 4,096 bytes. */
  introduction: "application/vnd.nodoor.introduction",
  /** CBOR list of entries, for the other devices of the account. */
  sync: "application/vnd.nodoor.sync",
  /** CBOR: what was written before somebody came, told by who let them in. */
  sharedHistory: "application/vnd.nodoor.shared-history",
  /** CBOR [request_id, group_id, kem_key, [[first order, last order]…]]: what the sender's device missed. */
  resendRequest: "application/vnd.nodoor.resend-request",
  /** CBOR [request_id, end, kem_output, ciphertext]: an answer, for the device that asked. */
  resent: "application/vnd.nodoor.resent",
  /** CBOR [width, height, thumbhash]: of the picture beside it; disposition `preview`. */
  preview: "application/vnd.nodoor.preview",
  /** CBOR [until]: the file of the message that it answers is asked for (null), or is on the server again until then. */
  fileAgain: "application/vnd.nodoor.file-again",
  /** CBOR {}: somebody is typing; in ephemeral posts only. */
  typing: "application/vnd.nodoor.typing",
} as const

export function singlePart(contentType: string, content: Uint8Array, disposition: number = dispositions.unspecified): NestedPart {
  return { disposition, language: "", cardinality: "single", contentType, content }
}

export function markdownPart(text: string): NestedPart {
  return singlePart(mimeTypes.markdown, toUtf8(text), dispositions.render)
}

export function reactionPart(emoji: string): NestedPart {
  return singlePart(mimeTypes.plain, toUtf8(emoji), dispositions.reaction)
}

/** Deletes what `replaces` names: a message (`render`) or a reaction (`reaction`). */
export function nullPart(disposition: number): NestedPart {
  return { disposition, language: "", cardinality: "null" }
}

/** The text of a part, or undefined if the part is not text. */
export function textOf(part: NestedPart): string | undefined {
  if (part.cardinality !== "single") return undefined
  const type = part.contentType.toLowerCase().replaceAll(" ", "")
  if (type !== mimeTypes.markdown.toLowerCase() && type !== mimeTypes.plain) return undefined
  try {
    return fromUtf8(part.content)
  } catch {
    return undefined
  }
}

/** The content of a single part of this type, or undefined for any other part. */
export function contentOf(part: NestedPart, contentType: string): Uint8Array | undefined {
  return part.cardinality === "single" && part.contentType === contentType ? part.content : undefined
}
