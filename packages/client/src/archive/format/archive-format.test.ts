import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, encodeCbor } from "@nodoor/bytes"
import { ClientError } from "../../core/client-error.ts"
import { collected, crypto, filledStore, idOf, ownId, sourceOf } from "../fixtures/archived-store.ts"
import { account, archiveOf, asRecord, given, key, padded, sealed } from "../fixtures/hostile.ts"
import { previewArchive, verifyArchive } from "../preview-archive.ts"
import { writeArchive } from "../write-archive.ts"
import { framed } from "./archive-writer.ts"
import { sealedChunkBytes } from "./chunk-stream.ts"
import type { ArchiveKey } from "./header.ts"
import type { ArchiveRecord, RecordOf } from "./record-types.ts"

const recovery = { kind: "recovery", seed: idOf("recovery") } as const
const headBytes = 65 + 49
const store = await filledStore({ messages: 1_300 })
const archive = await made()

async function made(): Promise<Uint8Array> {
  const { bytes } = await writeArchive(store, { for: "backup", recoverySeed: recovery.seed })
  return await collected(bytes)
}

async function codeOf(bytes: Uint8Array, of: ArchiveKey = recovery): Promise<string> {
  try {
    await verifyArchive(crypto, sourceOf(bytes), of)
    return "fine"
  } catch (error) {
    if (error instanceof ClientError) return error.code
    throw error
  }
}

function changed(at: number, bytes: Uint8Array = archive): Uint8Array {
  const out = bytes.slice()
  out[at] = (out[at] ?? 0) ^ 1
  return out
}

const chunks = Math.ceil((archive.length - headBytes) / sealedChunkBytes)
const chunkAt = (n: number): number => headBytes + n * sealedChunkBytes

test("An archive is what its own description says of it, in whatever pieces it comes", async () => {
  assert.equal(await codeOf(archive), "fine")
  assert.ok(chunks >= 4, `${chunks} chunks`)
  const preview = await previewArchive(crypto, sourceOf(archive, 7_777), recovery)
  for (const pieceBytes of [1_000, sealedChunkBytes, archive.length]) {
    const verified = await verifyArchive(crypto, sourceOf(archive, pieceBytes), recovery)
    assert.equal(verified.bytes, archive.length)
    assert.deepEqual([verified.messages, verified.from, verified.to, verified.chats], [1_300, preview.from, preview.to, preview.chats])
  }
  assert.equal(preview.messages, 1_300)
  assert.equal(preview.accountHandle, "ann")
  assert.deepEqual(preview.chats.map(({ title }) => title).toSorted(), ["Group 1", "Group 3", "Person 0", "Person 2"])
})

test("Every byte of the head counts", async () => {
  for (let at = 0; at < headBytes; at++) assert.notEqual(await codeOf(changed(at)), "fine", `byte ${at}`)
})

test("A change in any chunk, at its beginning, in the middle and in its tag, is noticed", async () => {
  for (let n = 0; n < chunks; n++)
    for (const at of [0, 1_000, sealedChunkBytes - 1]) {
      const place = Math.min(chunkAt(n) + at, archive.length - 1)
      assert.equal(await codeOf(changed(place)), "archive_damaged", `chunk ${n}, byte ${at}`)
    }
})

test("An archive that is cut off anywhere is refused, and at the end of a chunk it is known to be incomplete", async () => {
  for (let n = 1; n < chunks; n++) assert.equal(await codeOf(archive.slice(0, chunkAt(n))), "archive_incomplete", `${n} chunks`)
  for (let length = 16; length <= headBytes; length++)
    assert.equal(await codeOf(archive.slice(0, length)), "archive_incomplete", `${length} bytes`)
  for (let length = 0; length < 15; length++) assert.notEqual(await codeOf(archive.slice(0, length)), "fine")
  for (const missing of [1, 16, 17, 1_000])
    assert.equal(await codeOf(archive.slice(0, -missing)), "archive_damaged", `${missing} bytes missing`)
})

test("Chunks that are swapped, doubled, left out, appended or of another archive are refused", async () => {
  const head = archive.slice(0, headBytes)
  const list = Array.from({ length: chunks }, (_, n) => archive.slice(chunkAt(n), chunkAt(n + 1)))
  const [a, b, ...rest] = list as [Uint8Array, Uint8Array, ...Uint8Array[]]
  assert.equal(await codeOf(concat(head, b, a, ...rest)), "archive_damaged", "swapped")
  assert.equal(await codeOf(concat(head, a, a, b, ...rest)), "archive_damaged", "doubled")
  assert.equal(await codeOf(concat(head, a, ...rest)), "archive_damaged", "left out")
  assert.equal(await codeOf(concat(archive, a)), "archive_damaged", "appended")
  assert.equal(await codeOf(concat(archive, Uint8Array.of(0))), "archive_damaged", "a byte behind the end")
  assert.equal(await codeOf(head), "archive_incomplete", "no chunk at all")
  const other = await made()
  assert.equal(
    await codeOf(concat(head, other.slice(headBytes, chunkAt(1)), b, ...rest)),
    "archive_damaged",
    "of another archive of the same account",
  )
})

test("An archive of a newer version, of none, and what is no archive are told apart", async () => {
  assert.equal(await codeOf(archive.with(15, 2)), "archive_newer")
  assert.equal(await codeOf(archive.with(15, 255)), "archive_newer")
  assert.equal(await codeOf(archive.with(15, 0)), "archive_unreadable")
  assert.equal(await codeOf(new TextEncoder().encode("%PDF-1.7 and so on")), "archive_unreadable")
  assert.equal(await codeOf(new Uint8Array()), "archive_unreadable")
})

