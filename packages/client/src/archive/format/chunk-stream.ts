// The content of an archive in chunks, each sealed for its place and the last one as the last: the chunks of files (packages/media), under a cipher that
// every platform has in the same call.

import { chunkBytes, sealedChunkBytes, streamNonce, tagBytes } from "@nodoor/media"
import type { CryptoProvider } from "@nodoor/mls"
import { archiveError } from "./archive-error.ts"
import { type Header, archiveCipher } from "./header.ts"

export { chunkBytes, sealedChunkBytes } from "@nodoor/media"

type Crypto = Pick<CryptoProvider, "suite">
type Opening = Pick<Header, "contentKey" | "hash">

/** Seals what is given piece by piece. */
export class ChunkSealer {
  readonly #crypto: Crypto
  readonly #header: Opening
  #buffer = new Uint8Array(chunkBytes)
  #used = 0
  #counter = 0

  constructor(crypto: Crypto, header: Opening) {
    this.#crypto = crypto
    this.#header = header
  }

  /** Bytes of content so far. */
  get contentBytes(): number {
    return this.#counter * chunkBytes + this.#used
  }

  /** The chunks that became full. The last one is kept back: it may be the last of all. */
  add(content: Uint8Array): readonly Uint8Array[] {
    const sealed: Uint8Array[] = []
    for (let at = 0; at < content.length;) {
      if (this.#used === chunkBytes) sealed.push(this.#seal(false))
      const taken = content.subarray(at, at + chunkBytes - this.#used)
      this.#buffer.set(taken, this.#used)
      this.#used += taken.length
      at += taken.length
    }
    return sealed
  }

  /** The last chunk. Content must have been added. */
  end(): Uint8Array {
    return this.#seal(true)
  }

  #seal(isLast: boolean): Uint8Array {
    const { contentKey, hash } = this.#header
    const nonce = streamNonce(this.#counter, { isLast })
    const sealed = archiveCipher(this.#crypto).seal(contentKey, nonce, hash, this.#buffer.slice(0, this.#used))
    this.#counter++
    this.#used = 0
    return sealed
  }
}

/**
 * The content of the chunks from number `first` on, in order. Holds two chunks at most.
 * @throws ClientError `archive_damaged`, `archive_incomplete`
 */
export async function* openChunks(
  crypto: Crypto,
  header: Opening,
  { sealed, first }: { readonly sealed: AsyncIterable<Uint8Array>; readonly first: number },
): AsyncGenerator<Uint8Array> {
  const cipher = archiveCipher(crypto)
  const open = (chunk: Uint8Array, counter: number, isLast: boolean): Uint8Array | undefined =>
    cipher.open(header.contentKey, streamNonce(counter, { isLast }), header.hash, chunk)
  let counter = first
  let chunk = new Uint8Array(sealedChunkBytes)
  let used = 0
  for await (const bytes of sealed)
    for (let at = 0; at < bytes.length;) {
      if (used === sealedChunkBytes) {
        // Something follows, so it is not the last one.
        const content = open(chunk, counter++, false)
        if (!content) throw archiveError("archive_damaged")
        yield content
        chunk = new Uint8Array(sealedChunkBytes)
        used = 0
      }
      const taken = bytes.subarray(at, at + sealedChunkBytes - used)
      chunk.set(taken, used)
      used += taken.length
      at += taken.length
    }
  if (used === 0) throw archiveError("archive_incomplete")
  const end = chunk.subarray(0, used)
  const last = used > tagBytes ? open(end, counter, true) : undefined
  if (last) return yield last
  // What stands here is a whole chunk that is not the last one: the rest is missing.
  throw archiveError(used === sealedChunkBytes && open(end, counter, false) ? "archive_incomplete" : "archive_damaged")
}
