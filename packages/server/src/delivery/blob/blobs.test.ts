import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, decodeCbor, toBase64Url } from "@nodoor/bytes"
import { blobDownloadPath, blobExtendPath, blobHeaders, blobUploadPath } from "@nodoor/wire/delivery"
import { type AskedBlob, askForBlob } from "../../fixtures/ask-for-blob.ts"
import { passOf } from "../../fixtures/delivery-member.ts"
import { type DeliveryWorld, deliveryWorld } from "../../fixtures/delivery-world.ts"
import { random } from "../../fixtures/device.ts"
import type { DeliveryHalfOptions } from "../delivery-half.ts"
import { openInProcessDeliveryStore } from "../store/sqlite/in-process.ts"
import { memoryFiles } from "./memory-files.ts"

const dayMs = 86_400_000
const tus = { [blobHeaders.tus]: "1.0.0" }
const chunk = { ...tus, "content-type": "application/offset+octet-stream" }

type Headers = Readonly<Record<string, string>>
type Answer = Awaited<ReturnType<typeof askForBlob>>

/** One blob as a client handles it, with whatever it changes about its headers. */
async function open(
  options: Partial<DeliveryHalfOptions> = {},
  known?: { files: ReturnType<typeof memoryFiles>; store: DeliveryWorld["store"] },
) {
  const files = known?.files ?? memoryFiles()
  const store = known?.store ?? openInProcessDeliveryStore(":memory:")
  const world = await deliveryWorld({ store, blobFiles: files, ...options })
  const pass = await passOf(store, "post", Math.floor(world.clock.nowMs() / 3_600_000))
  const ask = (asked: AskedBlob): Promise<Answer> => askForBlob(world.half.blob, "192.0.2.7", asked)
  const blob = ({ id = random(32), secret = random(32) } = {}) => {
    const named = { [blobHeaders.id]: toBase64Url(id), [blobHeaders.secret]: toBase64Url(secret) }
    return {
      id,
      create: (size: number, more: Headers = {}) =>
        ask({
          method: "POST",
          path: blobUploadPath,
          headers: {
            ...named,
            ...tus,
            [blobHeaders.pass]: toBase64Url(pass),
            [blobHeaders.length]: String(size),
            [blobHeaders.keepDays]: "30",
            ...more,
          },
        }),
      head: () => ask({ method: "HEAD", path: blobUploadPath, headers: { ...named, ...tus } }),
      patch: (offset: number, body: Uint8Array, more: Headers = {}) =>
        ask({
          method: "PATCH",
          path: blobUploadPath,
          headers: { ...named, ...chunk, [blobHeaders.offset]: String(offset), ...more },
          body,
        }),
      erase: () => ask({ method: "DELETE", path: blobUploadPath, headers: { ...named, ...tus } }),
      extend: (days: number) =>
        ask({
          method: "POST",
          path: blobExtendPath,
          headers: { ...named, [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.keepDays]: String(days) },
        }),
      read: (more: Headers = {}) =>
        ask({ method: "GET", path: blobDownloadPath, headers: { [blobHeaders.id]: named[blobHeaders.id] as string, ...more } }),
    }
  }
  return { world, files, store, ask, blob, pass }
}

/** `201`, or `409 blob_exists`. */
function said({ status, body }: Answer): string {
  if (status < 400 || body.length === 0) return String(status)
  return `${status} ${(decodeCbor(body, { maxBytes: 1_000 }) as { code: string }).code}`
}

