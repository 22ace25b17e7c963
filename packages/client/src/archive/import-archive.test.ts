import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import { mergeSyncEntries } from "../sync/merge.ts"
import { eraseContent, insertMessage } from "../store/chat/messages.ts"
import { keepEarlyChange } from "../store/archive/early-changes.ts"
import { listArchivedGroups } from "../store/archive/archived-groups.ts"
import { insertGroup } from "../store/group/groups.ts"
import { insertChat } from "../store/chat/chats.ts"
import { findMessages } from "../store/chat/search.ts"
import { findLatestState } from "../store/trust/account-states.ts"
import { putEntry } from "../store/sync/entries.ts"
import { type SyncEntry, syncKeys } from "../store/sync/sync-entry.ts"
import {
  type StoreParts,
  addMessage,
  chatIdOf,
  collected,
  crypto,
  emptyStore,
  filledStore,
  idOf,
  messageIdOf,
  ownId,
  personOf,
  policyOf,
  shownIn,
  sourceOf,
  startMs,
} from "./fixtures/archived-store.ts"
import { account, archiveOf, given } from "./fixtures/hostile.ts"
import type { ArchiveSource } from "./format/archive-reader.ts"
import type { ArchiveKey } from "./format/header.ts"
import type { ArchiveRecord, RecordOf } from "./format/record-types.ts"
import { type ArchiveImportResult, importArchive } from "./import-archive.ts"
import { verifyArchive } from "./preview-archive.ts"
import { writeArchive } from "./write-archive.ts"

const recovery = { kind: "recovery", seed: idOf("recovery") } as const
const link = { kind: "given", key: idOf("link") } as const

async function backupOf(store: StoreParts): Promise<Uint8Array> {
  return await collected((await writeArchive(store, { for: "backup", recoverySeed: recovery.seed })).bytes)
}

async function take(
  store: StoreParts,
  source: Uint8Array | ArchiveSource,
  options: { readonly key?: ArchiveKey; readonly evenOlder?: boolean; readonly sync?: (entries: readonly SyncEntry[]) => void } = {},
): Promise<ArchiveImportResult> {
  const parts = { ...store, sync: async (_: unknown, entries: readonly SyncEntry[]) => options.sync?.(entries) }
  return await importArchive(parts, {
    source: source instanceof Uint8Array ? sourceOf(source) : source,
    key: options.key ?? recovery,
    evenOlder: options.evenOlder ?? false,
  })
}

/** Everything in the store, byte for byte. */
async function everything({ database }: StoreParts): Promise<unknown> {
  const tables = await database.read(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'message_search%' ORDER BY name",
  )
  return await Promise.all(tables.map(async ({ name }) => [name, await database.read(`SELECT * FROM ${String(name)}`)]))
}

async function idsIn({ database }: StoreParts, chat: number): Promise<string[]> {
  const rows = await database.read("SELECT message_id FROM message WHERE chat_id = ? AND kind != 'event' ORDER BY position", [
    chatIdOf(chat),
  ])
  return rows.map((row) => toHex(row["message_id"] as Uint8Array))
}

const idsOf = (...numbers: readonly number[]): string[] => numbers.map((n) => toHex(messageIdOf(n)))

/** The device is in the group of this chat, as after it was let in. */
async function join(store: StoreParts, chat: number): Promise<void> {
  const groupId = chatIdOf(chat)
  await store.transactions.run(async (tx) => {
    const [present] = await tx.read("SELECT 1 AS one FROM chat WHERE chat_id = ?", groupId)
    if (!present)
      insertChat(tx, {
        chatId: groupId,
        kind: chat % 2 === 0 ? "dm" : "group",
        state: "active",
        groupId,
        peer: chat % 2 === 0 ? personOf(chat) : undefined,
        activityMs: startMs,
      })
    insertGroup(tx, {
      groupId,
      chatId: groupId,
      epoch: 2,
      policy: policyOf(chat, chat % 2 === 0),
      predecessors: [],
      order: 5,
      profileDue: 0,
    })
  })
}

async function arrive(store: StoreParts, chat: number, ...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await store.transactions.run((tx) => addMessage(tx, n, chat))
}

