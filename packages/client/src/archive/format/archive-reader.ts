// The records of an archive from its bytes: each checked for its form, its place and its end before it is handed on. Holds two chunks and one
// record, however long the archive is.

import { CodecError } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { padmeSize } from "../../content/payload/padme.ts"
import { archiveError } from "./archive-error.ts"
import { chunkBytes, openChunks, sealedChunkBytes } from "./chunk-stream.ts"
import { type ArchiveKey, type Header, headerMaxBytes, openHeader } from "./header.ts"
import { decodeRecord, placeOf, recordMaxBytes } from "./record.ts"
import type { ArchiveRecord } from "./record-types.ts"

/** An archive that can be read from any byte on: a file, a blob, an object of a bucket. */
export interface ArchiveSource {
  read(fromByte: number): AsyncIterable<Uint8Array>
}

export interface ReadRecord {
  readonly record: ArchiveRecord
  /** Where in the content the next record begins. */
  readonly nextAt: number
}

type Crypto = Pick<CryptoProvider, "suite" | "sha256">

/** @throws ClientError `archive_unreadable`, `archive_newer`, `archive_key`, `archive_incomplete` */
export async function readHeader(crypto: Crypto, source: ArchiveSource, key: ArchiveKey): Promise<Header> {
  const head = new Uint8Array(headerMaxBytes)
  let used = 0
  for await (const bytes of source.read(0)) {
    head.set(bytes.subarray(0, headerMaxBytes - used), used)
    used = Math.min(used + bytes.length, headerMaxBytes)
    if (used === headerMaxBytes) break
  }
  return openHeader(crypto, head.slice(0, used), key)
}

/**
 * The records in order. `fromAt`: where one begins in the content, as an earlier reading said; what stands before was read then.
 * Everything that is handed on is authentic; that nothing is missing is known at the end.
 * @throws ClientError `archive_damaged`, `archive_incomplete`
 */
export async function* readRecords(
  crypto: Crypto,
  { source, header, fromAt = 0 }: { readonly source: ArchiveSource; readonly header: Header; readonly fromAt?: number },
): AsyncGenerator<ReadRecord> {
  const first = Math.floor(fromAt / chunkBytes)
  const sealed = source.read(header.bytes.length + first * sealedChunkBytes)
  const content = new Content(openChunks(crypto, header, { sealed, first }), first * chunkBytes)
  await content.skip(fromAt - content.at)
  let place = fromAt === 0 ? 0 : 1
  let count = 0
  let messages = 0
  for (;;) {
    const record = decoded(await content.take(await frameBytes(content)))
    const next = placeOf(record.type)
    // The account comes first and is one record.
    if (next < place || (place === 0) !== (record.type === "account")) throw archiveError("archive_damaged")
    place = next
    count++
    if (record.type === "message") messages++
    if (record.type !== "end") {
      yield { record, nextAt: content.at }
      continue
    }
    if (fromAt === 0 && (record.records !== count || record.messages !== messages)) throw archiveError("archive_damaged")
    const sizeBytes = padmeSize(content.at)
    await content.zerosTo(sizeBytes)
    yield { record, nextAt: sizeBytes }
    return
  }
}

function decoded(encoded: Uint8Array): ArchiveRecord {
  try {
    return decodeRecord(encoded)
  } catch (error) {
    if (error instanceof CodecError) throw archiveError("archive_damaged", error)
    throw error
  }
}

/** The length before a record: 1, 2 or 4 bytes, as few as it needs. */
async function frameBytes(content: Content): Promise<number> {
  const [first = 0] = await content.take(1)
  const prefix = first >> 6
  if (prefix === 3) throw archiveError("archive_damaged")
  let length = first & 0x3f
  for (const byte of await content.take(2 ** prefix - 1)) length = length * 256 + byte
  const shortest = prefix === 0 ? 1 : prefix === 1 ? 0x40 : 0x4000
  if (length < shortest || length > recordMaxBytes) throw archiveError("archive_damaged")
  return length
}

/** Content as it comes, taken in pieces of any size. */
class Content {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  #used = 0
  at: number

  constructor(chunks: AsyncIterator<Uint8Array>, at: number) {
    this.#chunks = chunks
    this.at = at
  }

  /** @throws ClientError `archive_incomplete` when there is not as much */
  async take(sizeBytes: number): Promise<Uint8Array> {
    const here = this.#chunk.subarray(this.#used, this.#used + sizeBytes)
    if (here.length === sizeBytes) {
      this.#used += sizeBytes
      this.at += sizeBytes
      return here
    }
    const out = new Uint8Array(sizeBytes)
    for (let filled = 0; filled < sizeBytes;) {
      if (this.#used === this.#chunk.length && !(await this.#more())) throw archiveError("archive_incomplete")
      const taken = this.#chunk.subarray(this.#used, this.#used + sizeBytes - filled)
      out.set(taken, filled)
      filled += taken.length
      this.#used += taken.length
      this.at += taken.length
    }
    return out
  }

  async skip(sizeBytes: number): Promise<void> {
    for (let left = sizeBytes; left > 0; left -= Math.min(left, chunkBytes)) await this.take(Math.min(left, chunkBytes))
  }

  /** Zeros up to this place and then nothing. */
  async zerosTo(at: number): Promise<void> {
    while (this.at < at) {
      const zeros = await this.take(Math.min(at - this.at, chunkBytes))
      if (zeros.some((byte) => byte !== 0)) throw archiveError("archive_damaged")
    }
    if (this.#used < this.#chunk.length || (await this.#more())) throw archiveError("archive_damaged")
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done === true) return false
    this.#chunk = next.value
    this.#used = 0
    return true
  }
}
