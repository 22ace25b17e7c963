import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { Hex } from "../core/hex.ts"
import { listArchivedGroups } from "../store/archive/archived-groups.ts"
import {
  type StoreParts,
  chatIdOf,
  collected,
  crypto,
  emptyStore,
  filledStore,
  idOf,
  messageIdOf,
  sourceOf,
} from "./fixtures/archived-store.ts"
import type { ArchiveSource } from "./format/archive-reader.ts"
import { type ArchiveImportResult, importArchive } from "./import-archive.ts"
import { previewArchive } from "./preview-archive.ts"
import { type ArchiveProgress, writeArchive } from "./write-archive.ts"

const key = { kind: "recovery", seed: idOf("recovery") } as const

async function backupOf(store: StoreParts): Promise<Uint8Array> {
  return await collected((await writeArchive(store, { for: "backup", recoverySeed: key.seed })).bytes)
}

const idsOf = (...chats: readonly number[]): readonly Hex[] => chats.map((n) => toHex(chatIdOf(n)))

async function take(
  store: StoreParts,
  source: Uint8Array | ArchiveSource,
  chats?: readonly Hex[],
  hears?: (progress: ArchiveProgress) => void,
): Promise<ArchiveImportResult> {
  const from = source instanceof Uint8Array ? sourceOf(source) : source
  return await importArchive({ ...store, sync: async () => undefined }, { source: from, key, chats }, hears)
}

/** Numbers of the messages of people that are here, in the order of the chat. */
async function messagesIn({ database }: StoreParts, chat: number): Promise<readonly string[]> {
  const sql = "SELECT message_id FROM message WHERE chat_id = ? AND kind != 'event' ORDER BY position"
  return (await database.read(sql, [chatIdOf(chat)])).map((row) => toHex(row["message_id"] as Uint8Array))
}

/** Message n of all is in chat n modulo 4. */
const wholeChat = (chat: number, messages: number): readonly string[] =>
  Array.from({ length: messages / 4 }, (_, n) => toHex(messageIdOf(chat + 4 * n)))

async function chatsIn({ database }: StoreParts): Promise<readonly string[]> {
  return (await database.read("SELECT chat_id FROM chat ORDER BY chat_id")).map((row) => toHex(row["chat_id"] as Uint8Array))
}

test("Of an archive only the chosen chats come, with their groups and no others; the rest can come later, and nothing comes twice", async () => {
  const archive = await backupOf(await filledStore())
  const { chats } = await previewArchive(crypto, sourceOf(archive), key)
  assert.deepEqual(new Set(chats.map(({ id }) => id)), new Set(idsOf(0, 1, 2, 3)))
  assert.ok(chats.every(({ from = 0, to = 0 }) => 0 < from && from < to))
  const fresh = await emptyStore()
  const heard: ArchiveProgress[] = []
  const first = await take(fresh, archive, idsOf(0, 3), (progress) => heard.push(progress))
  // With the line that says that the group was made.
  assert.deepEqual([first.status, first.messages], ["done", 21])
  assert.deepEqual(heard.at(-1), { done: 20, total: 20 })
  assert.deepEqual(await chatsIn(fresh), idsOf(0, 3).toSorted())
  assert.deepEqual(new Set((await listArchivedGroups(fresh.reader)).map(({ groupId }) => toHex(groupId))), new Set(idsOf(0, 3)))
  assert.deepEqual(await messagesIn(fresh, 3), wholeChat(3, 40))
  assert.equal((await take(fresh, archive, idsOf(3))).status, "again")
  const second = await take(fresh, archive, idsOf(1, 2))
  assert.deepEqual([second.status, second.messages], ["done", 21])
  for (const chat of [0, 1, 2, 3]) assert.deepEqual(await messagesIn(fresh, chat), wholeChat(chat, 40))
  assert.equal((await take(fresh, archive, idsOf(0, 1, 2, 3))).status, "again")
  const all = await take(fresh, archive)
  assert.deepEqual([all.status, all.messages], ["done", 0])
  assert.equal((await take(fresh, archive, idsOf(1))).status, "again")
})

test("An import that was interrupted goes on for the same chats, and begins anew for others", async () => {
  const messages = 2_000
  const archive = await backupOf(await filledStore({ messages }))
  const cut: ArchiveSource = {
    async *read(from) {
      yield archive.slice(from, archive.length * 0.7)
      throw new TypeError("cut")
    },
  }
  const fresh = await emptyStore()
  await assert.rejects(take(fresh, cut, idsOf(0)), TypeError)
  const [row] = await fresh.database.read("SELECT next_at, done FROM archive_import")
  assert.ok(Number(row?.["next_at"]) > 100_000 && row?.["done"] === 0)
  assert.equal((await take(fresh, archive, idsOf(1))).status, "done")
  assert.deepEqual(await messagesIn(fresh, 1), wholeChat(1, messages))
  // The other one is not whole, and comes again from its beginning.
  assert.equal((await take(fresh, archive, idsOf(0, 1))).status, "done")
  assert.deepEqual(await messagesIn(fresh, 0), wholeChat(0, messages))
  assert.deepEqual(await messagesIn(fresh, 1), wholeChat(1, messages))
})

test("A chosen chat that the archive does not have is refused, and no message came", async () => {
  const archive = await backupOf(await filledStore())
  const fresh = await emptyStore()
  await assert.rejects(take(fresh, archive, [...idsOf(0), toHex(idOf("another chat"))]), { code: "not_found" })
  assert.deepEqual(await fresh.database.read("SELECT row FROM message"), [])
  assert.equal((await take(fresh, archive, [])).messages, 0)
})
