import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { CodecError, toHex } from "@nodoor/bytes"
import { markdownPart } from "../body.ts"
import { decodeMimi, encodeMimi } from "../mimi/content.ts"
import { type Author, decodePayload, encodePayload, extensionNames } from "./payload.ts"

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const author: Author = { origin: "chat.example", accountId: new Uint8Array(16).fill(1), groupId: new Uint8Array(32).fill(2) }
const seen = { order: 7, chain: new Uint8Array(32).fill(9) }
const draft = { salt: new Uint8Array(16).fill(3), body: markdownPart("hello"), seen }

test("Author and receiver compute the same message id, and what the author had seen arrives with the message", () => {
  const { encoded, messageId } = encodePayload(sha256, author, draft)
  const payload = decodePayload(sha256, author, encoded)
  assert.equal(toHex(payload.messageId), toHex(messageId))
  assert.equal(payload.seen?.order, 7)
  assert.equal(toHex(payload.seen?.chain ?? new Uint8Array()), toHex(seen.chain))
})

test("Content that names another sender or another room than MLS authenticated is refused", () => {
  const { encoded } = encodePayload(sha256, author, draft)
  for (const other of [
    { ...author, accountId: new Uint8Array(16).fill(4) },
    { ...author, groupId: new Uint8Array(32).fill(5) },
    { ...author, origin: "elsewhere.example" },
  ])
    assert.throws(() => decodePayload(sha256, other, encoded), CodecError)
})

test("The same words with another salt have another id, so that ids tell nothing about contents", () => {
  const first = encodePayload(sha256, author, draft)
  const second = encodePayload(sha256, author, { ...draft, salt: new Uint8Array(16).fill(4) })
  assert.notEqual(toHex(first.messageId), toHex(second.messageId))
})

test("A claim about history that is not an order and a chain is refused; one that is absent is not", () => {
  const content = decodeMimi(encodePayload(sha256, author, draft).encoded)
  for (const value of [1, [7], [-1, seen.chain], [7, seen.chain.subarray(1)], ["7", seen.chain]]) {
    const extensions = new Map([...content.extensions, [extensionNames.seen, value] as const])
    assert.throws(
      () => decodePayload(sha256, author, encodeMimi({ ...content, extensions: extensions as typeof content.extensions })),
      CodecError,
    )
  }
  const extensions = new Map([...content.extensions].filter(([name]) => name !== extensionNames.seen))
  assert.equal(decodePayload(sha256, author, encodeMimi({ ...content, extensions })).seen, undefined)
})

test("That it was passed on arrives with a message; anything but yes or nothing is refused", () => {
  const { encoded } = encodePayload(sha256, author, { ...draft, forwarded: true })
  assert.equal(decodePayload(sha256, author, encoded).forwarded, true)
  assert.equal(decodePayload(sha256, author, encodePayload(sha256, author, draft).encoded).forwarded, false)
  const content = decodeMimi(encoded)
  for (const value of [false, 1, "true", null, "from Bob", [true]]) {
    const extensions = new Map([...content.extensions, [extensionNames.forwarded, value] as const])
    assert.throws(
      () => decodePayload(sha256, author, encodeMimi({ ...content, extensions: extensions as typeof content.extensions })),
      CodecError,
    )
  }
})

test("The sender's time arrives as it was claimed; what is no Unix time in milliseconds is refused", () => {
  const { encoded } = encodePayload(sha256, author, { ...draft, sentMs: 1_750_000_000_123 })
  assert.equal(decodePayload(sha256, author, encoded).sentMs, 1_750_000_000_123)
  assert.equal(decodePayload(sha256, author, encodePayload(sha256, author, draft).encoded).sentMs, undefined)
  const content = decodeMimi(encoded)
  for (const value of [-1, "1750000000123", new Uint8Array(8), [1], 2n ** 53n, null]) {
    const extensions = new Map([...content.extensions, [extensionNames.sent, value] as const])
    assert.throws(
      () => decodePayload(sha256, author, encodeMimi({ ...content, extensions: extensions as typeof content.extensions })),
      CodecError,
    )
  }
})