test("A device that takes an archive in shows what the device showed that wrote it", async () => {
  const old = await filledStore({ messages: 700 })
  const fresh = await emptyStore()
  const result = await take(fresh, await backupOf(old))
  assert.deepEqual([result.status, result.messages], ["done", 702], "700 messages, and two lines about what happened")
  assert.deepEqual(await shownIn(fresh.reader), await shownIn(old.reader))
  const found = await findMessages(fresh.reader, "number 69", 20)
  assert.deepEqual(
    found.map((row) => toHex(row["message_id"] as Uint8Array)),
    idsOf(699, 698, 697, 695, 694, 693, 692, 691, 690),
    "searched, the newest first",
  )
})

test("The same archive again changes nothing, and another one of the same store adds nothing", async () => {
  const old = await filledStore()
  const archive = await backupOf(old)
  const fresh = await emptyStore()
  await take(fresh, archive)
  const before = await everything(fresh)
  assert.equal((await take(fresh, archive)).status, "again")
  assert.deepEqual(await everything(fresh), before)
  const shown = await shownIn(fresh.reader)
  assert.deepEqual(await take(fresh, await backupOf(old)).then(({ status, messages }) => [status, messages]), ["done", 0])
  assert.deepEqual(await shownIn(fresh.reader), shown)
})

test("An import that is interrupted anywhere goes on where it was, and ends alike", async () => {
  const old = await filledStore({ messages: 1_600 })
  const archive = await backupOf(old)
  const whole = await emptyStore()
  await take(whole, archive)
  for (const bytesEach of [140_000, 170_000, 210_000]) {
    const fresh = await emptyStore()
    const starts: number[] = []
    let result: ArchiveImportResult | undefined
    for (let tries = 0; !result; tries++) {
      assert.ok(tries < 20)
      // The connection ends after so many bytes each time.
      const limited: ArchiveSource = {
        async *read(from) {
          starts.push(from)
          let left = bytesEach
          for await (const piece of sourceOf(archive).read(from)) {
            if ((left -= piece.length) < 0) throw new Error("interrupted")
            yield piece
          }
        },
      }
      result = await take(fresh, limited).catch((error: unknown) => {
        assert.equal((error as Error).message, "interrupted")
        return undefined
      })
    }
    assert.deepEqual(await shownIn(fresh.reader), await shownIn(whole.reader))
    assert.ok(Math.max(...starts) > 65_552, "it did not begin at the front each time")
  }
})

test("History stands before what arrived since, whether the groups were joined before or after", async () => {
  const old = await filledStore({ chats: 2, messages: 20 })
  const archive = await backupOf(old)
  const orders = [
    ["join", "arrive", "take"],
    ["join", "take", "arrive"],
    ["take", "join", "arrive"],
  ] as const
  for (const order of orders) {
    const fresh = await emptyStore()
    for (const step of order) {
      if (step === "join") for (const chat of [0, 1]) await join(fresh, chat)
      if (step === "arrive") for (const chat of [0, 1]) await arrive(fresh, chat, 100 + chat, 200 + chat)
      if (step === "take") await take(fresh, archive)
    }
    for (const chat of [0, 1]) {
      const history = Array.from({ length: 10 }, (_, n) => 2 * n + chat)
      assert.deepEqual(await idsIn(fresh, chat), idsOf(...history, 100 + chat, 200 + chat), `${order.join()}: chat ${chat}`)
    }
  }
})

test("What arrived before the archive was taken in and is also in it stands there once, and newer messages of the archive stand behind it", async () => {
  const old = await filledStore({ chats: 1, messages: 20 })
  const fresh = await emptyStore()
  await join(fresh, 0)
  await arrive(fresh, 0, 12, 13, 15)
  await take(fresh, await backupOf(old))
  assert.deepEqual(await idsIn(fresh, 0), idsOf(...Array.from({ length: 20 }, (_, n) => n)))
  await arrive(fresh, 0, 17, 20)
  assert.deepEqual(await idsIn(fresh, 0), idsOf(...Array.from({ length: 21 }, (_, n) => n)))
})

