import assert from "node:assert/strict"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { Transactions } from "../../core/transaction.ts"
import type { Row } from "../../core/ports.ts"
import { databaseOn } from "../../platform/connection.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { findContact } from "../../store/trust/contacts.ts"
import type { IdentifiedMember } from "../../trust/trust.ts"
import { enqueueRevoked } from "./must-go.ts"

const own = { accountId: bytes<"AccountId">(new Uint8Array(16)), deviceId: bytes<"DeviceId">(new Uint8Array(16)) }

function leafOf(n: number): IdentifiedMember {
  const accountId = bytes<"AccountId">(new Uint8Array(16).fill(n))
  const deviceId = bytes<"DeviceId">(new Uint8Array(16).fill(n))
  return { leafIndex: n, identity: new Uint8Array(), signatureKey: new Uint8Array(), origin: "chat.example", accountId, deviceId }
}

test("Queuing the removal of many held leaves runs what the transaction wrote before at most once more", async () => {
  const sqlite = new DatabaseSync(":memory:")
  let inserts = 0
  const database = databaseOn({
    run: (sql, values) => {
      if (sql.startsWith("INSERT")) inserts++
      return sqlite.prepare(sql).all(...values) as readonly Row[]
    },
    close: () => sqlite.close(),
    storeError: (error) => error,
  })
  await migrate(database)
  const transactions = new Transactions(database)
  const trust = {
    isRevoked: async () => false,
    isStale: async () => false,
    heldUntilMs: async (accountId: Uint8Array) => {
      await findContact(readerOf(database), accountId)
      return 1
    },
  }
  const group = { groupId: new Uint8Array(32), policy: { kind: "group", attributes: new Map() } } as unknown as Parameters<
    typeof enqueueRevoked
  >[2]
  const [before, held] = [30, 20]
  inserts = 0
  await transactions.run(async (tx) => {
    for (let n = 0; n < before; n++)
      tx.write("INSERT INTO account_ended (account_id, version) VALUES (?, 1)", new Uint8Array(16).fill(100 + n))
    await tx.read("SELECT 1 AS one")
    await enqueueRevoked(
      { own, trust },
      tx,
      group,
      Array.from({ length: held }, (_, n) => leafOf(n + 1)),
    )
  })
  assert.deepEqual((await database.read("SELECT count(*) AS queued FROM outbox"))[0]?.["queued"], held)
  assert.equal(inserts, 2 * before + held)
  await database.close()
})
