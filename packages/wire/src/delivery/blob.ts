// Blobs: ciphertexts that devices store for some weeks or months, such as backups. Uploads speak tus 1.0 (core, creation and termination,
// https://tus.io/protocols/resumable-upload). Which blob is meant stands in a header and not in the address: addresses get into the logs of
// proxies, beside the caller's.

import { fromBase64Url } from "@nodoor/bytes"

/** POST creates, HEAD says how far an upload is, PATCH goes on with it, DELETE ends it or erases the blob. On the host for posting. */
export const blobUploadPath = "/v1/blobs/upload"
/** POST keeps a blob for longer. On the host for posting. */
export const blobExtendPath = "/v1/blobs/extend"
/** GET reads, from an offset on if `Range` says so. On the host for reading. */
export const blobDownloadPath = "/v1/blobs/download"

export type BlobPath = typeof blobUploadPath | typeof blobExtendPath | typeof blobDownloadPath

export const tusVersion = "1.0.0"
/** The media type of PATCH. */
export const tusChunkType = "application/offset+octet-stream"

export const blobIdBytes = 32
export const blobSecretBytes = 32

export const blobLimits = {
  /** One blob: a backup of some million messages without their media. */
  bytes: 1_073_741_824,
  /** The longest time to keep it without extending it. A backup is extended by a device that is used once a year. */
  keepDays: 400,
  /** What an upload that nobody goes on with is kept for. */
  unfinishedDays: 2,
} as const

/** Names of headers, each in lower case. */
export const blobHeaders = {
  /** The blob's id, 32 random bytes: whoever has it can read the blob. */
  id: "blob-id",
  /** 32 random bytes: whoever has them can go on with the upload, keep the blob for longer, replace or erase it. */
  secret: "blob-secret",
  /** A pass for posting, which pays for bytes and days. The answer to a token has one, too. */
  pass: "blob-pass",
  /** The last Unix hour in which the pass of the answer is good. */
  passExpiry: "blob-pass-expiry",
  /** In place of a pass: a token that buys one. */
  token: "blob-token",
  keepDays: "blob-keep-days",
  /** `1`: once it is whole, the upload takes the place of the blob that has its id and secret. */
  replace: "blob-replace",
  tus: "tus-resumable",
  length: "upload-length",
  offset: "upload-offset",
} as const

/** Base64url without padding, of at least one and at most so many bytes; undefined for anything else. */
export function bytesOfHeader(value: string | undefined, maxBytes: number): Uint8Array | undefined {
  if (value === undefined || value === "" || value.length > Math.ceil((maxBytes * 4) / 3)) return undefined
  try {
    return fromBase64Url(value)
  } catch {
    return undefined
  }
}

/** A whole number of at most `max`, without sign, leading zeros or spaces; undefined for anything else. */
export function countOfHeader(value: string | undefined, max: number): number | undefined {
  if (value === undefined || !/^(?:0|[1-9]\d{0,15})$/.test(value)) return undefined
  const count = Number(value)
  return count <= max ? count : undefined
}
