// A content type is a file and a line of the table: a made-up one is added to the table only, and is written, received and shown.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { nodeProvider } from "@nodoor/mls/node"
import { type Bytes, bytes, decodeCbor, encodeCbor, toHex } from "@nodoor/bytes"
import { encodePolicy } from "../core/policy.ts"
import { type Transaction, Transactions } from "../core/transaction.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { oweReceipt } from "../store/chat/receipts-due.ts"
import { findMessages } from "../store/chat/search.ts"
import { listParts } from "../store/chat/parts.ts"
import { findGroup } from "../store/group/groups.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { contentOf, markdownPart, singlePart } from "./body.ts"
import { type ComposerParts, compose, composeReceipts } from "./compose.ts"
import { ContentIntake } from "./content-intake.ts"
import type { ContentType } from "./content-type.ts"
import { decodeMimi, dispositions, partSemantics } from "./mimi/content.ts"
import { decodeStatusReport, statusReportType } from "./mimi/status-report.ts"
import { pad } from "./payload/padme.ts"
import { text } from "./text.ts"
import { type ContentTypes, contentTypes, shownContent } from "./types.ts"

interface PollContent {
  readonly type: "poll"
  readonly question: string
  readonly answers: readonly string[]
}

const pollType = "application/vnd.example.poll"
/** What the made-up file would hold. */
const poll: ContentType<Omit<PollContent, "type">, PollContent> = {
  name: "poll",
  isMessage: true,
  compose: async (writing, { question, answers }) => {
    const data = encodeCbor([...answers])
    const parts = [singlePart(pollType, encodeCbor({ question, answers: [...answers] }), dispositions.render), markdownPart(question)]
    const part = {
      disposition: dispositions.render,
      language: "",
      cardinality: "multi",
      partSemantics: partSemantics.chooseOne,
      parts,
    } as const
    return await writing.say({ part }, { parts: [{ kind: "poll", text: question, data }], searched: question })
  },
  accepts: ({ part, replaces }) => !replaces && contentOf(part, pollType) !== undefined,
  receive: async ({ part, insert }) => {
    const { question, answers } = decodeCbor(contentOf(part, pollType) ?? new Uint8Array(), { maxBytes: 1_024 }) as {
      readonly question: string
      readonly answers: string[]
    }
    await insert({ parts: [{ kind: "poll", text: question, data: encodeCbor(answers) }], searched: question })
  },
  view: ({ text: question, data }) => ({
    type: "poll",
    question,
    answers: decodeCbor(data ?? new Uint8Array(), { maxBytes: 1_024 }) as string[],
  }),
}

const withPoll: ContentTypes<unknown> = [poll, ...contentTypes]
const question = { question: "Where shall we meet?", answers: ["bridge", "station"] }

test("A content type that is only in the table is written, queued, received and shown, and its words are found", async () => {
  const [alice, bob] = [await device(1, withPoll), await device(2, withPoll)]
  await alice.write((tx, parts, group) => compose(parts, tx, group, { type: poll, input: question }))
  await bob.take(alice.id, await alice.queued())
  for (const one of [alice, bob]) assert.deepEqual(await one.shown(), [{ type: "poll", ...question }])
  assert.equal((await findMessages(readerOf(bob.database), "shall we", 9)).length, 1)
})

test("A device that does not know the type shows the text beside it", async () => {
  const [alice, bob] = [await device(1, withPoll), await device(2, contentTypes)]
  await alice.write((tx, parts, group) => compose(parts, tx, group, { type: poll, input: question }))
  await bob.take(alice.id, await alice.queued())
  assert.deepEqual(await bob.shown(), [{ type: "text", markdown: question.question }])
})

test("A part of a kind that is not in the table is shown as one that cannot be", () => {
  const part = { kind: "poll", text: "?", data: undefined }
  assert.deepEqual(shownContent({ kind: "content", parts: [part] }), { type: "unsupported", contentType: "poll" })
})

