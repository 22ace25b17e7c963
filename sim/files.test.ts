// Photos and files from one device to another (docs/protocol.md, "Files"): production clients on the production server, with a hand between them.

import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, equal, toHex } from "@nodoor/bytes"
import { ClientError, type FileContent, type FileToSend, type MessageView, type TransferView } from "@nodoor/client"
import { layoutOf, sealedChunkBytes } from "@nodoor/media"
import type { BlobReply } from "@nodoor/server"
import { blobHeaders, blobUploadPath } from "@nodoor/wire/delivery"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

const dayMs = 86_400_000

function contentOf(size: number): Uint8Array {
  const out = new Uint8Array(size)
  for (let at = 0, state = 1; at < size; at++) out[at] = state = (state * 61 + 17 + (at >> 8)) & 0xff
  return out
}

function fileOf(content: Uint8Array, more: Partial<FileToSend> = {}): FileToSend {
  return {
    name: "notes.txt",
    mediaType: "text/plain",
    size: content.length,
    async *content() {
      for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000)
    },
    ...more,
  }
}

async function messageOf(person: Person, chatId: string, id: string): Promise<MessageView | undefined> {
  return (await person.device.messagesById(chatId, [id]))[0]
}

async function fileIn(person: Person, chatId: string, id: string): Promise<FileContent | undefined> {
  const content = (await messageOf(person, chatId, id))?.content
  return content?.type === "file" ? content : undefined
}

/** The content as this device opens it, or the code of the refusal. */
async function opened(world: OperatedWorld, { device }: Person, chatId: string, id: string): Promise<Uint8Array | string> {
  try {
    const file = await world.run(device.files.open(chatId, id))
    const parts: Uint8Array[] = []
    for await (const part of file.content()) parts.push(part)
    return concat(...parts)
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
}

async function sent(world: OperatedWorld, from: Person, to: Person, chatId: string, file: FileToSend): Promise<string> {
  const { id } = await world.run(from.device.files.send(chatId, file))
  await world.until("it arrives", async () => (await fileIn(to, chatId, id)) !== undefined)
  return id
}

async function bodyOf(reply: BlobReply): Promise<Uint8Array> {
  if (reply.body === undefined || reply.body instanceof Uint8Array) return reply.body ?? new Uint8Array()
  const parts: Uint8Array[] = []
  for await (const part of reply.body) parts.push(part)
  return concat(...parts)
}

async function tables({ virtual }: Person): Promise<number> {
  const [row] = await virtual.disk.read("SELECT COUNT(*) AS n FROM sealed_file")
  return Number(row?.["n"])
}

test("a photo comes with its preview and caption, opens as what was sent, in parts too, and the server has seen nothing of it", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const uploaded: Uint8Array[] = []
    world.blobHand = async (call, honest) => {
      const body: Uint8Array[] = []
      const given = call.body
      async function* copied(): AsyncGenerator<Uint8Array> {
        for await (const part of given) {
          body.push(part.slice())
          yield part
        }
      }
      Object.assign(call, { body: copied() })
      const reply = await honest()
      uploaded.push(...body)
      return reply
    }
    const told: TransferView[] = []
    alice.device.subscribe((event) => event.type === "transfer" && told.push(event.transfer))
    const content = contentOf(3_000_000)
    const preview = { width: 1_200, height: 800, thumbhash: Uint8Array.of(1, 2, 3, 4, 5) }
    const more = { name: "../holiday\u202egpj.jpg", mediaType: "image/jpeg; a=b", caption: "at the *lake*", preview }
    const id = await sent(world, alice, bob, chatId, fileOf(content, more))
    for (const person of [alice, bob]) {
      const shown = await fileIn(person, chatId, id)
      const { name, mediaType, sizeBytes, caption } = shown ?? ({} as Partial<FileContent>)
      assert.deepEqual([name, mediaType, sizeBytes, caption], ["holidaygpj.jpg", "image/jpeg", content.length, "at the *lake*"])
      assert.deepEqual(shown?.preview, { width: 1_200, height: 800, thumbhash: "0102030405" })
      const daysLeft = ((shown?.expiresMs ?? 0) - world.time.nowMs()) / dayMs
      assert.ok(daysLeft > 59 && daysLeft < 61)
    }
    await world.until("it is delivered", async () => (await messageOf(alice, chatId, id))?.status === "delivered")
    const got = await opened(world, bob, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
    const { content: part } = await world.run(bob.device.files.open(chatId, id))
    const middle: Uint8Array[] = []
    for await (const bytes of part(1_000_000, 1_000_010)) middle.push(bytes)
    assert.deepEqual(concat(...middle), content.slice(1_000_000, 1_000_010))
    assert.deepEqual([told[0]?.state, told.at(-1)?.state, told.at(-1)?.doneBytes], ["running", "done", told.at(-1)?.totalBytes])
    const onTheWay = concat(...uploaded)
    assert.ok(onTheWay.length > content.length)
    assert.equal(Buffer.from(onTheWay).indexOf(content.subarray(1_000, 1_016)), -1)
    // Its words are found, and it can be quoted.
    assert.equal((await bob.device.search("lake")).length, 1)
    const reply = await world.run(bob.device.send(chatId, { text: "lovely", inReplyTo: id }))
    assert.deepEqual([reply.inReplyTo?.kind, reply.inReplyTo?.text], ["file", "at the *lake*"])
  }))

