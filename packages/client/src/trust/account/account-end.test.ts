import assert from "node:assert/strict"
import { test } from "node:test"
import type { VerifiedAccountState } from "@nodoor/keylog"
import { AccountEnd, type AccountEndParts } from "./account-end.ts"
import { GroupStates } from "../../group/group-states.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import type { Database } from "../../core/ports.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"

const [groupId, chatId] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

/** A device with a chat, a draft, something to be sent and secrets, whose account may end. */
async function device(): Promise<{
  readonly database: Database
  readonly transactions: Transactions
  readonly end: AccountEnd
  readonly ended: () => number
}> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  let ended = 0
  const states = new GroupStates({ clock: { nowMs: () => 0 } } as unknown as ConstructorParameters<typeof GroupStates>[0])
  const parts = { transactions, states, own: { status: "active" } } as unknown as AccountEndParts
  await transactions.run(async (tx) => {
    const columns = await tx.read(
      "SELECT name, type FROM pragma_table_info('device') WHERE \"notnull\" = 1 AND dflt_value IS NULL AND name != 'id'",
    )
    const names = columns.map((row) => String(row["name"]))
    tx.write(
      `INSERT INTO device (id, ${names.join(", ")}) VALUES (1, ${names.map(() => "?").join(", ")})`,
      ...columns.map((row) => (row["type"] === "INTEGER" ? 1 : row["type"] === "BLOB" ? new Uint8Array(32).fill(7) : "active")),
    )
    tx.write("UPDATE device SET registration = ?, signature_seed = ?", new Uint8Array(1), new Uint8Array(32).fill(7))
    tx.write(
      `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft)
       VALUES (?, 'group', 'active', ?, NULL, 0, 0, 0, 0, 0, 0, 'never mind')`,
      chatId,
      groupId,
    )
    tx.write("INSERT INTO waiting_record (group_id, ord, record) VALUES (?, 1, ?)", groupId, new Uint8Array(1))
    tx.write("INSERT INTO own_seat (group_id, seat, secret, n) VALUES (?, ?, ?, 0)", groupId, new Uint8Array(16), new Uint8Array(32))
    tx.write(
      "INSERT INTO own_body (group_id, body_hash, outbox_id, epoch, staged) VALUES (?, ?, 1, 1, ?)",
      groupId,
      new Uint8Array(32),
      new Uint8Array(1),
    )
    tx.write("INSERT INTO mls_record (group_id, key, value) VALUES (?, 'state', ?)", groupId, new Uint8Array(1))
    tx.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, serial, created_ms) VALUES (?, ?, ?, 0, 1, 0)",
      new Uint8Array(32),
      new Uint8Array(1),
      new Uint8Array(32),
    )
  })
  return { database, transactions, end: new AccountEnd(parts, { ended: () => void ended++ }), ended: () => ended }
}

test("When the account has ended no draft, no secret, no key and nothing that waits is left on the device", async () => {
  const { database, transactions, end, ended } = await device()
  await transactions.run((tx) => end.take(tx))
  const rows = async (sql: string): Promise<readonly unknown[]> => (await database.read(sql)).map((row) => Object.values(row))
  assert.deepEqual(await rows("SELECT state, draft FROM chat"), [["left", ""]])
  for (const table of ["outbox", "own_body", "waiting_record", "receipt_due", "key_package", "mls_record", "own_seat", "token", "pass"])
    assert.deepEqual(await rows(`SELECT COUNT(*) FROM ${table}`), [[0]], table)
  assert.deepEqual(await rows("SELECT status, registration, LENGTH(signature_seed) FROM device"), [["ended", null, 0]])
  assert.deepEqual([ended(), end.over], [1, true])
  await transactions.run((tx) => end.take(tx))
  assert.equal(ended(), 1)
})

test("The end of the account that the log shows is this device's own only if it is the very one that was signed here", async () => {
  const { transactions, end } = await device()
  const shown = (byte: number): VerifiedAccountState => ({ signed: new Uint8Array([byte]) }) as unknown as VerifiedAccountState
  assert.equal(await end.isOwn(shown(1)), false)
  await transactions.run(async (tx) => tx.write("INSERT INTO account_end (id, state) VALUES (1, ?)", new Uint8Array([1])))
  assert.deepEqual([await end.isOwn(shown(1)), await end.isOwn(shown(2))], [true, false])
  await end.forget()
  assert.equal(await end.isOwn(shown(1)), false)
})