test("Another account's recovery key, another key and a key for which there is no slot do not open it", async () => {
  assert.equal(await codeOf(archive, { kind: "recovery", seed: idOf("another") }), "archive_key")
  assert.equal(await codeOf(archive, { kind: "given", key: idOf("another") }), "archive_key")
  assert.equal(await codeOf(archiveOf([account]), { kind: "recovery", seed: key }), "archive_key")
  assert.equal(await codeOf(archiveOf([account]), given), "fine")
})

const chat: RecordOf<"chat"> = {
  type: "chat",
  chatId: idOf("chat"),
  kind: "group",
  state: "active",
  groupId: idOf("chat"),
  peer: undefined,
  title: "",
  hidden: false,
  muted: false,
  pinned: false,
  archived: false,
  settled: false,
  draft: "",
  activityMs: 0,
  readId: undefined,
  messages: 0,
  fromMs: undefined,
  toMs: undefined,
}
const ids: RecordOf<"ids"> = { type: "ids", ids: [ownId, idOf("chat")] }

test("Records out of order, without an account, with two, or with none behind the end are refused", async () => {
  const refused: readonly (readonly ArchiveRecord[])[] = [[chat], [account, account], [account, ids, chat], []]
  for (const records of refused) assert.equal(await codeOf(archiveOf(records), given), "archive_damaged")
  const end = framed({ type: "end", records: 2, messages: 0 })
  assert.equal(await codeOf(sealed(padded(concat(framed(account), end))), given), "fine")
  assert.equal(await codeOf(sealed(padded(concat(framed(account), end, end))), given), "archive_damaged", "a record behind the end")
  assert.equal(await codeOf(sealed(framed(account)), given), "archive_incomplete", "no end")
})

test("An end that counts other records or messages than there are is refused: some may be missing", async () => {
  for (const end of [
    { records: 3, messages: 0 },
    { records: 1, messages: 0 },
    { records: 2, messages: 1 },
  ])
    assert.equal(await codeOf(sealed(padded(concat(framed(account), framed({ type: "end", ...end })))), given), "archive_damaged")
})

test("Padding that is not zero, too short or too long is refused", async () => {
  const content = concat(framed(account), framed({ type: "end", records: 2, messages: 0 }))
  const full = padded(content)
  assert.equal(await codeOf(sealed(full.with(full.length - 1, 1)), given), "archive_damaged")
  assert.equal(await codeOf(sealed(full.slice(0, -1)), given), "archive_incomplete")
  assert.equal(await codeOf(sealed(concat(full, Uint8Array.of(0))), given), "archive_damaged")
})

test("A record that no writer makes is refused, and nothing but the refusal comes out", async () => {
  const fields = [ownId, "chat.example/kt/1", "ann", "Ann", 0, 0, 0, 0]
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ["no type", encodeCbor([0, fields])],
    ["a type of later", encodeCbor([11, fields])],
    ["a type that is no number", encodeCbor(["account", fields])],
    ["a field too few", encodeCbor([1, fields.slice(1)])],
    ["a field too many", encodeCbor([1, [...fields, 0]])],
    ["an id of 15 bytes", encodeCbor([1, [ownId.slice(1), ...fields.slice(1)]])],
    ["a negative count", encodeCbor([1, [...fields.slice(0, -1), -1]])],
    ["a count that is no integer that can be counted", encodeCbor([1, [...fields.slice(0, -1), 2n ** 60n]])],
    ["a name that is too long", encodeCbor([1, [ownId, "x".repeat(2_000), ...fields.slice(2)]])],
    ["something behind it", concat(encodeCbor([1, fields]), Uint8Array.of(0))],
    ["a longer form of the same", concat(Uint8Array.of(0x98, 2), encodeCbor([1, fields]).slice(1))],
    ["a map", encodeCbor({ account: fields })],
    ["bytes made up", idOf("made up")],
  ]
  for (const [what, encoded] of wrong) assert.equal(await codeOf(sealed(padded(asRecord(encoded))), given), "archive_damaged", what)
})

test("A length that is too large, or written longer than it need be, is refused before anything is kept for it", async () => {
  for (const start of [
    Uint8Array.of(0xbf, 0xff, 0xff, 0xff), // 2^30 - 1
    Uint8Array.of(0x80, 0x40, 0x00, 0x01), // more than a record may have
    Uint8Array.of(0x80, 0x00, 0x00, 0x20), // 32, in four bytes
    Uint8Array.of(0x40, 0x20), // 32, in two bytes
    Uint8Array.of(0xc0, 0x20), // a form that there is not
    Uint8Array.of(0x00), // nothing
  ])
    assert.equal(await codeOf(sealed(concat(start, new Uint8Array(100))), given), "archive_damaged")
})

test("The keys of an archive stand in none of its bytes, and the same store gives other bytes each time", async () => {
  const again = await made()
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
  assert.ok(!hex(archive).includes(hex(recovery.seed)))
  assert.ok(!hex(archive).includes(hex(ownId)))
  assert.equal(again.length, archive.length)
  for (let n = 0; n < chunks; n++) assert.notDeepEqual(again.slice(chunkAt(n), chunkAt(n) + 64), archive.slice(chunkAt(n), chunkAt(n) + 64))
})
