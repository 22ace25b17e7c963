// The format against its golden file, at the edges of its shapes, and against files that no writer makes.

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { concat, equal, fromHex, toHex } from "@nodoor/bytes"
import fc from "fast-check"
import { chunkHash, treeOver } from "./hash-tree.ts"
import { layoutOf, mediaLimits, pageBytes } from "./layout.ts"
import { MediaError } from "./media-error.ts"
import { MediaReader, type SealedDescription } from "./media-reader.ts"
import { sealMedia } from "./seal-media.ts"
import { chunkBytes, sealedChunkBytes, streamNonce } from "./stream.ts"
import { webMediaCrypto as crypto } from "./web-crypto.ts"

const key = new Uint8Array(32).fill(7)

/** Content in which no two places look alike for long. */
function contentOf(size: number): Uint8Array {
  const out = new Uint8Array(size)
  for (let at = 0, state = 1; at < size; at++) out[at] = state = (state * 61 + 17 + (at >> 8)) & 0xff
  return out
}

async function* of(content: Uint8Array, stepBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += stepBytes) yield content.subarray(at, at + stepBytes)
}

interface Sealed extends SealedDescription {
  readonly file: Uint8Array
}

async function sealed(content: Uint8Array, { stepBytes, under = key }: { stepBytes?: number; under?: Uint8Array } = {}): Promise<Sealed> {
  const file = new Uint8Array(layoutOf(content.length).sealedBytes)
  const sink = { write: async (at: number, bytes: Uint8Array): Promise<void> => file.set(bytes, at) }
  const { root, sealedBytes } = await sealMedia(crypto, { key: under, size: content.length, content: of(content, stepBytes), sink })
  assert.equal(sealedBytes, file.length)
  return { key: under, size: content.length, root, file }
}

function sourceOf(file: Uint8Array, stepBytes = 300_000): { read(at: number, sizeBytes: number): Promise<Uint8Array> } {
  return { read: async (at, sizeBytes) => file.subarray(at, at + Math.min(sizeBytes, stepBytes)) }
}

async function opened({ file, ...media }: Sealed, from?: number, to?: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of new MediaReader(crypto, media, sourceOf(file)).content(from, to)) parts.push(part)
  return concat(...parts)
}

async function refusal(media: Sealed, from?: number, to?: number): Promise<string> {
  try {
    await opened(media, from, to)
    return "opened"
  } catch (error) {
    if (error instanceof MediaError) return error.code
    throw error
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const golden = {
  size: 100_000,
  root: "8eca42bc299b09621f707165bc4290764dd4195dbd92263e9bb1ab66b5df5001",
  sha256: "ba5284dd05a78df1c150d5a972274edc2883538f963f0f23469c52746f002825",
}

test("The file that the first version wrote opens, and this version writes the same", async () => {
  const file = new Uint8Array(readFileSync(new URL("fixtures/version-1.sealed", import.meta.url)))
  assert.equal(sha256(file), golden.sha256, "the file itself")
  const content = contentOf(golden.size)
  assert.ok(equal(await opened({ key, size: golden.size, root: fromHex(golden.root), file }), content))
  const again = await sealed(content)
  assert.deepEqual([toHex(again.root), sha256(again.file)], [golden.root, golden.sha256])
})

test("Content of every shape comes back: empty, at the edges of chunks and batches, and with a tree of two levels", async () => {
  const chunk = chunkBytes
  for (const size of [0, 1, chunk - 1, chunk, chunk + 1, 16 * chunk, 16 * chunk + 1, 33 * chunk - 5, 257 * chunk + 3]) {
    const content = contentOf(size)
    const media = await sealed(content, { stepBytes: 70_001 })
    assert.ok(equal(await opened(media), content), `${size}`)
    const { levels, treeBytes, sealedBytes } = layoutOf(size)
    assert.equal(levels.length, size > 256 * chunk ? 2 : 1)
    assert.equal(sealedBytes, media.file.length)
    assert.equal(
      treeBytes,
      levels.reduce((sum, { hashes }) => sum + 32 * hashes, 0),
    )
  }
})

test("A part is read by itself, costs its chunks and the way to the root, and is what stands there", async () => {
  const content = contentOf(300 * chunkBytes + 77)
  const media = await sealed(content)
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length), fc.nat(5 * chunkBytes), async (from, length) => {
      assert.ok(equal(await opened(media, from, from + length), content.subarray(from, from + length)))
    }),
    { numRuns: 20 },
  )
  let read = 0
  const counting = {
    read: async (at: number, sizeBytes: number): Promise<Uint8Array> => {
      read += sizeBytes
      return media.file.subarray(at, at + sizeBytes)
    },
  }
  for await (const _ of new MediaReader(crypto, media, counting).content(200 * chunkBytes, 200 * chunkBytes + 10)) continue
  assert.ok(read <= 2 * pageBytes + sealedChunkBytes, `${read}`)
})

