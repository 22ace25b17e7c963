// Sealing a file. The same key must never seal two contents: nonces are the numbers of the chunks.

import { MediaError } from "./media-error.ts"
import { chunkHash, treeOver } from "./hash-tree.ts"
import { type MediaLayout, layoutOf } from "./layout.ts"
import type { ChunkCipher, MediaCrypto, MediaSink } from "./ports.ts"
import { inPieces } from "./pieces.ts"
import { chunkBytes, streamNonce } from "./stream.ts"

/** Chunks that are sealed side by side and written together: a megabyte. */
export const batchChunks = 16

export interface SealedMedia {
  readonly root: Uint8Array
  readonly sealedBytes: number
}

/**
 * Seals `size` bytes of content into the sink, a megabyte at a time; the tree comes last and stands first. Holds a batch and 32 bytes for each
 * chunk. `key`: 32 random bytes, for this content alone.
 * @throws MediaError `media_size` for content that is shorter or longer
 */
export async function sealMedia(
  crypto: MediaCrypto,
  media: {
    readonly key: Uint8Array
    readonly size: number
    readonly content: AsyncIterable<Uint8Array>
    readonly sink: MediaSink
    /** Bytes of content that are sealed and written. */
    readonly onProgress?: (bytes: number) => void
  },
): Promise<SealedMedia> {
  const layout = layoutOf(media.size)
  const cipher = await crypto.cipher(media.key)
  const hashes = new Uint8Array(layout.chunks * 32)
  let chunk = 0
  let at = layout.treeBytes
  for await (const batch of batches(media.content, layout)) {
    const sealed = await sealBatch({ crypto, cipher, layout }, chunk, batch)
    for (const [n, { hash }] of sealed.entries()) hashes.set(hash, (chunk + n) * 32)
    const bytes = joined(sealed.map((one) => one.sealed))
    await media.sink.write(at, bytes)
    at += bytes.length
    chunk += sealed.length
    media.onProgress?.(Math.min(layout.contentBytes, chunk * chunkBytes))
  }
  const { tree, root } = await treeOver(crypto, layout, hashes)
  await media.sink.write(0, tree)
  return { root, sealedBytes: layout.sealedBytes }
}

async function sealBatch(
  { crypto, cipher, layout }: { readonly crypto: MediaCrypto; readonly cipher: ChunkCipher; readonly layout: MediaLayout },
  first: number,
  batch: Uint8Array,
): Promise<readonly { readonly sealed: Uint8Array; readonly hash: Uint8Array }[]> {
  const count = Math.max(1, Math.ceil(batch.length / chunkBytes))
  return await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const content = batch.subarray(n * chunkBytes, (n + 1) * chunkBytes)
      const sealed = await cipher.seal(streamNonce(first + n, { isLast: first + n === layout.chunks - 1 }), content)
      return { sealed, hash: await chunkHash(crypto, sealed) }
    }),
  )
}

/** The content in batches of whole chunks; the last may be shorter. An empty content is one empty batch. */
async function* batches(content: AsyncIterable<Uint8Array>, { contentBytes }: MediaLayout): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const batch of inPieces(content, batchChunks * chunkBytes)) {
    taken += batch.length
    if (taken > contentBytes) throw new MediaError("media_size", "more content than was said")
    yield batch
  }
  if (taken < contentBytes) throw new MediaError("media_size", "less content than was said")
  if (contentBytes === 0) yield new Uint8Array()
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
