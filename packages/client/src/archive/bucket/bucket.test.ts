import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { nodeNetwork } from "../../platform/node-network.ts"
import { bucketNetwork } from "../../platform/bucket-network.ts"
import { collected, crypto, filledStore, idOf, startMs } from "../fixtures/archived-store.ts"
import { type S3Server, s3Keys, startS3 } from "../fixtures/s3-server.ts"
import { verifyArchive } from "../preview-archive.ts"
import { type WritingArchive, writeArchive } from "../write-archive.ts"
import { Bucket } from "./bucket.ts"
import { signedHeaders } from "./signature.ts"

// Amazon's own examples: "Authenticating Requests: Using the Authorization Header", examples 1, 2 and 4.
const amazon = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1" }
const examples = [
  {
    method: "GET",
    url: "https://examplebucket.s3.amazonaws.com/test.txt",
    headers: { range: "bytes=0-9" },
    body: "",
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    method: "PUT",
    url: "https://examplebucket.s3.amazonaws.com/test%24file.text",
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    body: "Welcome to Amazon S3.",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    method: "GET",
    url: "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
    headers: {},
    body: "",
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
] as const

test("Requests are signed as Amazon's examples are", () => {
  for (const { method, url, headers, body, signature } of examples) {
    const request = { method, url: new URL(url), headers, body: new TextEncoder().encode(body) }
    const { authorization = "" } = signedHeaders(crypto, amazon, request, Date.UTC(2013, 4, 24))
    assert.equal(authorization.split("Signature=")[1], signature)
  }
})

async function world(
  t: TestContext,
): Promise<{ readonly s3: S3Server; readonly bucket: Bucket; made(fill?: number): Promise<WritingArchive> }> {
  const s3 = await startS3({ bucket: "my-backups" })
  t.after(() => s3.close())
  const parts = { network: bucketNetwork(nodeNetwork().exchange), crypto, clock: { nowMs: () => Date.now() } }
  let n = 0
  return {
    s3,
    bucket: new Bucket(parts, { ...s3Keys, endpoint: s3.endpoint, bucket: "my-backups" }),
    made: async (size = 100_000) => {
      n++
      const fill = idOf(`content ${n}`)
      async function* bytes(): AsyncGenerator<Uint8Array> {
        for (let left = size; left > 0; left -= 1_000_000) yield new Uint8Array(Math.min(left, 1_000_000)).fill(fill[0] ?? 0)
      }
      return { archiveId: fill.slice(0, 16), madeAtMs: startMs + n * 86_400_000, bytes: bytes() }
    },
  }
}

test("A bucket keeps the two newest backups, small ones in one request and large ones in parts, and gives them back from any byte", async (t) => {
  const { s3, bucket, made } = await world(t)
  assert.deepEqual(await bucket.list(), [])
  await bucket.write(await made())
  assert.equal(await bucket.write(await made(20_000_000)), 20_000_000)
  assert.equal(await bucket.write(await made(8_388_608)), 8_388_608)
  s3.objects.set("nodoor-notes.txt", Buffer.from("not a backup"))
  s3.objects.set("other.nodoor-archive", Buffer.from("not named as ours are"))
  const kept = await bucket.list()
  assert.deepEqual(
    kept.map(({ bytes }) => bytes),
    [8_388_608, 20_000_000],
  )
  const [, large] = kept
  assert.ok(large)
  const source = await bucket.source(large.name)
  const content = s3.objects.get(large.name) ?? Buffer.alloc(0)
  for (const from of [0, 1, 4_194_304, 19_999_999, 20_000_000])
    assert.equal(toHex(crypto.sha256(await collected(source.read(from)))), toHex(crypto.sha256(content.subarray(from))), `from ${from}`)
  assert.ok(s3.requests.every((request) => !request.includes("secret") && !request.includes(s3Keys.secretAccessKey)))
  await assert.rejects(bucket.source("nodoor-notes.txt"), { code: "not_found" })
})

test("A real backup in a bucket opens from there", async (t) => {
  const { bucket } = await world(t)
  const store = await filledStore({ messages: 300 })
  await bucket.write(await writeArchive(store, { for: "backup", recoverySeed: idOf("recovery") }))
  const [kept] = await bucket.list()
  assert.ok(kept)
  const verified = await verifyArchive(crypto, await bucket.source(kept.name), { kind: "recovery", seed: idOf("recovery") })
  assert.deepEqual([verified.messages, verified.bytes], [300, kept.bytes])
})

test("Keys that the bucket does not know, another bucket, and answers of errors are refused with a word for the person", async (t) => {
  const { s3, bucket, made } = await world(t)
  const parts = { network: bucketNetwork(nodeNetwork().exchange), crypto, clock: { nowMs: () => Date.now() } }
  const of = (settings: Partial<ConstructorParameters<typeof Bucket>[1]>): Bucket =>
    new Bucket(parts, { ...s3Keys, endpoint: s3.endpoint, bucket: "my-backups", ...settings })
  await assert.rejects(of({ secretAccessKey: "another" }).list(), { code: "bucket_refused", message: /keys/ })
  await assert.rejects(of({ region: "us-east-1" }).list(), { code: "bucket_refused" })
  await assert.rejects(of({ bucket: "not-mine" }).list(), { code: "bucket_refused", message: /no such bucket/ })
  s3.hook = ({ method }) => (method === "PUT" ? 507 : undefined)
  await assert.rejects(bucket.write(await made()), { name: "NetworkError" })
  s3.hook = ({ query }) => (query.get("partNumber") === "2" ? 403 : undefined)
  await assert.rejects(bucket.write(await made(20_000_000)), { code: "bucket_refused" })
  assert.equal(s3.objects.size, 0)
  assert.ok(s3.requests.at(-1)?.startsWith("DELETE"), "parts that were sent are let go of")
})

test("An address without encryption, with a name in it, or a bucket of another form is refused before anything is sent", () => {
  const parts = { network: bucketNetwork(nodeNetwork().exchange), crypto, clock: { nowMs: () => 0 } }
  const fine = { ...s3Keys, endpoint: "https://s3.example", bucket: "my-backups" }
  assert.ok(new Bucket(parts, fine))
  for (const wrong of [
    { endpoint: "http://s3.example" },
    { endpoint: "https://me:secret@s3.example" },
    { endpoint: "https://s3.example/?x=1" },
    { endpoint: "ftp://s3.example" },
    { endpoint: "" },
    { bucket: "a/b" },
    { bucket: "" },
    { region: "eu 1" },
    { accessKeyId: "" },
    { secretAccessKey: "" },
  ])
    assert.throws(() => new Bucket(parts, { ...fine, ...wrong }), { code: "invalid_input" })
})