test("A file that is changed anywhere, cut, moved within itself, doubled or longer gives nothing of what was touched", async () => {
  const content = new Uint8Array(3 * chunkBytes).fill(5)
  const media = await sealed(content)
  const { treeBytes } = layoutOf(content.length)
  const [a, b, c] = [0, 1, 2].map((n) => media.file.subarray(treeBytes + n * sealedChunkBytes, treeBytes + (n + 1) * sealedChunkBytes)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const tree = media.file.subarray(0, treeBytes)
  for (const chunks of [[b, a, c], [a, a, c], [a, c, b], [a, b], [a, b, c.subarray(0, -1)], [c, c, c], []])
    assert.equal(await refusal({ ...media, file: concat(tree, ...chunks) }), "media_damaged")
  for (let at = 0; at < media.file.length; at += 4_099) {
    const changed = media.file.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(await refusal({ ...media, file: changed }), "media_damaged", `${at}`)
  }
  for (const cut of [0, 1, 31, treeBytes, treeBytes + 1, media.file.length - 1])
    assert.equal(await refusal({ ...media, file: media.file.subarray(0, cut) }), "media_damaged", `${cut}`)
  // What is in front of a damaged chunk holds, and a part elsewhere does not need it.
  const damaged = media.file.slice()
  damaged[treeBytes + sealedChunkBytes] = (damaged[treeBytes + sealedChunkBytes] ?? 0) ^ 1
  assert.ok(equal(await opened({ ...media, file: damaged }, 0, 10), content.subarray(0, 10)))
  assert.equal(await refusal({ ...media, file: damaged }, chunkBytes, chunkBytes + 1), "media_damaged")
})

test("Another key, another root, and a size that is not the file's open nothing", async () => {
  const media = await sealed(contentOf(chunkBytes + 100))
  assert.equal(await refusal({ ...media, key: new Uint8Array(32).fill(8) }), "media_damaged")
  assert.equal(await refusal({ ...media, root: media.root.map((byte) => byte ^ 1) }), "media_damaged")
  for (const size of [0, 1, chunkBytes, media.size - 1, media.size + 1, media.size + chunkBytes, 300 * chunkBytes])
    assert.equal(await refusal({ ...media, size }), "media_damaged", `${size}`)
  for (const size of [-1, 1.5, Number.NaN, mediaLimits.bytes + 1, Number.MAX_SAFE_INTEGER])
    assert.throws(() => new MediaReader(crypto, { ...media, size }, sourceOf(media.file)), { code: "media_size" })
})

test("Who has the key and not the sender's word cannot put other content in the file's place", async () => {
  const [media, other] = [await sealed(contentOf(2 * chunkBytes)), await sealed(new Uint8Array(2 * chunkBytes).fill(9))]
  assert.ok(equal(await opened(other), new Uint8Array(2 * chunkBytes).fill(9)), "it opens under its own root")
  assert.equal(await refusal({ ...media, file: other.file }), "media_damaged")
  const { treeBytes } = layoutOf(media.size)
  assert.equal(
    await refusal({ ...media, file: concat(media.file.subarray(0, treeBytes), other.file.subarray(treeBytes)) }),
    "media_damaged",
  )
})

test("A tree that holds over chunks that do not open is refused: the last chunk must be sealed as the last", async () => {
  const cipher = await crypto.cipher(key)
  const content = contentOf(100)
  for (const [isLast, expected] of [
    [true, "opened"],
    [false, "media_damaged"],
  ] as const) {
    const chunk = await cipher.seal(streamNonce(0, { isLast }), content)
    const { tree, root } = await treeOver(crypto, layoutOf(100), await chunkHash(crypto, chunk))
    assert.equal(await refusal({ key, size: 100, root, file: concat(tree, chunk) }), expected)
  }
})

test("A lower page of the tree is checked by the page above it, and chunks that are kept are checked without the key", async () => {
  const content = contentOf(257 * chunkBytes)
  const media = await sealed(content)
  const { treeBytes, levels } = layoutOf(content.length)
  const wrongPage = media.file.slice()
  const at = (levels[0]?.at ?? 0) + 300
  wrongPage[at] = (wrongPage[at] ?? 0) ^ 1
  assert.equal(await refusal({ ...media, file: wrongPage }, 0, 1), "media_damaged")
  await assert.rejects(new MediaReader(crypto, media, sourceOf(wrongPage)).checkTree(), { code: "media_damaged" })
  const reader = new MediaReader(crypto, { ...media, key: new Uint8Array(32) }, sourceOf(media.file))
  await reader.checkTree()
  const chunks = media.file.subarray(treeBytes)
  await reader.checkChunks(0, chunks.subarray(0, 3 * sealedChunkBytes))
  await reader.checkChunks(255, chunks.subarray(255 * sealedChunkBytes))
  for (const [first, wrong] of [
    [1, chunks.subarray(0, sealedChunkBytes)],
    [0, chunks.subarray(0, sealedChunkBytes + 5)],
    [256, chunks.subarray(0, 2 * sealedChunkBytes)],
    [9_999, chunks.subarray(0, sealedChunkBytes)],
  ] as const)
    await assert.rejects(reader.checkChunks(first, wrong), { code: "media_damaged" })
})

test("A source that gives more than it was asked for, or nothing for ever, is a damaged file", async () => {
  const media = await sealed(contentOf(10))
  for (const read of [async () => new Uint8Array(1_000_000), async () => new Uint8Array()]) {
    const content = new MediaReader(crypto, media, { read }).content()
    await assert.rejects(content.next(), { code: "media_damaged" })
  }
})

test("Content that is shorter or longer than was said is not sealed as a file", async () => {
  const sink = { write: async (): Promise<void> => undefined }
  for (const [size, given] of [
    [10, 9],
    [10, 11],
    [0, 1],
    [chunkBytes, chunkBytes + 1],
    [17 * chunkBytes, 16 * chunkBytes],
  ] as const)
    await assert.rejects(sealMedia(crypto, { key, size, content: of(contentOf(given)), sink }), { code: "media_size" }, `${size}`)
})