test("an upload that a crash interrupts goes on with the same bytes, and the message comes once", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const content = contentOf(6_000_000)
    let patches = 0
    world.blobHand = async (call, honest) => {
      if (call.method === "PATCH" && ++patches === 3) alice.virtual.kill()
      return await honest()
    }
    const { id } = await world.run(alice.device.files.send(chatId, fileOf(content)))
    // A text does not wait for the file.
    await world.run(alice.device.send(chatId, { text: "it comes" }))
    await world.until("it arrives", async () => (await fileIn(bob, chatId, id)) !== undefined)
    assert.ok(patches >= 3)
    const got = await opened(world, bob, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
    const all = (await bob.device.messages(chatId)).messages
    assert.deepEqual(
      [all.filter((one) => one.content.type === "file").length, all.filter((one) => one.content.type === "text").length],
      [1, 3],
    )
  }))

test("a server that gives other bytes, fewer or none is found out, nothing of it is kept as the file, and the right bytes open afterwards", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const content = contentOf(2_500_000)
    const id = await sent(world, alice, bob, chatId, fileOf(content))
    // Where nothing but the rest is missing.
    const border = layoutOf(content.length).treeBytes + 2 * sealedChunkBytes
    const lies: readonly ((body: Uint8Array, from: number) => Uint8Array)[] = [
      (body) => body.map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
      (body) => body.map((byte, at) => (at === body.length - 40 ? byte ^ 1 : byte)),
      (body) => new Uint8Array(body.length),
      (body) => body.subarray(0, body.length - 100_000),
      (body, from) => body.subarray(0, Math.max(0, border - from)),
    ]
    for (const lie of lies) {
      world.blobHand = async (call, honest) => {
        const reply = await honest()
        if (call.method !== "GET") return reply
        return { ...reply, body: lie(await bodyOf(reply), Number(/\d+/.exec(call.header("range") ?? "")?.[0])) }
      }
      await assert.rejects(world.run(bob.device.files.open(chatId, id)), { code: "file_damaged" })
      const [row] = await bob.virtual.disk.read("SELECT COUNT(*) AS n FROM sealed_file WHERE whole = 1")
      assert.equal(row?.["n"], 0)
    }
    world.blobHand = (_call, honest) => honest()
    const got = await opened(world, bob, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
  }))

test("a download that was interrupted goes on where it was, and one that is stopped says so", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const content = contentOf(10_000_000)
    const id = await sent(world, alice, bob, chatId, fileOf(content))
    const asked: string[] = []
    world.blobHand = async (call, honest) => {
      if (call.method === "GET") asked.push(call.header("range") ?? "")
      if (asked.length === 3) void bob.device.stopDownload(chatId, id)
      return await honest()
    }
    assert.equal(await opened(world, bob, chatId, id), "unreachable")
    const before = asked.length
    const got = await opened(world, bob, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
    const from = Number(/^bytes=(\d+)-/.exec(asked[before] ?? "")?.[1])
    assert.ok(from > 1_000_000, `goes on at ${from}`)
  }))

test("what the server no longer has is asked for: the sender's device uploads it again, and nobody else can say so", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const content = contentOf(200_000)
    const id = await sent(world, alice, bob, chatId, fileOf(content))
    const before = (await fileIn(bob, chatId, id))?.expiresMs ?? 0
    let [creations, posts] = [0, 0]
    let isLost = true
    world.blobHand = async (call, honest) => {
      if (call.method === "POST") posts++
      if (call.method === "POST" && call.path === blobUploadPath) {
        creations++
        isLost = false
      }
      if (!isLost) return await honest()
      const header = call.header.bind(call)
      Object.assign(call, { header: (name: string) => (name === blobHeaders.id ? "A".repeat(43) : header(name)) })
      return await honest()
    }
    assert.equal(await opened(world, bob, chatId, id), "file_missing")
    await world.pass(dayMs / 12)
    await world.run(bob.device.askForFile(chatId, id))
    await world.until("it is there again", async () => ((await fileIn(bob, chatId, id))?.expiresMs ?? 0) > before)
    assert.equal(creations, 1)
    const got = await opened(world, bob, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
    // Again within the hour costs the sender nothing.
    const paid = posts
    await world.run(bob.device.askForFile(chatId, id))
    await world.pass(10_000)
    assert.deepEqual([creations, posts], [1, paid])
    await assert.rejects(world.run(alice.device.askForFile(chatId, id)), { code: "not_allowed" })
  }))

