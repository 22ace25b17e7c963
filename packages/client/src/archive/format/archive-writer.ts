// The bytes of an archive from its records.

import { CodecError, encodeTls } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { padmeSize } from "../../content/payload/padme.ts"
import { ChunkSealer, chunkBytes } from "./chunk-stream.ts"
import type { Header } from "./header.ts"
import { encodeRecord, recordMaxBytes } from "./record.ts"
import type { ArchiveRecord } from "./record-types.ts"

/** Yields the head at once and chunks as they become full. The last chunk follows the last record. */
export async function* sealRecords(
  crypto: Pick<CryptoProvider, "suite">,
  header: Header,
  records: AsyncIterable<Exclude<ArchiveRecord, { readonly type: "end" }>>,
): AsyncGenerator<Uint8Array> {
  yield header.bytes
  const sealer = new ChunkSealer(crypto, header)
  let count = 1
  let messages = 0
  for await (const record of records) {
    count++
    if (record.type === "message") messages++
    yield* sealer.add(framed(record))
  }
  yield* sealer.add(framed({ type: "end", records: count, messages }))
  // The size says little about the content: zeros up to the next step.
  for (let left = padmeSize(sealer.contentBytes) - sealer.contentBytes; left > 0; left -= chunkBytes)
    yield* sealer.add(new Uint8Array(Math.min(left, chunkBytes)))
  yield sealer.end()
}

/** `opaque record<V>` of RFC 9420 §2.1.2. */
export function framed(record: ArchiveRecord): Uint8Array {
  const encoded = encodeRecord(record)
  if (encoded.length > recordMaxBytes) throw new CodecError("oversized", "record of an archive")
  return encodeTls((w) => w.vector(encoded))
}
