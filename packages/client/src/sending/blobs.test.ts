import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { type TokenKey, WireError } from "@nodoor/wire"
import { askForBlob, deliveryWorld, passOf, random } from "@nodoor/server/fixtures"
import type { DeliveryHalfOptions } from "@nodoor/server"
import { padmeSize } from "../content/payload/padme.ts"
import { NetworkError } from "../core/client-error.ts"
import type { BlobAnswer, BlobRequest } from "../core/ports.ts"
import type { StreamPasses } from "../core/stream-passes.ts"
import { ServerBlobs } from "./blobs.ts"

/** A device's way to the production service. `hook` sees each request and says what becomes of it. */
async function world(
  options: Partial<DeliveryHalfOptions> & { readonly tokenKeys?: () => readonly TokenKey[] } = {},
  hook: (request: BlobRequest, honest: () => Promise<BlobAnswer>) => Promise<BlobAnswer> = (_request, honest) => honest(),
) {
  const delivery = await deliveryWorld(options)
  const pass = await passOf(delivery.store, "post", Math.floor(delivery.clock.nowMs() / 3_600_000))
  const asked: BlobRequest[] = []
  const refused: string[] = []
  const pauses: number[] = []
  const passes: StreamPasses = {
    take: async () => ({ type: "open", with: "pass", data: pass }),
    opened: () => {},
    refused: (code) => void refused.push(code),
  }
  const blobs = new ServerBlobs({
    network: {
      blob: (url, request) => {
        assert.equal(url, request.method === "GET" ? "https://read.example" : "https://post.example")
        asked.push(request)
        return hook(request, () => askForBlob(delivery.half.blob, "192.0.2.1", request))
      },
    },
    passes,
    random,
    timers: {
      after: (delayMs, callback) => {
        pauses.push(delayMs)
        setImmediate(callback)
        return () => {}
      },
    },
    postUrl: () => "https://post.example",
    readUrl: () => "https://read.example",
  })
  return { blobs, asked, refused, pauses, delivery }
}

function sourceOf(content: Uint8Array, stepBytes = 70_000) {
  return async function* (from: number): AsyncIterable<Uint8Array> {
    for (let at = from; at < content.length; at += stepBytes) yield content.subarray(at, at + stepBytes)
  }
}

async function whole(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return concat(...all)
}

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

test("what is uploaded comes down again, cut to its size, and is stored with random bytes up to the next Padmé size", async () => {
  const { blobs, asked } = await world()
  for (const size of [1, 255, 256, 300_001, 6_000_000]) {
    const content = random(size)
    const told: number[] = []
    const keys = await blobs.upload(sourceOf(content), { size, keepDays: 30, onProgress: (sent) => void told.push(sent) })
    assert.equal(told.at(-1), size)
    assert.equal(hash(await whole(blobs.download(keys.id, { size }))), hash(content))
    const all = await whole(blobs.download(keys.id))
    assert.equal(all.length, padmeSize(size))
    const padding = all.subarray(size)
    if (padding.length > 32) assert.ok(new Set(padding).size > 8, "not zeros")
    assert.equal(hash(await whole(blobs.download(keys.id, { from: size - 1, size }))), hash(content.slice(-1)))
  }
  assert.ok(asked.every(({ body }) => (body?.length ?? 0) <= 4 * 1024 * 1024))
})

test("lost requests, lost answers and a server that is busy cost tries and nothing else", async () => {
  const content = random(5_000_000)
  let nth = 0
  const { blobs, pauses } = await world({}, async (_request, honest) => {
    nth++
    if (nth % 5 === 1) throw new NetworkError("no answer", { maybeDone: true })
    const answer = await honest()
    if (nth % 5 === 3) throw new NetworkError("no answer", { maybeDone: true })
    return answer
  })
  const keys = await blobs.upload(sourceOf(content), { size: content.length, keepDays: 30 })
  assert.equal(hash(await whole(blobs.download(keys.id, { size: content.length }))), hash(content))
  assert.ok(pauses.length > 3)
})

test("a server that is not there is given up after some tries, and the same keys go on later where it was", async () => {
  let isThere = true
  const { blobs, asked } = await world({}, async (_request, honest) => {
    if (!isThere) throw new NetworkError("no answer", { maybeDone: true })
    return await honest()
  })
  const content = random(2_000_000)
  const keys = { id: random(32), secret: random(32) }
  const broken = async function* (from: number): AsyncIterable<Uint8Array> {
    yield content.subarray(from, 1_000_000)
    isThere = false
    yield content.subarray(1_000_000)
  }
  await assert.rejects(blobs.upload(broken, { size: content.length, keepDays: 30, keys }), NetworkError)
  isThere = true
  const before = asked.length
  let begun = -1
  const source = (from: number): AsyncIterable<Uint8Array> => {
    begun = from
    return sourceOf(content)(from)
  }
  await blobs.upload(source, { size: content.length, keepDays: 30, keys })
  assert.ok(begun > 0, "not from the beginning")
  assert.ok(asked.length > before)
  assert.equal(hash(await whole(blobs.download(keys.id, { size: content.length }))), hash(content))
})

