// The content of a message: MIMI, draft-ietf-mimi-content-08, as deterministic CBOR (RFC 8949 §4.2).

import { type Bytes, type CborValue, CodecError, bytes, decodeCbor, encodeCbor } from "@nodoor/bytes"

/** 32 bytes, see `message-id.ts`. */
export type MessageId = Bytes<"MessageId">
export const messageIdBytes = 32
const saltBytes = 16

/** Key of an extension: 1 senderUri, 2 roomUri; text and negative integers are private use. */
export type ExtensionName = string | number

export interface MimiContent {
  /** 16 bytes. They are random, so that message ids reveal nothing about the content. */
  readonly salt: Uint8Array
  readonly replaces: MessageId | undefined
  readonly topicId: Uint8Array
  readonly expires: Expiration | undefined
  readonly inReplyTo: MessageId | undefined
  readonly extensions: ReadonlyMap<ExtensionName, CborValue>
  readonly body: NestedPart
}

/** `time` in seconds: since the message was read (relative), or Unix time. */
export interface Expiration {
  readonly relative: boolean
  readonly timeS: number
}

/** §4.2: unknown dispositions (9 to 255) are kept as they are. */
export const dispositions = {
  unspecified: 0,
  render: 1,
  reaction: 2,
  profile: 3,
  inline: 4,
  icon: 5,
  attachment: 6,
  session: 7,
  preview: 8,
} as const

export const partSemantics = { chooseOne: 0, singleUnit: 1, processAll: 2 } as const

export type NestedPart = { readonly disposition: number; readonly language: string } & (NullPart | SinglePart | ExternalPart | MultiPart)
export interface NullPart {
  readonly cardinality: "null"
}
export interface SinglePart {
  readonly cardinality: "single"
  readonly contentType: string
  readonly content: Uint8Array
}
export interface ExternalPart {
  readonly cardinality: "external"
  readonly contentType: string
  readonly url: string
  /** Unix time in seconds; 0 for never. */
  readonly expiresS: number
  readonly sizeBytes: number | bigint
  readonly encAlg: number
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly hashAlg: number
  readonly contentHash: Uint8Array
  readonly description: string
  readonly filename: string
}
export interface MultiPart {
  readonly cardinality: "multi"
  readonly partSemantics: number
  readonly parts: readonly NestedPart[]
}

/** The size is that of a post. Content that is nested deeper, or has more parts, than any client makes is rejected early. */
export const mimiLimits = { contentBytes: 262_144, depth: 8, parts: 128, extensions: 64 } as const

export function encodeMimi(content: MimiContent): Uint8Array {
  return encodeCbor([
    content.salt,
    content.replaces ?? null,
    content.topicId,
    content.expires ? [content.expires.relative, content.expires.timeS] : null,
    content.inReplyTo ?? null,
    content.extensions,
    partToCbor(content.body),
  ])
}

/** @throws CodecError for anything but the one encoding of a content within `mimiLimits` */
export function decodeMimi(input: Uint8Array): MimiContent {
  const [salt, replaces, topicId, expires, inReplyTo, extensions, body] = array(
    decodeCbor(input, { maxBytes: mimiLimits.contentBytes, maps: "map" }),
    7,
  )
  const budget = { parts: mimiLimits.parts }
  return {
    salt: sized(salt, saltBytes, "salt"),
    replaces: messageId(replaces),
    topicId: byteString(topicId, "topicId"),
    expires: expiration(expires),
    inReplyTo: messageId(inReplyTo),
    extensions: extensionMap(extensions),
    body: partFromCbor(body, { depth: 0, budget }),
  }
}

function partToCbor(part: NestedPart): CborValue {
  const head = [part.disposition, part.language] as const
  switch (part.cardinality) {
    case "null":
      return [...head, 0]
    case "single":
      return [...head, 1, part.contentType, part.content]
    case "external":
      return [
        ...head,
        2,
        part.contentType,
        part.url,
        part.expiresS,
        part.sizeBytes,
        part.encAlg,
        part.key,
        part.nonce,
        part.aad,
        part.hashAlg,
        part.contentHash,
        part.description,
        part.filename,
      ]
    case "multi":
      return [...head, 3, part.partSemantics, part.parts.map(partToCbor)]
  }
}

