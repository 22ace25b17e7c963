// Reading a sealed file, all of it or any part. Nothing is handed on that the root does not cover. The tree is checked from the root down, each page
// when it is first needed, then the chunk; so a part in the middle costs its chunks and at most two pages of 8 KiB.

import { concat, equal } from "@nodoor/bytes"
import { MediaError } from "./media-error.ts"
import { chunkHash, pageHash, rootHash } from "./hash-tree.ts"
import { type MediaLayout, hashIn, layoutOf, pageHashes, pageOf } from "./layout.ts"
import type { ChunkCipher, MediaCrypto, MediaSource } from "./ports.ts"
import { batchChunks } from "./seal-media.ts"
import { chunkBytes, sealedChunkBytes, streamNonce } from "./stream.ts"

export interface SealedDescription {
  readonly key: Uint8Array
  /** Of the content. */
  readonly size: number
  readonly root: Uint8Array
}

export class MediaReader {
  readonly layout: MediaLayout
  readonly #crypto: MediaCrypto
  readonly #media: SealedDescription
  readonly #source: MediaSource
  #cipher: Promise<ChunkCipher> | undefined
  /** Pages that hold, by level and number. Together they are no larger than the tree: a megabyte for the largest file. */
  readonly #pages = new Map<string, Uint8Array>()

  /** @throws MediaError `media_size` */
  constructor(crypto: MediaCrypto, media: SealedDescription, source: MediaSource) {
    this.#crypto = crypto
    this.#media = media
    this.#source = source
    this.layout = layoutOf(media.size)
  }

  /** Bytes `from` up to, not including, `to` of the content, chunk by chunk. @throws MediaError `media_damaged` */
  async *content(from = 0, to: number = this.layout.contentBytes): AsyncGenerator<Uint8Array> {
    const end = Math.min(to, this.layout.contentBytes)
    if (from >= end && this.layout.contentBytes > 0) return
    // An empty file is checked, too.
    const endChunk = Math.max(1, Math.ceil(end / chunkBytes))
    for (let first = Math.floor(from / chunkBytes); first < endChunk; first += batchChunks) {
      const chunks = await this.#open(first, Math.min(batchChunks, endChunk - first))
      for (const [n, content] of chunks.entries()) {
        const at = (first + n) * chunkBytes
        const piece = content.subarray(Math.max(0, from - at), Math.max(0, end - at))
        if (piece.length > 0) yield piece
      }
    }
  }

  /**
   * Whether the sealed chunks from number `first` on are those of the file. For bytes that come from a server and are to be kept: nothing is opened.
   * @throws MediaError `media_damaged`
   */
  async checkChunks(first: number, sealed: Uint8Array): Promise<void> {
    await Promise.all(this.#split(sealed).map((chunk, n) => this.#check(first + n, chunk)))
  }

  /** Checks all of the tree, which is then in memory. @throws MediaError `media_damaged` */
  async checkTree(): Promise<void> {
    const [chunks] = this.layout.levels
    if (!chunks) return
    for (let page = 0; page * pageHashes < chunks.hashes; page++) await this.#page(0, page)
  }

  async #open(first: number, count: number): Promise<readonly Uint8Array[]> {
    const { treeBytes, sealedBytes } = this.layout
    const at = treeBytes + first * sealedChunkBytes
    const sizeBytes = Math.min(count * sealedChunkBytes, sealedBytes - at)
    const sealed = this.#split(await this.#read(at, sizeBytes))
    const cipher = await (this.#cipher ??= this.#crypto.cipher(this.#media.key))
    return await Promise.all(
      sealed.map(async (chunk, n) => {
        await this.#check(first + n, chunk)
        const content = await cipher.open(streamNonce(first + n, { isLast: first + n === this.layout.chunks - 1 }), chunk)
        if (!content) throw new MediaError("media_damaged", "a chunk does not open")
        return content
      }),
    )
  }

  async #check(chunk: number, sealed: Uint8Array): Promise<void> {
    const page = await this.#page(0, Math.floor(chunk / pageHashes))
    if (!equal(await chunkHash(this.#crypto, sealed), hashIn(page, chunk))) throw new MediaError("media_damaged", "a chunk")
  }

  /** A page of the tree that the root covers. */
  async #page(level: number, page: number): Promise<Uint8Array> {
    const name = `${level}/${page}`
    const known = this.#pages.get(name)
    if (known) return known
    const { levels, contentBytes } = this.layout
    const stands = levels[level]
    if (!stands) throw new MediaError("media_damaged", "a page outside the tree")
    const { at, sizeBytes } = pageOf(stands, page)
    // Copied: the source may go on using its bytes.
    const bytes = Uint8Array.from(await this.#read(at, sizeBytes))
    if (level === levels.length - 1) {
      if (!equal(await rootHash(this.#crypto, contentBytes, bytes), this.#media.root)) throw new MediaError("media_damaged", "the root")
    } else {
      const above = await this.#page(level + 1, Math.floor(page / pageHashes))
      if (!equal(await pageHash(this.#crypto, bytes), hashIn(above, page))) throw new MediaError("media_damaged", "a page")
    }
    this.#pages.set(name, bytes)
    return bytes
  }

  /** Each of another size than its place has has another hash, too. */
  #split(sealed: Uint8Array): readonly Uint8Array[] {
    return Array.from({ length: Math.ceil(sealed.length / sealedChunkBytes) }, (_, n) =>
      sealed.subarray(n * sealedChunkBytes, (n + 1) * sealedChunkBytes),
    )
  }

  /** So many bytes; what a source gives beyond them does not hold. */
  async #read(at: number, sizeBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let got = 0; got < sizeBytes;) {
      const bytes = await this.#source.read(at + got, sizeBytes - got)
      if (bytes.length === 0) throw new MediaError("media_damaged", "the file is cut short")
      parts.push(bytes)
      got += bytes.length
    }
    return parts.length === 1 && parts[0] ? parts[0] : concat(...parts)
  }
}