test("what was uploaded in parts is read by its id, whole or in part, and by nothing else", async () => {
  const { blob, store, files } = await open()
  const content = random(300_000)
  const mine = blob()
  const made = await mine.create(content.length)
  assert.deepEqual([said(made), made.headers["location"], made.headers["tus-resumable"]], ["201", blobUploadPath, "1.0.0"])
  assert.deepEqual((await mine.head()).headers[blobHeaders.offset], "0")
  assert.equal(said(await mine.read()), "404 blob_not_found", "it is not whole")
  const first = await mine.patch(0, content.subarray(0, 100_000))
  assert.deepEqual([said(first), first.headers[blobHeaders.offset]], ["204", "100000"])
  const { headers } = await mine.head()
  assert.deepEqual([headers[blobHeaders.offset], headers[blobHeaders.length], headers["cache-control"]], ["100000", "300000", "no-store"])
  assert.equal(said(await mine.patch(100_000, content.subarray(100_000))), "204")
  const whole = await mine.read()
  assert.deepEqual([whole.status, whole.headers["content-length"], whole.body], [200, "300000", content])
  const part = await mine.read({ range: "bytes=299990-299994" })
  assert.deepEqual([part.status, part.headers["content-range"], part.body], [206, "bytes 299990-299994/300000", content.slice(-10, -5)])
  assert.deepEqual((await mine.read({ range: "bytes=299990-" })).body, content.slice(-10))
  for (const range of ["bytes=300000-", "bytes=-5", "bytes=5-4", "bytes=1-2,4-5", "bytes=01-", "characters=1-"]) {
    const refused = await mine.read({ range })
    assert.deepEqual([refused.status, refused.headers["content-range"]], [416, "bytes */300000"], range)
  }
  assert.equal(said(await blob().read()), "404 blob_not_found")
  // Neither id nor secret is stored.
  const row = JSON.stringify(await store.listBlobs({ from: undefined, max: 9 })) + JSON.stringify(await files.list())
  assert.ok(!row.includes(JSON.stringify([...mine.id]).slice(1, -1)))
})

test("the same request again answers the same, and a whole blob counts as an upload at its end", async () => {
  const { blob } = await open({ budgets: { posts: 9, groups: 9, blobBytes: 5_000 } })
  const mine = blob()
  const content = random(5_000)
  for (let times = 0; times < 3; times++) assert.equal(said(await mine.create(5_000)), "201", "paid once")
  await mine.patch(0, content.subarray(0, 2_000))
  assert.equal(said(await mine.create(5_000)), "201")
  assert.equal((await mine.head()).headers[blobHeaders.offset], "2000")
  for (let times = 0; times < 2; times++)
    assert.equal(said(await mine.patch(2_000, content.subarray(2_000))), times === 0 ? "204" : "409 blob_offset")
  assert.equal(said(await mine.create(5_000)), "201")
  assert.equal((await mine.head()).headers[blobHeaders.offset], "5000")
  assert.equal(said(await mine.patch(5_000, new Uint8Array())), "204")
  assert.deepEqual((await mine.read()).body, content)
})

test("without the secret nobody sees how far an upload is, goes on with it, replaces, extends or erases it", async () => {
  const { blob } = await open()
  const content = random(3_000)
  for (const isWhole of [false, true]) {
    const mine = blob()
    await mine.create(3_000)
    await mine.patch(0, isWhole ? content : content.subarray(0, 1_000))
    const other = blob({ id: mine.id })
    assert.equal(said(await other.create(3_000)), "409 blob_exists")
    assert.equal(said(await other.create(3_000, { [blobHeaders.replace]: "1" })), "409 blob_exists")
    assert.equal(said(await other.head()), "404 blob_not_found")
    assert.equal(said(await other.patch(1_000, content.subarray(1_000))), "404 blob_not_found")
    assert.equal(said(await other.extend(200)), "404 blob_not_found")
    assert.equal(said(await other.erase()), "404 blob_not_found")
    if (!isWhole) assert.equal(said(await mine.patch(1_000, content.subarray(1_000))), "204")
    assert.deepEqual((await mine.read()).body, content)
  }
})

test("a blob is replaced when the other one is whole, and not a moment before", async () => {
  const { blob, files } = await open()
  const [old, fresh] = [random(1_000), random(2_000)]
  const mine = blob()
  await mine.create(1_000)
  await mine.patch(0, old)
  assert.equal(said(await mine.create(2_000)), "409 blob_exists", "not without saying so")
  assert.equal(said(await mine.create(2_000, { [blobHeaders.replace]: "1" })), "201")
  await mine.patch(0, fresh.subarray(0, 1_500))
  assert.deepEqual((await mine.read()).body, old)
  assert.equal((await files.list()).length, 2)
  await mine.patch(1_500, fresh.subarray(1_500))
  assert.deepEqual((await mine.read()).body, fresh)
  assert.equal((await files.list()).length, 1, "the old one's file is gone")
})

