// A photo or a file: an external part (draft-ietf-mimi-content-08 §4.2) that says where the sealed bytes stand and what opens them, with a small
// preview if it is a picture, and a caption. Nothing of it is believed: the name is made plain, the media type is no more than a word, and what
// stands under the id opens with this key and this root or not at all.

import { type CborValue, CodecError, decodeCbor, encodeCbor, fromBase64Url, toBase64Url, toHex } from "@nodoor/bytes"
import { type SealedDescription, mediaKeyBytes, mediaLimits, rootBytes } from "@nodoor/media"
import { showsNothing } from "@nodoor/wire"
import { blobIdBytes } from "@nodoor/wire/delivery"
import { textLimits } from "../core/text-limits.ts"
import { insertSealedFile } from "../store/chat/sealed-files.ts"
import type { PartRow } from "../store/chat/parts.ts"
import { contentOf, markdownPart, mimeTypes, singlePart, textOf } from "./body.ts"
import type { ContentType, NewContent } from "./content-type.ts"
import { plainFileName } from "./file-name.ts"
import { type ExternalPart, type NestedPart, dispositions, partSemantics } from "./mimi/content.ts"
import { checkedText } from "./text.ts"
import { unsupportedContent } from "./unsupported.ts"

/** Where the bytes stand: no address, so that nobody is made to fetch anything from anywhere. */
const idScheme = "nodoor-blob:"
/** Private use (RFC 5116 §6): the sealed files of docs/protocol.md, "Files". */
export const sealedFileAlgorithm = 0xf001
/** SHA-256; what is hashed is the tree's root. */
const rootAlgorithm = 1
const mediaTypeForm = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/
const anyMediaType = "application/octet-stream"
export const previewLimits = { side: 65_535, thumbhashBytes: 64 } as const

/** What is in a picture's message beside the picture. */
export interface Preview {
  readonly width: number
  readonly height: number
  /** A picture of some 25 bytes to show until the real one is there (thumbhash); may be empty. */
  readonly thumbhash: Uint8Array
}

export interface FileData extends SealedDescription {
  readonly blobId: Uint8Array
  readonly name: string
  readonly mediaType: string
  /** Until when the server keeps it, as its sender said. Unix seconds; 0 for unknown. */
  readonly expiresS: number
  readonly preview: Preview | undefined
}

export interface FileInput {
  readonly file: Omit<FileData, "expiresS">
  readonly keepDays: number
  /** Markdown; empty for none. */
  readonly caption: string
  readonly inReplyTo: Uint8Array | undefined
  /** Where the sealed file waits to be uploaded. */
  readonly stored: { readonly name: string; readonly sealedBytes: number; readonly secret: Uint8Array; readonly nowMs: number }
}

/** A photo or a file. */
export interface FileContent {
  readonly type: "file"
  /** Plain: without a path, and nothing in it that cannot be seen. */
  readonly name: string
  /** As the sender said. It decides nothing. */
  readonly mediaType: string
  readonly sizeBytes: number
  /** Markdown; empty for none. */
  readonly caption: string
  /** Only of pictures. `thumbhash` is hexadecimal. */
  readonly preview: { readonly width: number; readonly height: number; readonly thumbhash: string } | undefined
  /** Until when the server has it, as its sender said. */
  readonly expiresMs: number | undefined
}

export const file: ContentType<FileInput, FileContent> = {
  name: "file",
  isMessage: true,
  compose: async (writing, { file: given, keepDays, caption, inReplyTo, stored }) => {
    const data = { ...given, expiresS: Math.floor(writing.timeMs / 1_000) + keepDays * 86_400 }
    const checked = caption === "" ? "" : checkedText(caption)
    const messageId = await writing.say({ part: bodyOf(data, checked), inReplyTo }, fileContent(data, checked), { uploading: true })
    insertSealedFile(writing.tx, {
      chatId: writing.group.chatId,
      messageId,
      blobId: data.blobId,
      secret: stored.secret,
      file: stored.name,
      sealedBytes: stored.sealedBytes,
      whole: true,
      state: "sending",
      usedMs: stored.nowMs,
    })
    return messageId
  },
  accepts: ({ part, replaces }) => replaces === undefined && partsIn(part) !== undefined,
  receive: async (arrival) => {
    const found = partsIn(arrival.part)
    const data = found && read(found)
    await arrival.insert(data ? fileContent(data, captionOf(found)) : unsupportedContent("malformed"))
  },
  again: (part) => {
    const data = decodeFile(part)
    return data && { kind: file.name, text: plainFileName(part.text), data: encodeFile(data) }
  },
  view: (part, others = []) => {
    const data = decodeFile(part)
    const caption = others.find(({ kind }) => kind === "text")?.text ?? ""
    return {
      type: "file",
      name: plainFileName(part.text),
      mediaType: data?.mediaType ?? anyMediaType,
      sizeBytes: data?.size ?? 0,
      caption,
      preview: data?.preview && { ...data.preview, thumbhash: toHex(data.preview.thumbhash) },
      expiresMs: data && data.expiresS > 0 ? data.expiresS * 1_000 : undefined,
    }
  },
}

/** As it is stored: the part of the file, and a text if there is a caption. */
function fileContent(data: FileData, caption: string): NewContent {
  const parts = [{ kind: file.name, text: data.name, data: encodeFile(data) }]
  return {
    parts: caption === "" ? parts : [...parts, { kind: "text", text: caption }],
    searched: caption === "" ? data.name : `${caption}\n\n${data.name}`,
  }
}