test("a blob is replaced, extended and erased, and erasing it twice is no error", async () => {
  const { blobs } = await world()
  const [old, fresh] = [random(1_000), random(3_000)]
  const keys = await blobs.upload(sourceOf(old), { size: 1_000, keepDays: 30 })
  await assert.rejects(blobs.upload(sourceOf(fresh), { size: 3_000, keepDays: 30, keys }), { code: "blob_exists" })
  await blobs.upload(sourceOf(fresh), { size: 3_000, keepDays: 30, keys, replaces: true })
  assert.deepEqual(await whole(blobs.download(keys.id, { size: 3_000 })), fresh)
  await blobs.extend(keys, 90)
  await blobs.delete(keys)
  await blobs.delete(keys)
  await assert.rejects(whole(blobs.download(keys.id)), { code: "blob_not_found" })
  await assert.rejects(blobs.extend(keys, 90), { code: "blob_not_found" })
})

test("a refused pass is shown as such, and after some of them the refusal is the caller's", async () => {
  const { blobs, refused } = await world({ budgets: { posts: 9, groups: 9, blobBytes: 100 } })
  await assert.rejects(blobs.upload(sourceOf(random(5_000)), { size: 5_000, keepDays: 30 }), { code: "pass_used_up" })
  assert.deepEqual(refused, ["pass_used_up", "pass_used_up"])
})

test("a full server is not asked again and again", async () => {
  const { blobs, asked } = await world({ blobsMaxBytes: 10 })
  await assert.rejects(blobs.upload(sourceOf(random(5_000)), { size: 5_000, keepDays: 30 }), { code: "storage_full" })
  assert.equal(asked.length, 1)
})

test("what a changed server says instead ends the upload or the download, and never fills memory or goes on for ever", async () => {
  const content = random(700_000)
  const answer = (status: number, headers = {}): BlobAnswer => ({ status, headers, body: new Uint8Array(9) })
  const lies: readonly Partial<Record<BlobRequest["method"], BlobAnswer>>[] = [
    { HEAD: answer(200, { "upload-offset": "99999999" }) },
    { HEAD: answer(200) },
    { PATCH: answer(204, { "upload-offset": "1" }) },
    { PATCH: answer(500) },
    { POST: answer(302) },
  ]
  for (const lie of lies) {
    const { blobs, asked } = await world({}, async (request, honest) => lie[request.method] ?? (await honest()))
    await assert.rejects(blobs.upload(sourceOf(content), { size: content.length, keepDays: 30 }), NetworkError)
    assert.ok(asked.length < 60, String(asked.length))
  }
  // It takes everything and forgets it again.
  const { blobs, asked } = await world({}, async (request, honest) => {
    if (request.method === "HEAD") return { status: 200, headers: { "upload-offset": "0" }, body: new Uint8Array() }
    if (request.method !== "PATCH") return await honest()
    const end = Number(request.headers["upload-offset"]) + (request.body?.length ?? 0)
    if (end > 600_000) throw new NetworkError("no answer", { maybeDone: true })
    return { status: 204, headers: { "upload-offset": String(end) }, body: new Uint8Array() }
  })
  await assert.rejects(blobs.upload(sourceOf(content), { size: content.length, keepDays: 30 }), NetworkError)
  assert.ok(asked.length < 300)
  const reading: readonly ((answer: BlobAnswer) => BlobAnswer)[] = [
    (answer) => ({ ...answer, status: 200 }),
    (answer) => ({ ...answer, headers: {} }),
    (answer) => ({ ...answer, headers: { "content-range": "bytes 5-9/700000" } }),
    (answer) => ({ ...answer, headers: { "content-range": `bytes 0-9/${2 ** 40}` } }),
  ]
  const stored = await world()
  const keys = await stored.blobs.upload(sourceOf(content), { size: content.length, keepDays: 30 })
  for (const lie of reading) {
    const changed = await world({ store: stored.delivery.store } as never, async (request, honest) =>
      request.method === "GET" ? lie({ status: 206, headers: { "content-range": "bytes 0-9/700000" }, body: content }) : await honest(),
    )
    await assert.rejects(whole(changed.blobs.download(keys.id, { size: content.length })), NetworkError)
  }
  const short = await world({}, async () => ({ status: 206, headers: { "content-range": "bytes 0-0/700000" }, body: new Uint8Array() }))
  assert.equal((await whole(short.blobs.download(keys.id, { size: content.length }))).length, 0, "it ends, and the reader sees where")
})

test("an upload that nobody wants any more stops", async () => {
  const unwanted = Promise.withResolvers<void>()
  const { blobs } = await world()
  const content = random(3_000_000)
  const upload = { size: content.length, keepDays: 30, unwanted: unwanted.promise, onProgress: () => unwanted.resolve() }
  await assert.rejects(blobs.upload(sourceOf(content), upload), NetworkError)
})

test("content that is shorter than was said is a bug, and is not stored as a whole", async () => {
  const { blobs } = await world()
  const keys = { id: random(32), secret: random(32) }
  await assert.rejects(blobs.upload(sourceOf(random(100)), { size: 5_000, keepDays: 30, keys }), RangeError)
  await assert.rejects(whole(blobs.download(keys.id)), (error) => error instanceof WireError && error.code === "blob_not_found")
})