test("a file whose sending is stopped is neither sent nor kept, and one that is deleted for all is erased on the server", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const erased: string[] = []
    let stopped: string | undefined
    world.blobHand = async (call, honest) => {
      if (call.method === "DELETE") erased.push(call.header(blobHeaders.id) ?? "")
      if (call.method === "PATCH" && stopped !== undefined) {
        const id = stopped
        stopped = undefined
        await alice.device.discard(chatId, id)
      }
      return await honest()
    }
    const first = await world.run(alice.device.files.send(chatId, fileOf(contentOf(5_000_000))))
    stopped = first.id
    await world.until("it is erased", async () => erased.length === 1 && (await tables(alice)) === 0)
    assert.equal(await messageOf(alice, chatId, first.id), undefined)
    const id = await sent(world, alice, bob, chatId, fileOf(contentOf(1_000)))
    await assert.rejects(world.run(alice.device.discard(chatId, id)), { code: "not_allowed" })
    assert.ok(typeof (await opened(world, bob, chatId, id)) !== "string")
    await world.run(alice.device.deleteForAll(chatId, id))
    await world.until("it is erased there", async () => erased.length === 2)
    await world.until("and nobody keeps it", async () => (await tables(alice)) + (await tables(bob)) === 0)
    assert.equal((await messageOf(bob, chatId, id))?.content.type, "deleted")
  }))

test("a refused upload is a message that was not sent, with the reason, and is sent again when its person says so", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    let isFull = true
    world.blobHand = async (call, honest) => {
      if (!isFull || call.method !== "POST") return await honest()
      const header = call.header.bind(call)
      Object.assign(call, { header: (name: string) => (name === blobHeaders.length ? "1073741825" : header(name)) })
      return await honest()
    }
    const { id } = await world.run(alice.device.files.send(chatId, fileOf(contentOf(1_000))))
    await world.until("it failed", async () => (await messageOf(alice, chatId, id))?.status === "failed")
    assert.equal((await messageOf(alice, chatId, id))?.failure?.code, "too_large")
    isFull = false
    await world.run(alice.device.retry(chatId, id))
    await world.until("it arrives", async () => (await fileIn(bob, chatId, id)) !== undefined)
    assert.ok(typeof (await opened(world, bob, chatId, id)) !== "string")
  }))

test("a device that is linked later has the keys of earlier files and opens them", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const content = contentOf(70_000)
    const id = await sent(world, alice, bob, chatId, fileOf(content, { caption: "old times" }))
    const phone = await world.linked(bob, "robert")
    await world.until("the history is there", async () => (await fileIn(phone, chatId, id).catch(() => undefined)) !== undefined)
    assert.equal((await fileIn(phone, chatId, id))?.caption, "old times")
    const got = await opened(world, phone, chatId, id)
    assert.ok(typeof got !== "string" && equal(got, content))
  }))

test("a file that changes while it is sealed, and one that is too large, are refused and leave nothing behind", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const short = { ...fileOf(contentOf(500)), size: 501 }
    await assert.rejects(world.run(alice.device.files.send(chatId, short)), { code: "invalid_input" })
    const large = { ...fileOf(contentOf(1)), size: 1_073_741_824 }
    await assert.rejects(world.run(alice.device.files.send(chatId, large)), { code: "too_large" })
    assert.equal(await tables(alice), 0)
    // The same call again, because nobody knows whether the first was carried out, is the same message.
    const id = toHex(new Uint8Array(16).fill(3))
    const [one, two] = [
      await world.run(alice.device.files.send(chatId, fileOf(contentOf(500), { id }))),
      await world.run(alice.device.files.send(chatId, fileOf(contentOf(500), { id }))),
    ]
    assert.equal(one.id, two.id)
    await world.until("it arrives", async () => (await fileIn(bob, chatId, one.id)) !== undefined)
    assert.ok(typeof (await opened(world, bob, chatId, one.id)) !== "string")
  }))