function partFromCbor(value: unknown, at: { readonly depth: number; readonly budget: { parts: number } }): NestedPart {
  if (at.depth > mimiLimits.depth) throw new CodecError("oversized", "nested parts too deep")
  if (at.budget.parts-- === 0) throw new CodecError("oversized", `more than ${mimiLimits.parts} parts`)
  if (!Array.isArray(value) || value.length < 3) throw invalid("part")
  const head = { disposition: uint(value[0], 255, "disposition"), language: text(value[1], "language") }
  switch (value[2]) {
    case 0:
      array(value, 3)
      return { ...head, cardinality: "null" }
    case 1: {
      const [, , , contentType, content] = array(value, 5)
      return { ...head, cardinality: "single", contentType: text(contentType, "contentType"), content: byteString(content, "content") }
    }
    case 2:
      return { ...head, ...externalFromCbor(array(value, 15)) }
    case 3: {
      const [, , , semantics, parts] = array(value, 5)
      if (!Array.isArray(parts) || parts.length < 2) throw invalid("parts") // `[2* NestedPart]`
      const nested = parts.map((part) => partFromCbor(part, { depth: at.depth + 1, budget: at.budget }))
      return { ...head, cardinality: "multi", partSemantics: uint(semantics, 2, "partSemantics"), parts: nested }
    }
    default:
      throw invalid("cardinality")
  }
}

function externalFromCbor(value: readonly unknown[]): ExternalPart {
  return {
    cardinality: "external",
    contentType: text(value[3], "contentType"),
    url: text(value[4], "url"),
    expiresS: uint(value[5], 0xffffffff, "expires"),
    sizeBytes: uint64(value[6]),
    encAlg: uint(value[7], 0xffff, "encAlg"),
    key: byteString(value[8], "key"),
    nonce: byteString(value[9], "nonce"),
    aad: byteString(value[10], "aad"),
    hashAlg: uint(value[11], 255, "hashAlg"),
    contentHash: byteString(value[12], "contentHash"),
    description: text(value[13], "description"),
    filename: text(value[14], "filename"),
  }
}

function extensionMap(value: unknown): ReadonlyMap<ExtensionName, CborValue> {
  if (!(value instanceof Map)) throw invalid("extensions")
  if (value.size > mimiLimits.extensions) throw new CodecError("oversized", "extensions")
  for (const [name, item] of value) {
    const size = typeof name === "string" ? new TextEncoder().encode(name).length : 1
    if ((typeof name !== "string" && !Number.isSafeInteger(name)) || size < 1 || size > 255) throw invalid("extension name")
    if ((name === 1 || name === 2) && typeof item !== "string") throw invalid("senderUri or roomUri")
  }
  return value as ReadonlyMap<ExtensionName, CborValue>
}

function messageId(value: unknown): MessageId | undefined {
  return value === null ? undefined : bytes<"MessageId">(sized(value, messageIdBytes, "message id"))
}

function expiration(value: unknown): Expiration | undefined {
  if (value === null) return undefined
  const [relative, timeS] = array(value, 2)
  if (typeof relative !== "boolean") throw invalid("expires")
  return { relative, timeS: uint(timeS, 0xffffffff, "expires") }
}

function array(value: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw invalid(`array of ${length}`)
  return value
}

function sized(value: unknown, sizeBytes: number, what: string): Uint8Array {
  const out = byteString(value, what)
  if (out.length !== sizeBytes) throw invalid(what)
  return out
}

function byteString(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(what)
  return value
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw invalid(what)
  return value
}

function uint(value: unknown, max: number, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) throw invalid(what)
  return value
}

function uint64(value: unknown): number | bigint {
  if (typeof value === "bigint" && value >= 0n && value < 1n << 64n) return value
  return uint(value, Number.MAX_SAFE_INTEGER, "size")
}

function invalid(what: string): CodecError {
  return new CodecError("invalid_value", what)
}