test("a part at another place, too long, of another type, or of another tus is refused, and what was there stays", async () => {
  const { blob } = await open()
  const content = random(1_000)
  const mine = blob()
  await mine.create(1_000)
  await mine.patch(0, content.subarray(0, 500))
  for (const offset of [0, 499, 501, 1_000]) {
    const refused = await mine.patch(offset, content.subarray(500))
    assert.deepEqual([said(refused), refused.headers[blobHeaders.offset]], ["409 blob_offset", "500"])
  }
  assert.equal(said(await mine.patch(500, random(501))), "413 too_large")
  assert.equal(said(await mine.patch(500, content, { "content-type": "application/octet-stream" })), "415 bad_request")
  assert.equal(said(await mine.patch(500, content, { "content-encoding": "gzip" })), "415 bad_request")
  for (const offset of ["", "-1", "0500", "5e2", "500 ", "0x1f4", "99999999999999999999"])
    assert.equal(said(await mine.patch(0, content, { [blobHeaders.offset]: offset })), "400 bad_request", offset)
  const other = await mine.patch(500, content.subarray(500), { [blobHeaders.tus]: "0.2.2" })
  assert.deepEqual([other.status, other.headers["tus-version"]], [412, "1.0.0"])
  assert.equal((await mine.head()).headers[blobHeaders.offset], "500")
  assert.equal(said(await mine.patch(500, content.subarray(500))), "204")
  assert.deepEqual((await mine.read()).body, content)
})

test("a body that is longer than it says stores nothing beyond the end, and one that is cut off keeps what has come", async () => {
  const { world, blob, pass } = await open()
  const content = random(1_000)
  const [id, secret] = [random(32), random(32)]
  const mine = blob({ id, secret })
  assert.ok(pass)
  await mine.create(1_000)
  const send = async (offset: number, body: () => AsyncIterable<Uint8Array>): Promise<number> => {
    const headers: Headers = {
      [blobHeaders.id]: toBase64Url(id),
      [blobHeaders.secret]: toBase64Url(secret),
      ...chunk,
      [blobHeaders.offset]: String(offset),
    }
    return (await world.half.blob({ method: "PATCH", path: blobUploadPath, header: (name) => headers[name], address: "::1", body: body() }))
      .status
  }
  const cut = await send(0, async function* () {
    yield content.subarray(0, 300)
    throw new Error("cut")
  })
  assert.equal(cut, 400)
  assert.equal((await mine.head()).headers[blobHeaders.offset], "300")
  const long = await send(300, async function* () {
    yield content.subarray(300, 700)
    yield concat(content.subarray(700), random(1))
  })
  assert.equal(long, 413)
  assert.equal((await mine.head()).headers[blobHeaders.offset], "700")
  assert.equal(said(await mine.patch(700, content.subarray(700))), "204")
  assert.deepEqual((await mine.read()).body, content)
})

test("whoever goes on with an upload ends the connection that hangs, and nothing of both gets mixed up", async () => {
  const { world, blob } = await open()
  const content = random(2_000)
  const [id, secret] = [random(32), random(32)]
  const mine = blob({ id, secret })
  await mine.create(2_000)
  const hanging = Promise.withResolvers<never>()
  const headers: Headers = {
    [blobHeaders.id]: toBase64Url(id),
    [blobHeaders.secret]: toBase64Url(secret),
    ...chunk,
    [blobHeaders.offset]: "0",
  }
  const stuck = world.half.blob({
    method: "PATCH",
    path: blobUploadPath,
    header: (name) => headers[name],
    address: "::1",
    body: (async function* () {
      yield content.subarray(0, 800)
      await hanging.promise
    })(),
  })
  await new Promise((resolve) => setImmediate(resolve))
  const offset = Number((await mine.create(2_000), await mine.head()).headers[blobHeaders.offset])
  assert.equal((await stuck).status, 503)
  assert.equal(offset, 800, "what had come is kept")
  assert.equal(said(await mine.patch(800, content.subarray(800))), "204")
  assert.deepEqual((await mine.read()).body, content)
})