test("Every kind of content has a name of its own", () => {
  const names = contentTypes.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

test("Written under the same id, content is the same message, whatever else changed in it", async () => {
  const [alice, bob] = [await device(1, contentTypes), await device(2, contentTypes)]
  const sendId = new Uint8Array(16).fill(5)
  const input = { markdown: "hello", inReplyTo: undefined }
  await alice.write((tx, parts, group) => compose(parts, tx, group, { type: text, input, sendId }))
  await alice.write((tx, parts, group) => compose({ ...parts, clock: { nowMs: () => 9 } }, tx, group, { type: text, input, sendId }))
  const queued = await alice.queued()
  assert.equal(queued.length, 2)
  await bob.take(alice.id, queued)
  for (const one of [alice, bob]) assert.deepEqual(await one.shown(), [{ type: "text", markdown: "hello" }])
})

test("All receipts that are due go at once, in as few reports as hold them, and none stays behind", async () => {
  const bob = await device(2, contentTypes)
  await bob.write(async (tx, parts, group) => {
    for (let at = 0; at < 2_345; at++) {
      const messageId = parts.random(32)
      oweReceipt(tx, group.groupId, { messageId, status: 1 })
    }
    assert.equal(await composeReceipts(parts, tx, group), true)
    assert.equal(await composeReceipts(parts, tx, group), false)
  })
  const reports = (await bob.queued()).map((payload) =>
    decodeStatusReport(contentOf(decodeMimi(payload).body, statusReportType) ?? payload),
  )
  assert.deepEqual(
    reports.map((report) => report.length),
    [1_000, 1_000, 345],
  )
  assert.equal(new Set(reports.flat().map(({ messageId }) => toHex(messageId))).size, 2_345)
})

const chatId = new Uint8Array(32).fill(7)
const policy = { kind: "group", name: "", picture: undefined, expiryS: undefined } as const
const rules = { add: "admins", rename: "admins", post: "everyone" } as const

/** The store of one of two people in a group, and what of their device writes and takes in content. */
async function device(nth: number, types: ContentTypes<unknown>) {
  const id = bytes<"AccountId">(new Uint8Array(16).fill(nth))
  const database = await openMemoryDatabase()
  await migrate(database)
  const chat = `INSERT INTO chat (chat_id, kind, state, group_id, hidden, activity_ms, read_position, muted, pinned, archived, draft)
    VALUES (?, 'group', 'active', ?, 0, 0, 0, 0, 0, 0, '')`
  const group = `INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due)
    VALUES (?, ?, 'active', 1, ?, 0, 0, 0, 0, 0)`
  await database.commit([
    { sql: chat, values: [chatId, chatId] },
    { sql: group, values: [chatId, chatId, encodePolicy({ ...policy, rules, roles: [{ accountId: id, role: "admin" }] })] },
  ])
  const transactions = new Transactions(database)
  const parts: ComposerParts & { readonly crypto: typeof nodeProvider } = {
    own: { origin: "chat.example", accountId: id },
    crypto: nodeProvider,
    random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
    clock: { nowMs: () => 1_000 },
    session: { serverNowMs: 1_000 },
    keyLog: { stored: undefined, gossip: () => undefined },
    sync: { synced: async () => undefined },
    kick: () => undefined,
  }
  const trust = { isStale: async () => false, standing: async () => ({ status: "listed" }) as const }
  const intake = new ContentIntake(
    {
      ...parts,
      crypto: nodeProvider,
      own: { ...parts.own, deviceId: bytes<"DeviceId">(new Uint8Array(16)) },
      trust,
      watch: { heard: async () => undefined },
      receiptsWait: () => undefined,
      introductionArrived: () => undefined,
      ownDevicesDue: () => undefined,
      historyArrived: () => undefined,
      historyWanted: () => undefined,
      filesDue: () => undefined,
      sync: { take: async () => undefined },
      missed: { take: async () => undefined },
    },
    types,
  )
  const found = async (tx: Transaction) => {
    const row = await findGroup(tx, chatId)
    assert.ok(row)
    return row
  }
  let order = 0
  return {
    id,
    database,
    write: (work: (tx: Transaction, with_: ComposerParts, group: Awaited<ReturnType<typeof found>>) => Promise<unknown>) =>
      transactions.run(async (tx) => await work(tx, parts, await found(tx))),
    queued: async () => (await database.read("SELECT payload FROM outbox ORDER BY id")).map((row) => row["payload"] as Uint8Array),
    take: async (from: Bytes<"AccountId">, payloads: readonly Uint8Array[]) => {
      const sender = {
        origin: "chat.example",
        accountId: from,
        deviceId: bytes<"DeviceId">(from),
        leafIndex: 0,
        signatureKey: new Uint8Array(32),
        identity: from,
      }
      for (const payload of payloads) {
        order++
        const record = { kind: "post", groupId: chatId, order, timeMs: 1_000, body: payload } as const
        const looks = { asked: new Set<string>(), final: new Set<string>() }
        await transactions.run(async (tx) =>
          intake.take(tx, { group: await found(tx), sender, record, epoch: 1, padded: pad(payload), looks }),
        )
      }
    },
    shown: async () => {
      const reader = readerOf(database)
      const rows = await reader.read("SELECT row, kind FROM message ORDER BY position")
      const byRow = await listParts(
        reader,
        rows.map((row) => Number(row["row"])),
      )
      return rows.map((row) => shownContent({ kind: String(row["kind"]), parts: byRow.get(Number(row["row"])) ?? [] }, types))
    },
  }
}
