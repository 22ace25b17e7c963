import assert from "node:assert/strict"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { ClientError } from "../../core/client-error.ts"
import { collected, crypto, idOf } from "../fixtures/archived-store.ts"
import { ChunkSealer, chunkBytes, openChunks, sealedChunkBytes } from "./chunk-stream.ts"
import { makeHeader, openHeader } from "./header.ts"

const key = idOf("key")
const header = makeHeader(crypto, { archiveId: idOf("id", 16), key, recoverySeed: idOf("recovery") })
/** Content that is the same everywhere, so that nothing but the seal tells one chunk from another. */
const content = new Uint8Array(3 * chunkBytes).fill(7)
const sealer = new ChunkSealer(crypto, header)
const sealed = concat(...sealer.add(content), sealer.end())
const [a, b, c] = [0, 1, 2].map((n) => sealed.slice(n * sealedChunkBytes, (n + 1) * sealedChunkBytes)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

async function* of(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function opened(parts: readonly Uint8Array[], head = header): Promise<number | string> {
  try {
    return (await collected(openChunks(crypto, head, { sealed: of(...parts), first: 0 }))).length
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
}

test("Chunks of the same content open in their places and up to the last one, and in no other way", async () => {
  assert.equal(await opened([a, b, c]), content.length)
  for (const wrong of [[b, a, c], [a, a, c], [a, c], [c], [a, b, c, c], [a, b, b]]) assert.equal(await opened(wrong), "archive_damaged")
  for (const short of [[a, b], [a], []]) assert.equal(await opened(short), "archive_incomplete")
})

test("Chunks open under their own head only, slots for other keys included", async () => {
  const other = header.bytes.slice()
  other[70] = (other[70] ?? 0) ^ 1
  const changed = openHeader(crypto, other, { kind: "given", key })
  assert.equal(await opened([a, b, c], changed), "archive_damaged")
})
