import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { singlePart } from "../content/body.ts"
import { encodeStatusReport, statusReportType } from "../content/mimi/status-report.ts"
import { receipt } from "../content/receipt.ts"
import {
  type StoreParts,
  chatIdOf,
  collected,
  emptyStore,
  filledStore,
  idOf,
  messageIdOf,
  ownId,
  personOf,
  sourceOf,
} from "./fixtures/archived-store.ts"
import { importArchive } from "./import-archive.ts"
import { writeArchive } from "./write-archive.ts"

const key = { kind: "recovery", seed: idOf("recovery") } as const
const chatId = chatIdOf(0)

/** What somebody in the chat says of messages, by their numbers: 1 delivered, 2 read. */
async function reports(
  { transactions }: StoreParts,
  by: Uint8Array,
  messages: readonly (readonly [id: Uint8Array, status: number])[],
  timeMs = 5,
) {
  const entries = messages.map(([messageId, status]) => ({ messageId: bytes<"MessageId">(messageId), status }))
  const part = singlePart(statusReportType, encodeStatusReport(entries))
  const arrival = {
    group: { groupId: chatId },
    chat: { chatId },
    sender: { accountId: by },
    isOwn: false,
    part,
    ownAccountId: ownId,
    timeMs,
  }
  await transactions.run(async (tx) => await receipt.receive?.({ ...arrival, tx } as never))
}

async function receiptsIn({ database }: StoreParts, table: "receipt" | "early_receipt" = "receipt"): Promise<readonly string[]> {
  const rows = await database.read(`SELECT hex(message_id) AS id, hex(account_id) AS account, status FROM ${table}`)
  return rows.map(({ id, account, status }) => lineOf(String(id), String(account), Number(status))).toSorted()
}

function lineOf(id: Uint8Array | string, account: Uint8Array | string, status: number): string {
  const hex = (value: Uint8Array | string): string => (typeof value === "string" ? value.toLowerCase() : toHex(value))
  return `${hex(id)} ${hex(account)} ${status}`
}

test("A receipt that comes before its message counts when the message comes with an archive, if it is an own one", async () => {
  const old = await filledStore({ chats: 1, messages: 20 })
  await old.transactions.run(async (tx) => tx.write("DELETE FROM receipt WHERE message_id != ?", messageIdOf(14)))
  const archive = await writeArchive(old, { for: "backup", recoverySeed: key.seed })
  const fresh = await emptyStore()
  // 0, 7 and 14 are own messages; 1 is the other person's. The archive knows that 14 was read.
  await reports(fresh, personOf(0), [
    [messageIdOf(0), 1],
    [messageIdOf(1), 2],
    [messageIdOf(7), 2],
    [messageIdOf(14), 1],
    [idOf("never"), 2],
  ])
  await reports(fresh, personOf(0), [[messageIdOf(7), 1]])
  assert.deepEqual(await receiptsIn(fresh), [])
  await importArchive({ ...fresh, sync: async () => undefined }, { source: sourceOf(await collected(archive.bytes)), key })
  const by = personOf(0)
  const expected = (first: number): readonly string[] =>
    [lineOf(messageIdOf(0), by, first), lineOf(messageIdOf(7), by, 2), lineOf(messageIdOf(14), by, 2)].toSorted()
  assert.deepEqual(await receiptsIn(fresh), expected(1))
  assert.deepEqual(await receiptsIn(fresh, "early_receipt"), [lineOf(idOf("never"), by, 2)])
  // Now that it is here, a receipt goes its usual way.
  await reports(fresh, personOf(0), [[messageIdOf(0), 2]])
  assert.deepEqual(await receiptsIn(fresh), expected(2))
})

test("Receipts for what never comes are bounded for each account, the newest stay, and nobody displaces another's", async () => {
  const fresh = await emptyStore()
  await reports(fresh, personOf(1), [[messageIdOf(0), 2]], 1)
  for (let batch = 0; batch < 3; batch++)
    await reports(
      fresh,
      personOf(0),
      Array.from({ length: 500 }, (_, n) => [idOf(`${batch} ${n}`), 1] as const),
      10 + batch,
    )
  const count = async (by: Uint8Array): Promise<unknown> =>
    (await fresh.database.read("SELECT COUNT(*) AS n, MIN(at_ms) AS oldest FROM early_receipt WHERE account_id = ?", [by]))[0]
  assert.deepEqual(await count(personOf(0)), { n: 1_000, oldest: 11 })
  assert.deepEqual(await count(personOf(1)), { n: 1, oldest: 1 })
})

test("In a chat with so many people that nobody sends receipts none are kept", async () => {
  const store = await filledStore({ chats: 1, messages: 0 })
  await store.transactions.run(async (tx) => {
    for (let n = 0; n < 40; n++)
      tx.write(
        "INSERT INTO member (group_id, leaf_index, account_id, device_id) VALUES (?, ?, ?, ?)",
        chatId,
        10 + n,
        personOf(10 + n),
        idOf(`${n}`, 16),
      )
  })
  await reports(store, personOf(0), [[messageIdOf(0), 2]])
  assert.deepEqual(await receiptsIn(store, "early_receipt"), [])
})