test("without a pass for posting, with a forged one, or with one that is used up nothing begins; bytes and months are paid for once", async () => {
  const { world, blob, store } = await open({ budgets: { posts: 9, groups: 9, blobBytes: 10_000 } })
  const hour = Math.floor(world.clock.nowMs() / 3_600_000)
  const forged = { [blobHeaders.pass]: toBase64Url(random(53)) }
  const reading = { [blobHeaders.pass]: toBase64Url(await passOf(store, "read", hour)) }
  assert.equal(said(await blob().create(100, forged)), "403 pass_invalid")
  assert.equal(said(await blob().create(100, reading)), "403 pass_invalid")
  assert.equal(said(await blob().create(100, { [blobHeaders.pass]: "" })), "400 bad_request")
  assert.equal(said(await blob().create(100, { [blobHeaders.token]: toBase64Url(random(354)) })), "400 bad_request", "one of both")
  const mine = blob()
  assert.equal(said(await mine.create(2_500, { [blobHeaders.keepDays]: "31" })), "201", "two months")
  await mine.patch(0, random(2_500))
  assert.equal(said(await blob().create(5_001)), "403 pass_used_up")
  assert.equal(said(await mine.extend(61)), "204", "a month more")
  assert.equal(said(await mine.extend(61)), "204", "nothing more, nothing paid")
  assert.equal(said(await mine.extend(122)), "403 pass_used_up")
  assert.equal(said(await blob().create(2_500)), "201")
  assert.equal(said(await blob().create(1)), "403 pass_used_up")
})

test("sizes, days, ids and secrets have one form and bounds", async () => {
  const { blob, ask, pass } = await open()
  for (const length of ["", "0", "-1", "1.5", "01", " 1", "1e3", "9".repeat(20)])
    assert.equal(said(await blob().create(1, { [blobHeaders.length]: length })), "400 bad_request", length)
  assert.equal(said(await blob().create(2 ** 30 + 1)), "413 too_large")
  for (const days of ["", "0", "401", "030", "1.0"])
    assert.equal(said(await blob().create(1, { [blobHeaders.keepDays]: days })), "400 bad_request", days)
  const payment = { ...tus, [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.length]: "1", [blobHeaders.keepDays]: "1" }
  for (const id of [
    "",
    toBase64Url(random(31)),
    toBase64Url(random(33)),
    `${toBase64Url(random(32))}=`,
    "ä".repeat(43),
    "A".repeat(10_000),
  ]) {
    const headers = { ...payment, [blobHeaders.id]: id, [blobHeaders.secret]: toBase64Url(random(32)) }
    assert.equal(said(await ask({ method: "POST", path: blobUploadPath, headers })), "400 bad_request", id.slice(0, 50))
  }
  assert.equal(said(await blob().create(1, { [blobHeaders.replace]: "yes" })), "400 bad_request")
  assert.equal(said(await ask({ method: "PUT", path: blobUploadPath, headers: tus })), "405")
  assert.equal(said(await ask({ method: "GET", path: "/v1/blobs/other", headers: tus })), "404 not_found")
})

test("when all room is taken nothing begins, the pass is not charged, and room that is given back is there again", async () => {
  const { blob } = await open({ blobsMaxBytes: 1_000, budgets: { posts: 9, groups: 9, blobBytes: 2_000 } })
  const mine = blob()
  assert.equal(said(await mine.create(600)), "201")
  const other = blob()
  for (let times = 0; times < 9; times++) assert.equal(said(await other.create(401)), "507 storage_full")
  assert.equal(said(await mine.erase()), "204")
  assert.equal(said(await mine.erase()), "404 blob_not_found")
  assert.equal(said(await other.create(1_000)), "201")
})