test("Two archives of different times give the same chat in either order", async () => {
  const old = await filledStore({ chats: 1, messages: 0 })
  await arrive(old, 0, 1, 2, 4, 5, 8, 9)
  const first = await backupOf(old)
  const other = await filledStore({ chats: 1, messages: 0 })
  await arrive(other, 0, 0, 2, 3, 5, 6, 7, 9, 10)
  const second = await backupOf(other)
  for (const archives of [
    [first, second],
    [second, first],
  ]) {
    const fresh = await emptyStore()
    for (const [n, archive] of archives.entries()) {
      // Archives of one test have the same id when the stores draw the same bytes; these are of one device each.
      const named = n === 0 ? archive : await renamed(archive)
      await take(fresh, named, { evenOlder: true })
    }
    assert.deepEqual(await idsIn(fresh, 0), idsOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
  }
})

/** The same archive under another id: taken in by a device and written by it again. */
async function renamed(archive: Uint8Array): Promise<Uint8Array> {
  const between = await emptyStore({ device: "between" })
  await take(between, archive)
  return await backupOf(between)
}

test("A message that was deleted or edited while the archive was on its way comes as it is by now", async () => {
  const archive = await backupOf(await filledStore({ chats: 1, messages: 20 }))
  const fresh = await emptyStore()
  await join(fresh, 0)
  const chatId = chatIdOf(0)
  const change = { chatId, accountId: personOf(0), text: "", timeMs: startMs + 10 ** 9 }
  await arrive(fresh, 0, 30)
  await fresh.transactions.run(async (tx) => {
    await keepEarlyChange(tx, { ...change, targetId: messageIdOf(1), kind: "deleted", messageId: idOf("change 1") })
    await keepEarlyChange(tx, { ...change, targetId: messageIdOf(2), kind: "edited", text: "new words", messageId: messageIdOf(30) })
    // Only who wrote a message changes it.
    await keepEarlyChange(tx, { ...change, accountId: personOf(7), targetId: messageIdOf(3), kind: "deleted", messageId: idOf("change 3") })
  })
  await take(fresh, archive)
  const rows = await fresh.database.read(
    "SELECT kind, (SELECT text FROM part WHERE message_row = row AND number = 0) AS text FROM message WHERE chat_id = ? ORDER BY position LIMIT 4",
    [chatId],
  )
  const plain = (n: number): string => `Message number ${n}, with some words in it as people write them.`
  assert.deepEqual(
    rows.map(({ kind, text }) => [kind, text]),
    [
      ["content", plain(0)],
      ["deleted", null],
      ["content", "new words"],
      ["content", plain(3)],
    ],
  )
  assert.deepEqual(await idsIn(fresh, 0), idsOf(...Array.from({ length: 20 }, (_, n) => n)), "the edit is no message of its own any more")
})

test("What the person deleted on another device does not come back with an archive, and what they read there is read", async () => {
  const archive = await backupOf(await filledStore({ chats: 1, messages: 20 }))
  const fresh = await emptyStore()
  const groupId = chatIdOf(0)
  const stamp = { ms: startMs, counter: 0, deviceId: idOf("other", 16) }
  await fresh.transactions.run(async (tx) => {
    const entry = { stamp, due: false, shared: stamp, open: false }
    putEntry(tx, { ...entry, key: syncKeys.deleted(groupId, messageIdOf(9)), value: true })
    putEntry(tx, { ...entry, key: syncKeys.cleared(groupId), value: 10 + 2 * 4 })
    putEntry(tx, { ...entry, key: syncKeys.read(groupId), value: 10 + 2 * 18 })
  })
  await take(fresh, archive)
  assert.deepEqual(await idsIn(fresh, 0), idsOf(5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19))
  const [row] = await fresh.database.read(
    "SELECT COUNT(*) AS n FROM message m JOIN chat c ON c.chat_id = m.chat_id WHERE m.position > c.read_position",
  )
  assert.equal(row?.["n"], 1)
})

test("What is deleted or read on another device holds in a group of an archive before it is joined, too", async () => {
  const fresh = await emptyStore()
  await take(fresh, await backupOf(await filledStore({ chats: 1, messages: 20 })))
  const groupId = chatIdOf(0)
  const stamp = { ms: startMs, counter: 0, deviceId: idOf("other", 16) }
  const none = (): void => undefined
  const parts = { ...fresh, own: { ...fresh.own, deviceId: bytes<"DeviceId">(idOf("new", 16)) }, watch: { now: none } }
  await fresh.transactions.run((tx) =>
    mergeSyncEntries({ ...parts, kick: none, receiptsWait: none, proposalsWait: none } as never, tx, [
      { key: syncKeys.deleted(groupId, messageIdOf(9)), value: true, stamp },
      { key: syncKeys.read(groupId), value: 10 + 2 * 19, stamp },
    ]),
  )
  assert.deepEqual(await idsIn(fresh, 0), idsOf(...Array.from({ length: 20 }, (_, n) => n).filter((n) => n !== 9)))
  const [row] = await fresh.database.read(
    "SELECT COUNT(*) AS n FROM message m JOIN chat c ON c.chat_id = m.chat_id WHERE m.position > c.read_position",
  )
  assert.equal(row?.["n"], 0)
})

test("A line that stands for an unreadable message becomes the message", async () => {
  const archive = await backupOf(await filledStore({ chats: 1, messages: 20 }))
  const fresh = await emptyStore()
  await join(fresh, 0)
  await arrive(fresh, 0, 15)
  const groupId = chatIdOf(0)
  await fresh.transactions.run(async (tx) => {
    const line = {
      chatId: groupId,
      groupId,
      accountId: new Uint8Array(16),
      kind: "waiting",
      timeMs: startMs,
      body: new Uint8Array(9),
    } as const
    await insertMessage(tx, { ...line, messageId: idOf("line"), order: 10 + 2 * 17, parts: [{ kind: "waiting", text: "no_key" }] })
  })
  await arrive(fresh, 0, 19)
  await take(fresh, archive)
  assert.deepEqual(await idsIn(fresh, 0), idsOf(...Array.from({ length: 20 }, (_, n) => n)))
  const rows = await fresh.database.read("SELECT body FROM message WHERE kind = 'waiting' OR body IS NOT NULL")
  assert.deepEqual(rows, [])
})

test("Groups that were not joined are kept with what asks for them, and an archive for a linked device has no seat", async () => {
  const old = await filledStore()
  const restored = await emptyStore()
  await take(restored, await backupOf(old))
  const groups = await listArchivedGroups(restored.reader)
  assert.equal(groups.length, 4)
  assert.ok(groups.every(({ rejoin }) => rejoin && rejoin.seat.length === 16 && rejoin.secret.length === 64))
  const linked = await emptyStore()
  const archive = await writeArchive(old, { for: "link", key: link.key })
  await take(linked, await collected(archive.bytes), { key: link })
  const known = await listArchivedGroups(linked.reader)
  assert.deepEqual(
    known.map(({ rejoin }) => rejoin),
    Array.from({ length: 4 }, () => undefined),
  )
})

test("A foreign archive, one of another server and an older one are refused, and nothing is changed", async () => {
  const fresh = await emptyStore()
  const before = await everything(fresh)
  const codeOf = async (archive: Uint8Array, key: ArchiveKey): Promise<string> =>
    await take(fresh, archive, { key }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof ClientError ? error.code : String(error)),
    )
  assert.equal(await codeOf(archiveOf([{ ...account, accountId: idOf("somebody", 16) }, contactOf(1)], "a"), given), "archive_foreign")
  assert.equal(await codeOf(archiveOf([{ ...account, origin: "other.example/kt/1" }, contactOf(1)], "b"), given), "archive_foreign")
  assert.deepEqual(await everything(fresh), before)
  assert.equal(await codeOf(archiveOf([{ ...account, madeAtMs: 2_000 }], "newer"), given), "done")
  const after = await everything(fresh)
  assert.equal(await codeOf(archiveOf([{ ...account, madeAtMs: 1_000 }, contactOf(1)], "older"), given), "archive_older")
  assert.deepEqual(await everything(fresh), after)
  await take(fresh, archiveOf([{ ...account, madeAtMs: 1_000 }, contactOf(1)], "older"), { key: given, evenOlder: true })
  assert.equal((await fresh.database.read("SELECT account_id FROM contact")).length, 1)
})

