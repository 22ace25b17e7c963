import assert from "node:assert/strict"
import { test } from "node:test"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { readerOf } from "../reader.ts"
import { migrate } from "../schema.ts"
import { deleteMessage, deleteMessagesOfChat, eraseContent, findMessage, insertMessage } from "./messages.ts"
import { listParts } from "./parts.ts"

const chatId = new Uint8Array(32).fill(1)
const idOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)

async function store() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const reader = readerOf(database)
  return {
    run: transactions.run.bind(transactions),
    write: (n: number, text: string) =>
      transactions.run(
        async (tx) =>
          await insertMessage(tx, {
            chatId,
            groupId: chatId,
            messageId: idOf(n),
            order: n,
            timeMs: n,
            accountId: idOf(99),
            kind: "content",
            parts: [
              { kind: "text", text },
              { kind: "preview", text: "", data: Uint8Array.of(n) },
            ],
            searched: text,
          }),
      ),
    texts: async () => (await reader.read("SELECT text FROM part WHERE kind = 'text' ORDER BY text")).map((row) => row["text"]),
    partsOf: async (n: number) => {
      const row = (await findMessage(reader, chatId, idOf(n)))?.row ?? 0
      return (await listParts(reader, [row])).get(row) ?? []
    },
  }
}

test("The parts of a message come back in their order, each as it was stored", async () => {
  const { write, partsOf } = await store()
  await write(1, "one\0two")
  assert.deepEqual(await partsOf(1), [
    { kind: "text", text: "one\uFFFDtwo", data: undefined },
    { kind: "preview", text: "", data: Buffer.of(1) },
  ])
})

test("A message that is deleted, discarded or goes with its chat leaves no part behind, and the next one has its own", async () => {
  const { run, write, texts, partsOf } = await store()
  for (const [n, text] of ["a", "b", "c"].entries()) await write(n + 1, text)
  await run((tx) => eraseContent(tx, { chatId, messageId: idOf(1) }))
  assert.deepEqual([await partsOf(1), await texts()], [[], ["b", "c"]])
  await run(async (tx) => deleteMessage(tx, { chatId, messageId: idOf(3) }))
  assert.deepEqual(await texts(), ["b"])
  await write(4, "d")
  assert.equal((await partsOf(4))[0]?.text, "d", "in the row of the one that is gone")
  await run(async (tx) => deleteMessagesOfChat(tx, chatId))
  assert.deepEqual(await texts(), [])
})