export function encodeFile({ blobId, key, size, root, mediaType, expiresS, preview }: FileData): Uint8Array {
  return encodeCbor([blobId, key, size, root, mediaType, expiresS, preview ? [preview.width, preview.height, preview.thumbhash] : null])
}

/** Of a stored part. Undefined for one that an archive brought and that is none. */
export function decodeFile({ text, data }: Pick<PartRow, "text" | "data">): FileData | undefined {
  try {
    const value = decodeCbor(data ?? new Uint8Array(), { maxBytes: 1_024 })
    if (!Array.isArray(value) || value.length !== 7) return undefined
    const [blobId, key, size, root, mediaType, expiresS, preview] = value as CborValue[]
    return checked({ blobId, key, size, root, mediaType, expiresS, name: text, preview: previewFrom(preview) })
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

function bodyOf({ blobId, key, size, root, mediaType, expiresS, name, preview }: FileData, caption: string): NestedPart {
  const external: NestedPart = {
    disposition: dispositions.attachment,
    language: "",
    cardinality: "external",
    contentType: mediaType,
    url: `${idScheme}${toBase64Url(blobId)}`,
    expiresS,
    sizeBytes: size,
    encAlg: sealedFileAlgorithm,
    key,
    nonce: new Uint8Array(),
    aad: new Uint8Array(),
    hashAlg: rootAlgorithm,
    contentHash: root,
    description: "",
    filename: name,
  }
  const beside = preview ? [singlePart(mimeTypes.preview, encodePreview(preview), dispositions.preview)] : []
  const parts = [external, ...beside, ...(caption === "" ? [] : [markdownPart(caption)])]
  if (parts.length === 1) return external
  return { disposition: dispositions.render, language: "", cardinality: "multi", partSemantics: partSemantics.singleUnit, parts }
}

interface Parts {
  readonly external: ExternalPart
  readonly preview: Uint8Array | undefined
  readonly caption: string | undefined
}

/** One file, at most one preview, at most one text, and nothing else. */
function partsIn(part: NestedPart): Parts | undefined {
  const all = part.cardinality === "multi" && part.partSemantics === partSemantics.singleUnit ? part.parts : [part]
  const external = all.find((one) => one.cardinality === "external")
  if (external?.cardinality !== "external" || external.encAlg !== sealedFileAlgorithm) return undefined
  const previews = all.flatMap((one) => contentOf(one, mimeTypes.preview) ?? [])
  const texts = all.flatMap((one) => textOf(one) ?? [])
  if (previews.length > 1 || texts.length > 1 || all.length !== 1 + previews.length + texts.length) return undefined
  return { external, preview: previews[0], caption: texts[0] }
}

/** Undefined unless every field is well-formed. A preview that is not is left out. */
function read({ external, preview }: Parts): FileData | undefined {
  const { url, key, contentHash, contentType, sizeBytes, expiresS, hashAlg, nonce, aad } = external
  if (!url.startsWith(idScheme) || hashAlg !== rootAlgorithm || nonce.length + aad.length > 0) return undefined
  try {
    const blobId = fromBase64Url(url.slice(idScheme.length))
    const name = plainFileName(external.filename)
    return checked({
      blobId,
      key,
      size: sizeBytes,
      root: contentHash,
      mediaType: contentType,
      expiresS,
      name,
      preview: decodePreview(preview),
    })
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

/** @throws CodecError */
function checked(file: { readonly [K in keyof FileData]: unknown } & { readonly preview: Preview | undefined }): FileData {
  const { blobId, key, size, root, mediaType, expiresS, name, preview } = file
  if (!isBytes(blobId, blobIdBytes) || !isBytes(key, mediaKeyBytes) || !isBytes(root, rootBytes)) throw invalid("key, root or id")
  if (!isCount(size, mediaLimits.bytes)) throw invalid("size")
  if (!isCount(expiresS, 0xffff_ffff)) throw invalid("expiry")
  if (typeof mediaType !== "string" || typeof name !== "string") throw invalid("name or type")
  return { blobId, key, size, root, expiresS, name, preview, mediaType: mediaTypeOf(mediaType) }
}

/** The type without parameters; what is no media type is any bytes. */
export function mediaTypeOf(claimed: string): string {
  const type = claimed.slice(0, 256).split(";", 1)[0]?.trim().toLowerCase() ?? ""
  return mediaTypeForm.test(type) ? type : anyMediaType
}

function captionOf({ caption = "" }: Parts): string {
  return showsNothing(caption) || caption.length > textLimits.messageBytes ? "" : caption
}

function encodePreview({ width, height, thumbhash }: Preview): Uint8Array {
  return encodeCbor([width, height, thumbhash])
}

function decodePreview(encoded: Uint8Array | undefined): Preview | undefined {
  if (!encoded) return undefined
  try {
    return previewFrom(decodeCbor(encoded, { maxBytes: 256 }))
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

function previewFrom(value: CborValue | undefined): Preview | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [width, height, thumbhash] = value as CborValue[]
  if (!isCount(width, previewLimits.side) || !isCount(height, previewLimits.side) || width === 0 || height === 0) return undefined
  if (!(thumbhash instanceof Uint8Array) || thumbhash.length > previewLimits.thumbhashBytes) return undefined
  return { width, height, thumbhash }
}

function isBytes(value: unknown, sizeBytes: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === sizeBytes
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max
}

function invalid(what: string): CodecError {
  return new CodecError("invalid_value", what)
}