function contactOf(n: number): RecordOf<"contact"> {
  const none = { verifiedMs: undefined, verifiedResets: undefined, changeMs: undefined, changeKind: undefined }
  return {
    type: "contact",
    accountId: personOf(n),
    name: `Person ${n}`,
    mark: "0a",
    accepted: true,
    blocked: false,
    firstResets: 0,
    ...none,
  }
}

test("States that their account did not sign are not taken, and neither is a handle that it did not", async () => {
  const records: ArchiveRecord[] = []
  const old = await filledStore({ chats: 2 })
  const backup = await backupOf(old)
  await verifyArchive(crypto, sourceOf(backup), recovery)
  const [first, second] = await Promise.all([0, 1].map((n) => findLatestState(crypto, old.reader, personOf(n))))
  assert.ok(first && second)
  const [row] = await old.database.read("SELECT binding FROM log_handle WHERE handle = 'person0'")
  const binding = Uint8Array.from(row?.["binding"] as Uint8Array)
  const broken = first.signed.slice()
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
  records.push(account, { type: "state", accountId: personOf(0), version: 0, signed: broken })
  records.push({ type: "state", accountId: personOf(1), version: 0, signed: second.signed })
  records.push({ type: "handle", accountId: personOf(0), handle: "person0", version: 0, binding })
  records.push({ type: "handle", accountId: personOf(1), handle: "person0", version: 0, binding })
  const fresh = await emptyStore()
  await take(fresh, archiveOf(records), { key: given })
  const states = await fresh.database.read("SELECT account_id FROM account_state")
  assert.deepEqual(
    states.map((state) => toHex(state["account_id"] as Uint8Array)),
    [toHex(personOf(1))],
  )
  assert.deepEqual(await fresh.database.read("SELECT * FROM log_handle"), [])
})

