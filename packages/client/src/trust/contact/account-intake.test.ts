import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import type { VerifiedSearch } from "@nodoor/keylog"
import { nodeProvider } from "@nodoor/mls/node"
import type { Database } from "../../core/ports.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { AccountIntake } from "./account-intake.ts"
import { ContactChanges } from "./contact-changes.ts"
import { KnownAccounts } from "./known-accounts.ts"

test("Many accounts are taken in without a read outside the transaction once it has run something of its own", async () => {
  const stored = await openMemoryDatabase()
  await migrate(stored)
  const reads: string[] = []
  const database: Database = {
    ...stored,
    read: (...asked) => (reads.push("outside"), stored.read(...asked)),
    readAfter: (...asked) => (reads.push("within"), stored.readAfter(...asked)),
  }
  const clock = { nowMs: () => 1 }
  const own = { accountId: bytes<"AccountId">(new Uint8Array(16)) }
  const parts = { crypto: nodeProvider, random: (size: number) => new Uint8Array(size), clock, own }
  const accounts = new KnownAccounts({ ...parts, reader: readerOf(database) })
  const intake = new AccountIntake({ ...parts, accounts, changes: new ContactChanges(parts), keyLog: { pin: () => undefined } })
  const labels = Array.from({ length: 10 }, (_, n) => new Uint8Array(17).fill(n + 1).with(0, 1))
  const lookups = labels.map((label) => ({ status: "ended", label, version: 3 }))
  const verified = { lookups, head: { size: 5 } } as unknown as VerifiedSearch
  const taken = await new Transactions(database).run((tx) => intake.take(tx, verified, []))
  assert.equal(taken.length, labels.length)
  assert.equal((await stored.read("SELECT 1 AS one FROM account_ended")).length, labels.length)
  assert.ok(reads.includes("within"))
  assert.ok(reads.lastIndexOf("outside") < reads.indexOf("within"), reads.join(" "))
  await stored.close()
})
