import assert from "node:assert/strict"
import { test } from "node:test"
import type { Database } from "../../core/ports.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { listParts } from "./parts.ts"
import { findMessages, indexDue } from "./search.ts"
import { eraseContent, insertMessage, replaceText } from "./messages.ts"
import type { Reader } from "../reader.ts"
import { migrate } from "../schema.ts"
import { Transactions } from "../../core/transaction.ts"

const chatId = new Uint8Array(32).fill(1)
const idOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)

async function chatOf(...texts: readonly string[]): Promise<{
  database: Database
  transactions: Transactions
  find: (text: string, max?: number) => Promise<string[]>
}> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  for (const [i, text] of texts.entries())
    await transactions.run(async (tx) => {
      await insertMessage(tx, {
        chatId,
        groupId: chatId,
        messageId: idOf(i),
        order: i + 1,
        timeMs: 1_000 + i,
        accountId: idOf(99),
        kind: "content",
        parts: [{ kind: "text", text }],
        searched: text,
      })
    })
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  return {
    database,
    transactions,
    find: async (text, max = 50) => {
      const rows = (await findMessages(reader, text, max)).map((row) => Number(row["row"]))
      const parts = await listParts(reader, rows)
      return rows.map((row) => parts.get(row)?.[0]?.text ?? "")
    },
  }
}

test("Words are found whatever their case, accents, encoding and width, in every script, the newest first", async () => {
  const { find } = await chatOf("École à midi", "ecole", "Die Straße", "МОСКВА", "Ｆｕｌｌｗｉｄｔｈ", "e\u0301cole encore", "łódź")
  assert.deepEqual(await find("ÉCOLE"), ["e\u0301cole encore", "ecole", "École à midi"])
  assert.deepEqual(await find("strasse"), ["Die Straße"])
  assert.deepEqual(await find("москва"), ["МОСКВА"])
  assert.deepEqual(await find("fullwidth"), ["Ｆｕｌｌｗｉｄｔｈ"])
  assert.deepEqual(await find("LODZ"), ["łódź"])
  assert.deepEqual(await find("ecole", 1), ["e\u0301cole encore"])
  assert.deepEqual(await find("  "), [])
})

test("Words of one and two characters are found, in Chinese, Japanese and Korean as well", async () => {
  const { find } = await chatOf("明日は東京に行く", "한국어 수업", "我爱你", "go on", "100 % sure", 'a "b" c')
  for (const [wanted, text] of [
    ["東", "明日は東京に行く"],
    ["東京", "明日は東京に行く"],
    ["爱", "我爱你"],
    ["수업", "한국어 수업"],
    ["GO", "go on"],
    ["%", "100 % sure"],
    ['"b', 'a "b" c'],
    ['"b" c', 'a "b" c'],
  ] as const)
    assert.deepEqual(await find(wanted), [text], wanted)
  assert.deepEqual(await find("京都"), [])
})

test("Markup is not what is searched: marked words are found across their marks, and the marks find nothing", async () => {
  const { find } = await chatOf("this is **very** *important*", "see [the page](https://example.com/x)")
  assert.equal((await find("very important")).length, 1)
  assert.deepEqual(await find("**"), [])
  assert.equal((await find("the page")).length, 1)
  assert.equal((await find("example.com")).length, 1, "the address that is shown beside it")
})

test("An edited message is found by its new words only, a deleted one by none, and nothing of either stays in the index", async () => {
  const { database, transactions, find } = await chatOf("secret words", "an old plan")
  const holds = async (trigram: string): Promise<boolean> =>
    (await database.read("SELECT block FROM message_search_data")).some((row) => Buffer.from(row["block"] as Uint8Array).includes(trigram))
  assert.ok(await holds("ecr"))
  await transactions.run(async (tx) => replaceText(tx, { chatId, messageId: idOf(1), text: "a new plan", timeMs: 5 }))
  await transactions.run(async (tx) => eraseContent(tx, { chatId, messageId: idOf(0) }))
  assert.deepEqual(await find("old plan"), [])
  assert.deepEqual(await find("new plan"), ["a new plan"])
  assert.deepEqual(await find("secret"), [])
  assert.deepEqual(await find("se"), [])
  assert.ok(!(await holds("ecr")))
  assert.ok(await holds("new"))
})

test("Messages of an older store are found once they are indexed, which goes on where it was cut short", async () => {
  const { database, transactions, find } = await chatOf(...Array.from({ length: 250 }, (_, i) => `Größe ${i}`))
  await database.commit([
    { sql: "DELETE FROM message_search", values: [] },
    { sql: "INSERT INTO search_due SELECT row FROM message", values: [] },
  ])
  let turnsLeft = 1
  await indexDue(transactions, () => turnsLeft-- <= 0)
  assert.deepEqual(await find("grosse 249"), ["Größe 249"])
  assert.deepEqual(
    await find("grosse 1"),
    Array.from({ length: 50 }, (_, i) => `Größe ${199 - i}`),
  )
  assert.deepEqual(await find("grosse 3 "), [])
  await transactions.run(async (tx) => replaceText(tx, { chatId, messageId: idOf(3), text: "Maß", timeMs: 5 }))
  await indexDue(transactions, () => false)
  assert.deepEqual(await find("mass"), ["Maß"])
  assert.deepEqual(await find("grosse 2", 500), ["Größe 249", "Größe 248"].concat(await find("grosse 2", 500)).slice(2))
  assert.equal((await database.read("SELECT COUNT(*) AS n FROM search_due"))[0]?.["n"], 0)
})
