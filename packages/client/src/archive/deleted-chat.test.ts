import assert from "node:assert/strict"
import { test } from "node:test"
import { deleteChat } from "../chat/delete-chat.ts"
import { keepEarlyChange } from "../store/archive/early-changes.ts"
import { keepEarlyReceipts } from "../store/archive/early-receipts.ts"
import { chatIdOf, filledStore, idOf, personOf, startMs } from "./fixtures/archived-store.ts"

test("What was kept for messages that an archive may bring goes with the chat", async () => {
  const store = await filledStore({ chats: 2, messages: 10 })
  const [gone, stays] = [chatIdOf(0), chatIdOf(1)]
  await store.transactions.run(async (tx) => {
    for (const [n, chatId] of [gone, stays].entries()) {
      const change = { chatId, targetId: idOf("not here"), accountId: personOf(n), kind: "edited", text: "words", timeMs: startMs } as const
      await keepEarlyChange(tx, { ...change, messageId: idOf("edit") })
      keepEarlyReceipts(tx, { chatId, accountId: personOf(n), atMs: startMs }, [{ messageId: idOf("not here"), status: 1 }])
    }
  })
  await deleteChat({ transactions: store.transactions, sync: { synced: async () => undefined } as never }, gone)
  for (const table of ["early_change", "early_receipt", "message"]) {
    const rows = await store.database.read(`SELECT DISTINCT hex(chat_id) AS chat FROM ${table}`)
    assert.deepEqual(rows, [{ chat: Buffer.from(stays).toString("hex").toUpperCase() }], table)
  }
})
