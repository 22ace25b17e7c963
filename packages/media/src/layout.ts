// Where everything stands in a sealed file. It follows from the size of the content alone: first the tree of hashes, from the top down, then the
// chunks. So whoever reads from the start can check each chunk as it comes.

import { MediaError } from "./media-error.ts"
import { chunkBytes, tagBytes } from "./stream.ts"

export const mediaKeyBytes = 32
export const rootBytes = 32
const hashBytes = 32

export const mediaLimits = {
  /** Of content. The tree of such a file has a megabyte, which a reader may hold. */
  bytes: 2_147_483_648,
} as const

/** Hashes of one page. The hash of each page stands in the level above. */
export const pageHashes = 256
export const pageBytes: number = pageHashes * hashBytes

/** One level of the tree. Number 0 has the hashes of the chunks. */
export interface Level {
  readonly hashes: number
  /** Where it begins in the sealed file. */
  readonly at: number
}

export interface MediaLayout {
  readonly contentBytes: number
  readonly chunks: number
  /** From the level of the chunks up to the one that is a single page. */
  readonly levels: readonly Level[]
  /** Of the whole tree; the chunks begin here. */
  readonly treeBytes: number
  /** Of the whole sealed file. */
  readonly sealedBytes: number
}

/** @throws MediaError `media_size` for what is no size, or above the limit */
export function layoutOf(contentBytes: number): MediaLayout {
  if (!Number.isSafeInteger(contentBytes) || contentBytes < 0 || contentBytes > mediaLimits.bytes)
    throw new MediaError("media_size", "size of the content")
  // Without content there is one chunk, so that nothing can be taken for an empty file.
  const chunks = Math.max(1, Math.ceil(contentBytes / chunkBytes))
  const counts = [chunks]
  for (let hashes = chunks; hashes > pageHashes;) counts.push((hashes = Math.ceil(hashes / pageHashes)))
  const levels: Level[] = []
  let at = 0
  for (const hashes of counts.toReversed()) {
    levels.unshift({ hashes, at })
    at += hashes * hashBytes
  }
  return { contentBytes, chunks, levels, treeBytes: at, sealedBytes: at + contentBytes + chunks * tagBytes }
}

/** A page of a level: where it stands in the sealed file. */
export function pageOf({ hashes, at }: Level, page: number): { readonly at: number; readonly sizeBytes: number } {
  const first = page * pageHashes
  return { at: at + first * hashBytes, sizeBytes: Math.min(pageHashes, hashes - first) * hashBytes }
}

/** Bytes of one hash within its page. */
export function hashIn(page: Uint8Array, hash: number): Uint8Array {
  const at = (hash % pageHashes) * hashBytes
  return page.subarray(at, at + hashBytes)
}