test("a blob goes when its days are over, an upload that was left after two, and both leave no file", async () => {
  const { world, blob, files } = await open()
  const startMs = world.clock.nowMs()
  const [kept, short, left] = [blob(), blob(), blob()]
  for (const [one, days] of [
    [kept, "60"],
    [short, "3"],
  ] as const) {
    await one.create(500, { [blobHeaders.keepDays]: days })
    await one.patch(0, random(500))
  }
  await left.create(500)
  await left.patch(0, random(10))
  const at = async (days: number): Promise<string[]> => {
    world.clock.set(startMs + days * dayMs)
    await world.half.sweep()
    return [said(await kept.read()), said(await short.read()), said(await left.head())]
  }
  assert.deepEqual(await at(2), ["200", "200", "200"])
  assert.deepEqual(
    await at(3),
    ["200", "200", "404"].map((code, index) => (index === 2 ? "404 blob_not_found" : code)),
  )
  assert.deepEqual((await at(4)).slice(0, 2), ["200", "404 blob_not_found"])
  assert.equal((await files.list()).length, 1)
  assert.deepEqual((await at(61)).slice(0, 1), ["404 blob_not_found"])
  assert.equal((await files.list()).length, 0)
})

test("a file that somebody still reads is overwritten when they have read it", async () => {
  const { world, blob, files } = await open()
  const content = random(1_000)
  const mine = blob()
  await mine.create(1_000)
  await mine.patch(0, content)
  const reply = await world.half.blob({
    method: "GET",
    path: blobDownloadPath,
    header: (name) => (name === blobHeaders.id ? toBase64Url(mine.id) : undefined),
    address: "::1",
    body: (async function* () {})(),
  })
  assert.equal(said(await mine.erase()), "204")
  assert.equal((await files.list()).length, 1)
  const parts: Uint8Array[] = []
  for await (const part of reply.body as AsyncIterable<Uint8Array>) parts.push(part)
  assert.deepEqual(concat(...parts), content)
  assert.equal((await files.list()).length, 0)
})

test("after a power cut an upload goes on where it was noted, a finished blob is whole, and files that nothing names are gone", async () => {
  const before = await open()
  const content = random(4_000)
  const [id, secret] = [random(32), random(32)]
  const [whole, begun] = [before.blob(), before.blob({ id, secret })]
  await whole.create(4_000)
  assert.equal(said(await whole.patch(0, content)), "204")
  await begun.create(4_000)
  await begun.patch(0, content.subarray(0, 1_000))
  // More arrives, and the power goes before it is noted.
  const [upload] = (await before.store.listBlobs({ from: undefined, max: 9 })).filter(({ what }) => what === "upload")
  const writer = await before.files.write(Buffer.from(upload?.file ?? []).toString("hex"), 1_000)
  await writer.append(content.subarray(1_000, 2_000))
  await (await before.files.write("0".repeat(32), 0)).sync()
  before.files.lose()
  const after = await open({}, before)
  assert.deepEqual((await after.blob({ id: whole.id }).read()).body, content)
  const again = after.blob({ id, secret })
  assert.equal((await again.head()).headers[blobHeaders.offset], "1000")
  assert.equal(said(await again.patch(1_000, content.subarray(1_000))), "204")
  assert.deepEqual((await again.read()).body, content)
  assert.equal((await after.files.list()).length, 2)
})

test("a row whose file is lost is no blob any more, and the log says that one was", async () => {
  const before = await open()
  const mine = before.blob()
  await mine.create(100)
  await mine.patch(0, random(100))
  const after = await open({}, { store: before.store, files: memoryFiles() })
  assert.equal(said(await after.blob({ id: mine.id }).read()), "404 blob_not_found")
  assert.deepEqual(after.world.log, ["blob_file_missing"])
})

test("too many requests of one address are refused with the time to wait", async () => {
  const { blob } = await open({
    rates: { open: none(), address: none(), group: none(), blobs: { burst: 3, perSecond: 1 } },
  })
  const mine = blob()
  const codes = []
  for (let times = 0; times < 4; times++) codes.push(said(await mine.read()))
  assert.deepEqual(codes, [...Array<string>(3).fill("404 blob_not_found"), "429 rate_limited"])
})

function none() {
  return { burst: 1e9, perSecond: 1e9 }
}
