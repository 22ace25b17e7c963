import assert from "node:assert/strict"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { blobDownloadPath, blobExtendPath, blobHeaders, blobUploadPath } from "@nodoor/wire/delivery"
import { passOf } from "../fixtures/delivery-member.ts"
import { random } from "../fixtures/device.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"

const folder = mkdtempSync(join(tmpdir(), "nodoor-blob-http-"))
after(() => rmSync(folder, { recursive: true }))
const tus = { [blobHeaders.tus]: "1.0.0" }
const chunk = { ...tus, "content-type": "application/offset+octet-stream" }

async function withServer(
  run: (server: RunningServer, named: Record<string, string>, create: Record<string, string>, dataDir: string) => Promise<void>,
  config: Parameters<typeof startServer>[0]["config"] = {},
): Promise<void> {
  const dataDir = mkdtempSync(join(folder, "data-"))
  const server = await startServer({ dataDir, log: () => {}, config })
  try {
    const pass = await passOf(server.deliveryStore, "post", Math.floor(Date.now() / 3_600_000))
    const named = { [blobHeaders.id]: toBase64Url(random(32)), [blobHeaders.secret]: toBase64Url(random(32)) }
    const create = { ...named, ...tus, [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.keepDays]: "30" }
    await run(server, named, create, dataDir)
  } finally {
    await server.stop()
  }
}

/** Some bytes of the one upload are in its file. */
async function arrived(dataDir: string): Promise<void> {
  const directory = join(dataDir, "blobs")
  while (!readdirSync(directory).some((name) => statSync(join(directory, name)).size > 0))
    await new Promise((resolve) => setTimeout(resolve, 5))
}

test("a blob goes up and comes down over HTTP, any page may ask, and no answer may be kept", async () => {
  await withServer(async ({ url }, named, create) => {
    const content = random(3_000_000)
    const upload = `${url}${blobUploadPath}`
    const made = await fetch(upload, { method: "POST", headers: { ...create, [blobHeaders.length]: "3000000" } })
    assert.deepEqual([made.status, made.headers.get("location")], [201, blobUploadPath])
    const options = await fetch(upload, { method: "OPTIONS" })
    assert.deepEqual(
      ["tus-version", "tus-extension", "tus-max-size", "access-control-allow-origin"].map((name) => options.headers.get(name)),
      ["1.0.0", "creation,termination", String(2 ** 30), "*"],
    )
    assert.equal(options.status, 204)
    const patch = async (offset: number, part: Uint8Array, method: "PATCH" | "POST" = "PATCH", more = {}): Promise<Response> => {
      const headers = { ...named, ...chunk, [blobHeaders.offset]: String(offset), ...more }
      const request: RequestInit = { method, headers, body: part as Uint8Array<ArrayBuffer> }
      return await fetch(upload, request)
    }
    assert.equal((await patch(0, content.subarray(0, 1_000_000))).status, 204)
    assert.equal((await patch(1_000_000, content.subarray(1_000_000), "POST", { "x-http-method-override": "PATCH" })).status, 204)
    const read = await fetch(`${url}${blobDownloadPath}`, { headers: { [blobHeaders.id]: named[blobHeaders.id] as string } })
    assert.ok(Buffer.from(await read.arrayBuffer()).equals(content))
    assert.deepEqual([read.headers.get("cache-control"), read.headers.get("cross-origin-resource-policy")], ["no-store", "cross-origin"])
    assert.equal(read.headers.get("set-cookie"), null)
    const erased = await fetch(upload, { method: "DELETE", headers: { ...named, ...tus } })
    assert.equal(erased.status, 204)
  })
})

