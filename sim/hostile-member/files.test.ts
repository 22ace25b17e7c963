// What a member with changed code may put into the message of a photo or a file (docs/protocol.md, "Files").

import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, encodeCbor, fromHex, toBase64Url, toUtf8 } from "@nodoor/bytes"
import { ClientError, type FileContent } from "@nodoor/client"
import type { Person } from "../../drill/drill-world.ts"
import { type Part, markdown } from "./forged-content.ts"
import { type Scene, shown, withHostileMember } from "./hostile-member.ts"

const id = new Uint8Array(32).fill(9)
const honest = {
  type: "image/png",
  url: `nodoor-blob:${toBase64Url(id)}`,
  expires: 4_000_000_000 as CborValue,
  size: 1_000 as CborValue,
  algorithm: 0xf001,
  key: new Uint8Array(32).fill(1),
  nonce: new Uint8Array(),
  aad: new Uint8Array(),
  hashAlgorithm: 1,
  root: new Uint8Array(32).fill(2),
  name: "photo.png",
}

function external(change: Partial<typeof honest> = {}): Part {
  const { type, url, expires, size, algorithm, key, nonce, aad, hashAlgorithm, root, name } = { ...honest, ...change }
  return [6, "", 2, type, url, expires, size, algorithm, key, nonce, aad, hashAlgorithm, root, "", name]
}

const preview = (content: CborValue): Part => [8, "", 1, "application/vnd.nodoor.preview", encodeCbor(content)]
const together = (...parts: Part[]): Part => [1, "", 3, 1, parts as unknown as CborValue]
const asking = (until: CborValue): Part => [0, "", 1, "application/vnd.nodoor.file-again", encodeCbor([until])]

async function fileOf({ alice, chatId }: Scene, messageId: string): Promise<FileContent | string | undefined> {
  const content = (await shown(alice, chatId, messageId))?.content
  return content?.type === "file" ? content : content?.type
}

async function openingOf(scene: Scene, person: Person, messageId: string): Promise<string> {
  try {
    await scene.world.do(person.device.files.open(scene.chatId, messageId))
    return "opened"
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
}

test("A member with changed code sends files of every kind, and the others see one plain file, or that it cannot be shown", async (t) => {
  await withHostileMember(async (scene) => {
    const { mallory, alice, bob, chatId, world } = scene

    await t.test("an honest one is shown with its name, type and size", async () => {
      const file = await fileOf(scene, await mallory.say(together(external(), preview([640, 480, new Uint8Array(21)]), markdown("look"))))
      assert.ok(typeof file === "object")
      assert.deepEqual([file.name, file.mediaType, file.sizeBytes, file.caption], ["photo.png", "image/png", 1_000, "look"])
      assert.deepEqual([file.preview?.width, file.preview?.height], [640, 480])
    })

    await t.test("an id, key, root, size or expiry of another form makes it malformed", async () => {
      for (const change of [
        { url: `https://a.b/${toBase64Url(id)}` },
        { url: "nodoor-blob:AAAA" },
        { url: `${honest.url}=` },
        { url: `nodoor-blob:${"_".repeat(43)}` },
        { key: new Uint8Array(31) },
        { key: new Uint8Array() },
        { root: new Uint8Array(33) },
        { size: 2_147_483_649 },
        { size: 2n ** 63n },
        { nonce: new Uint8Array(12) },
        { aad: new Uint8Array(1) },
        { hashAlgorithm: 2 },
      ])
        assert.equal(await fileOf(scene, await mallory.say(external(change))), "unsupported", JSON.stringify(Object.keys(change)))
    })

    await t.test("another algorithm, two files in one, or anything else beside a file is not shown", async () => {
      for (const part of [
        external({ algorithm: 2 }),
        together(external(), external()),
        together(external(), markdown("a"), markdown("b")),
        together(external(), preview([1, 1, new Uint8Array()]), preview([1, 1, new Uint8Array()])),
        together(external(), [1, "", 1, "text/html", toUtf8("<b>")]),
        together(external(), together(external(), markdown("within"))),
      ])
        assert.equal(await fileOf(scene, await mallory.say(part)), "unsupported")
    })

    await t.test("a preview that is none is left out, and the file stays", async () => {
      const none = new Uint8Array()
      for (const wrong of [
        [0, 1, none],
        [1, 65_536, none],
        [1, 1, new Uint8Array(65)],
        [1, 1, ""],
        [1, 1],
        "no",
        ["1", 1, none],
      ] as CborValue[]) {
        const file = await fileOf(scene, await mallory.say(together(external(), preview(wrong))))
        assert.ok(typeof file === "object" && file.preview === undefined)
      }
    })

    await t.test("names are plain, and a type is no more than a word", async () => {
      for (const [given, plain] of [
        ["../../.ssh/authorized_keys", "authorized_keys"],
        ["invoice\u202efdp.exe", "invoicefdp.exe"],
        ["a\u0000\u001b[31m.txt", "a[31m.txt"],
        ["x".repeat(10_000), "x".repeat(100)],
      ] as const) {
        const file = await fileOf(scene, await mallory.say(external({ name: given })))
        assert.ok(typeof file === "object")
        assert.equal(file.name, plain)
      }
      for (const [given, plain] of [
        ["text/html; charset=utf-8", "text/html"],
        ["javascript:alert(1)", "application/octet-stream"],
        ["", "application/octet-stream"],
        [`a/${"b".repeat(500)}`, "application/octet-stream"],
      ] as const) {
        const file = await fileOf(scene, await mallory.say(external({ type: given })))
        assert.ok(typeof file === "object")
        assert.equal(file.mediaType, plain)
      }
    })

    await t.test("a file that is nowhere says so, and one whose time is over says that", async () => {
      assert.equal(await openingOf(scene, alice, await mallory.say(external())), "file_missing")
      assert.equal(await openingOf(scene, alice, await mallory.say(external({ expires: 1_000_000 }))), "file_expired")
    })

    await t.test("nobody but its sender says until when a file is there, and nobody makes a device send what it did not send", async () => {
      const theirs = (await world.do(bob.device.files.send(chatId, small))).id
      await world.rest(5_000)
      const before = await fileOf(scene, theirs)
      assert.ok(typeof before === "object")
      await mallory.say(asking(4_100_000_000), { inReplyTo: fromHex(theirs) })
      assert.deepEqual(await fileOf(scene, theirs), before)
      const own = await mallory.say(external())
      await mallory.say(asking(4_100_000_000), { inReplyTo: fromHex(own) })
      const told = await fileOf(scene, own)
      assert.ok(typeof told === "object")
      assert.equal(told.expiresMs, 4_100_000_000_000)
      for (const wrong of [-1, 2 ** 33, "x", [1]] as CborValue[]) await mallory.say(asking(wrong), { inReplyTo: fromHex(own) })
      assert.deepEqual(await fileOf(scene, own), told)
      await mallory.say(asking(null), { inReplyTo: fromHex(own) })
      const [row] = await alice.virtual.disk.read("SELECT COUNT(*) AS n FROM sealed_file WHERE state = 'again'")
      assert.equal(row?.["n"], 0)
    })
  })
})

const small = {
  name: "small.txt",
  mediaType: "text/plain",
  size: 5,
  async *content() {
    yield toUtf8("small")
  },
}