test("A message that names a chat or an account that the archive does not have is refused, and what came before stays", async () => {
  const message: RecordOf<"message"> = {
    type: "message",
    chat: 0,
    group: 1,
    messageId: idOf("m"),
    order: 1,
    timeMs: 0,
    account: 0,
    kind: "content",
    inReplyTo: undefined,
    editedMs: undefined,
    isSent: false,
    sendId: undefined,
    epoch: undefined,
    sentMs: undefined,
    parts: [],
    reactions: [],
    receipts: [],
  }
  const ids: RecordOf<"ids"> = { type: "ids", ids: [ownId, idOf("group")] }
  const none = { peer: undefined, readId: undefined, fromMs: undefined, toMs: undefined, title: "", draft: "" }
  const marks = { hidden: false, muted: false, pinned: false, archived: false, settled: false }
  const groupId = idOf("group")
  const chat: RecordOf<"chat"> = {
    type: "chat",
    chatId: groupId,
    kind: "group",
    state: "active",
    groupId,
    ...none,
    ...marks,
    activityMs: 0,
    messages: 1,
  }
  const fine = await emptyStore()
  assert.equal((await take(fine, archiveOf([account, contactOf(1), chat, ids, message], "right"), { key: given })).messages, 1)
  const wrong = [
    { ...message, account: 1 },
    { ...message, group: 0 },
    { ...message, account: 2 },
    { ...message, chat: 3 },
  ]
  for (const [n, one] of wrong.entries()) {
    const fresh = await emptyStore()
    const archive = archiveOf([account, contactOf(1), chat, ids, one], `wrong ${n}`)
    await assert.rejects(take(fresh, archive, { key: given }), { code: "archive_damaged" })
    assert.equal((await fresh.database.read("SELECT account_id FROM contact")).length, 1)
    assert.deepEqual(await fresh.database.read("SELECT row FROM message"), [])
  }
})

test("No secret of the device, of its groups or of the account is in a backup's content", async () => {
  const old = await filledStore({ chats: 1, messages: 5 })
  await old.transactions.run(async (tx) => {
    tx.write("INSERT INTO mls_record (group_id, key, value) VALUES (?, 'secrets', ?)", chatIdOf(0), idOf("ratchet secret"))
    await eraseContent(tx, { chatId: chatIdOf(0), messageId: messageIdOf(1) })
  })
  const { bytes } = await writeArchive(old, { for: "link", key: link.key })
  const contents: string[] = []
  const { readHeader, readRecords } = await import("./format/archive-reader.ts")
  const { encodeRecord } = await import("./format/record.ts")
  const source = sourceOf(await collected(bytes))
  const header = await readHeader(crypto, source, link)
  for await (const { record } of readRecords(crypto, { source, header })) contents.push(toHex(encodeRecord(record)))
  const all = contents.join()
  for (const secret of ["ratchet secret", "recovery", "old key", "seat secret 0"]) assert.ok(!all.includes(toHex(idOf(secret))), secret)
  assert.ok(all.includes(toHex(messageIdOf(1))))
})
