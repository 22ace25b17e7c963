import assert from "node:assert/strict"
import { test } from "node:test"
import { nodeProvider } from "@nodoor/mls/node"
import { hourMs } from "../../core/group-record.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { eventTimeMs } from "../../store/chat/event-time.ts"
import { migrate } from "../../store/schema.ts"
import { isOfRemoved } from "../../trust/device/removed-sender.ts"
import { type IdentifiedMember, type Standing, identify } from "../../trust/trust.ts"
import { parsedCommit } from "../commit/parsed-commit.ts"
import { applied, made, newcomer, seatedGroup } from "../fixtures/seated-group.ts"
import { judgeCommitter } from "./removed-committer.ts"

/** The hour in which the server placed it. */
const timeMs = 500_000 * hourMs
const looks = { asked: new Set<string>(), final: new Set<string>() }

const standings: readonly (readonly [string, Standing])[] = [
  ["listed", { status: "listed" }],
  ["removed an hour later", { status: "removed", sinceMs: timeMs + hourMs }],
  ["removed at the end of that hour", { status: "removed", sinceMs: timeMs + hourMs - 1 }],
  ["removed when it began", { status: "removed", sinceMs: timeMs }],
  ["removed before it", { status: "removed", sinceMs: timeMs - 1 }],
  ["nobody can tell since when", { status: "removed", sinceMs: undefined }],
]

test("A commit that uses authority counts only if it was placed before the removal for certain; who may have been in time is not accused", async () => {
  const [alice] = seatedGroup(2)
  assert.ok(alice)
  const commit = made(alice, { adds: [newcomer(5)] })
  const { check, committer } = parsedCommit({ state: alice.state, seats: alice.seats, crypto: nodeProvider }, commit.own.staged)
  assert.ok(committer)
  const verdicts: string[] = []
  for (const [, standing] of standings)
    verdicts.push(await judgeCommitter({ standing: async () => standing }, { check, committer, mayGo: () => false }, { looks, timeMs }))
  assert.deepEqual(verdicts, ["allowed", "allowed", "unclear", "unclear", "removed", "unclear"])
  applied(alice, commit)
})

test("A message is shown only if it was placed before the removal for certain; an alarm is red only if it was afterwards", async () => {
  const [, bob] = seatedGroup(2)
  assert.ok(bob)
  const sender: IdentifiedMember = identify({ leafIndex: 1, identity: bob.signer.identity, signatureKey: bob.signer.publicKey })
  const shown: unknown[] = []
  for (const [, standing] of standings) {
    const database = await openMemoryDatabase()
    await migrate(database)
    const groupId = new Uint8Array(32)
    const refused = await new Transactions(database).run((tx) =>
      isOfRemoved(
        {
          trust: { isStale: async () => standing.status !== "listed", standing: async () => standing },
          random: nodeProvider.random,
          clock: { nowMs: () => timeMs },
          kick: () => undefined,
        },
        tx,
        { group: { groupId, chatId: groupId } as never, sender, record: { timeMs }, looks },
      ),
    )
    const [alarm] = await database.read("SELECT level FROM alarm")
    shown.push([refused, alarm?.["level"]])
  }
  assert.deepEqual(shown, [
    [false, undefined],
    [false, undefined],
    [true, "notice"],
    [true, "notice"],
    [true, "red"],
    [true, "red"],
  ])
})

test("A line about something that happened stands in the hour that the server says: now, or after what is before it", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const chatId = new Uint8Array(32)
  const reader = { read: (sql: string, ...values: never[]) => database.read(sql, values) }
  const at = (nowMs: number): Promise<number> => eventTimeMs(reader, { chatId, placedMs: timeMs, nowMs })
  assert.equal(await at(timeMs + 600_000), timeMs + 600_000)
  assert.equal(await at(timeMs + 2 * hourMs), timeMs)
  const before = async (timeOfLastMs: number): Promise<number> => {
    await database.commit([
      { sql: "DELETE FROM message", values: [] },
      {
        sql: "INSERT INTO message (chat_id, group_id, message_id, position, ord, time_ms, account_id, kind) VALUES (?, ?, ?, 1, 1, ?, ?, 'content')",
        values: [chatId, chatId, new Uint8Array(32), timeOfLastMs, new Uint8Array(16)],
      },
    ])
    return await at(timeMs + 2 * hourMs)
  }
  assert.equal(await before(timeMs + 1_000), timeMs + 1_000)
  assert.equal(await before(timeMs - 5 * hourMs), timeMs)
  assert.equal(await before(timeMs + 3 * hourMs), timeMs + hourMs - 1)
})