test("the file's name is no id, its times are those of a day, and a connection that is cut loses nothing that came", async () => {
  await withServer(async ({ url }, named, create, dataDir) => {
    const upload = `${url}${blobUploadPath}`
    const content = random(500_000)
    await fetch(upload, { method: "POST", headers: { ...create, [blobHeaders.length]: "500000" } })
    await new Promise<void>((resolve) => {
      const headers = { ...named, ...chunk, [blobHeaders.offset]: "0", "content-length": "500000" }
      const sent = request(upload, { method: "PATCH", headers })
      sent.on("error", () => resolve())
      sent.write(content.subarray(0, 200_000), () => void arrived(dataDir).then(() => sent.destroy()))
    })
    const answer = await fetch(upload, { method: "HEAD", headers: { ...named, ...tus } })
    const offset = Number(answer.headers.get(blobHeaders.offset))
    assert.ok(offset > 0 && offset <= 200_000, String(offset))
    const headers = { ...named, ...chunk, [blobHeaders.offset]: String(offset) }
    assert.equal((await fetch(upload, { method: "PATCH", headers, body: content.slice(offset) })).status, 204)
    const [file = ""] = readdirSync(join(dataDir, "blobs"))
    assert.match(file, /^[0-9a-f]{32}$/)
    const { mtimeMs, atimeMs, size, mode } = statSync(join(dataDir, "blobs", file))
    assert.deepEqual([mtimeMs % 86_400_000, atimeMs % 86_400_000, size, mode & 0o777], [0, 0, 500_000, 0o600])
    const read = await fetch(`${url}${blobDownloadPath}`, { headers: { [blobHeaders.id]: named[blobHeaders.id] as string } })
    assert.ok(Buffer.from(await read.arrayBuffer()).equals(content))
    assert.equal(statSync(join(dataDir, "blobs", file)).atimeMs % 86_400_000, 0, "reading leaves no time")
  })
})

test("with names of their own, uploads are for the posting host and downloads for the reading host, and for no other", async () => {
  const config = { readHost: "read.example.org", postHost: "post.example.org" }
  await withServer(async ({ port }) => {
    const status = (path: string, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request({ port, host: "127.0.0.1", path, method: "OPTIONS", headers: { host } }, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        sent.on("error", reject).end()
      })
    for (const [path, name] of [
      [blobUploadPath, config.postHost],
      [blobExtendPath, config.postHost],
      [blobDownloadPath, config.readHost],
    ] as const)
      for (const host of [config.readHost, config.postHost, "chat.example.org"])
        assert.equal(await status(path, host), host === name ? 204 : 404, `${path} at ${host}`)
  }, config)
})

test("a server that stops keeps what has come, and one that may store nothing says so", async () => {
  await withServer(
    async ({ url }, _named, create) => {
      const refused = await fetch(`${url}${blobUploadPath}`, { method: "POST", headers: { ...create, [blobHeaders.length]: "1" } })
      assert.equal(refused.status, 507)
    },
    { blobsMb: 0 },
  )
  const dataDir = mkdtempSync(join(folder, "stop-"))
  const first = await startServer({ dataDir, log: () => {} })
  const pass = await passOf(first.deliveryStore, "post", Math.floor(Date.now() / 3_600_000))
  const named = { [blobHeaders.id]: toBase64Url(random(32)), [blobHeaders.secret]: toBase64Url(random(32)), ...tus }
  const create = { ...named, [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.keepDays]: "30", [blobHeaders.length]: "1000000" }
  await fetch(`${first.url}${blobUploadPath}`, { method: "POST", headers: create })
  const headers = { ...named, ...chunk, [blobHeaders.offset]: "0", "content-length": "1000000" }
  const sent = request(`${first.url}${blobUploadPath}`, { method: "PATCH", headers })
  sent.on("error", () => {})
  sent.write(random(300_000))
  await arrived(dataDir)
  await first.stop()
  const second = await startServer({ dataDir, log: () => {} })
  const answer = await fetch(`${second.url}${blobUploadPath}`, { method: "HEAD", headers: named })
  assert.ok(Number(answer.headers.get(blobHeaders.offset)) > 0)
  await second.stop()
})
