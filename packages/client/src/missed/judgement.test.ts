// What is believed of a message that somebody sends again (docs/protocol.md, "Healing"), and by which code it is refused.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { ArchivedMessage } from "../store/archive/archived-messages.ts"
import { type Judging, judgeMessage } from "./judgement.ts"

const id = (nth: number, length = 32): Uint8Array => new Uint8Array(length).fill(nth)
const [groupId, alice, bob, own] = [id(1), id(2, 16), id(3, 16), id(4, 16)]
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const atMs = 1_000 * dayMs + 12 * hourMs

const known = [
  { messageId: id(10), order: 5, timeMs: atMs, kind: "content", position: 1 },
  { messageId: id(11), order: 7, timeMs: atMs, kind: "waiting", position: 2 },
  { messageId: id(12), order: 9, timeMs: atMs + 2 * hourMs, kind: "content", position: 3 },
]
const by = (accountId: Uint8Array): Judging => ({
  missed: { groupId, ranges: [[5, 20]], fromMs: atMs, untilMs: atMs + 5 * hourMs },
  accountId,
  isOwn: accountId === own,
  ownAccountId: own,
  known,
  present: new Set([...known.map(({ messageId }) => toHex(messageId)), toHex(id(13))]),
})
const message = (changed: Partial<ArchivedMessage> = {}): ArchivedMessage => ({
  groupId,
  messageId: id(20),
  order: 7,
  timeMs: atMs + 60_000,
  accountId: alice,
  kind: "content",
  inReplyTo: undefined,
  editedMs: undefined,
  isSent: true,
  sendId: undefined,
  epoch: 3,
  sentMs: undefined,
  parts: [{ kind: "text", text: "one", data: undefined }],
  reactions: [{ accountId: bob, emoji: "👍", messageId: id(30) }],
  receipts: [{ accountId: bob, status: 2, atMs }],
  ...changed,
})
const codeOf = (at: Judging, one: ArchivedMessage): string => {
  const judged = judgeMessage(at, one)
  return judged.status === "refused" ? judged.code : judged.status
}

test("A sender's own message is taken as its text alone, and an own device's with what was said of it", () => {
  const fromSender = judgeMessage(by(alice), message())
  assert.ok(fromSender.status === "new")
  assert.deepEqual(fromSender.message, { ...message(), isSent: false, epoch: undefined, reactions: [], receipts: [] })
  const fromOwn = judgeMessage(by(own), message())
  assert.ok(fromOwn.status === "new")
  assert.deepEqual(fromOwn.message, { ...message(), isSent: false })
  const mine = judgeMessage(by(own), message({ accountId: own, isSent: false }))
  assert.ok(mine.status === "new" && mine.message.isSent)
})

test("Everything else is refused with its code: another's message, another place, an id or an order that is taken, content that nobody writes", () => {
  const cases: readonly (readonly [string, Judging, Partial<ArchivedMessage>])[] = [
    ["wrong_author", by(alice), { accountId: bob }],
    ["wrong_author", by(alice), { kind: "event" }],
    ["not_asked", by(own), { order: 4 }],
    ["not_asked", by(own), { order: 21 }],
    ["not_asked", by(own), { order: undefined }],
    ["not_asked", by(own), { groupId: id(9) }],
    ["content", by(own), { kind: "waiting" }],
    ["known", by(alice), { order: 9, messageId: id(12) }],
    ["id_taken", by(own), { messageId: id(12) }],
    ["id_taken", by(own), { messageId: id(13) }],
    ["order_taken", by(own), { order: 9 }],
    ["new", by(own), { order: 9, kind: "event" }],
    ["content", by(alice), { parts: [] }],
    ["content", by(alice), { parts: [{ kind: "event", text: "{}", data: undefined }] }],
    ["content", by(alice), { parts: [{ kind: "text", text: " ", data: undefined }] }],
    ["new", by(alice), { kind: "deleted", parts: [{ kind: "text", text: "still here", data: undefined }] }],
  ]
  for (const [code, at, changed] of cases) assert.equal(codeOf(at, message(changed)), code, JSON.stringify(changed))
  const deleted = judgeMessage(by(alice), message({ kind: "deleted" }))
  assert.ok(deleted.status === "new" && deleted.message.parts.length === 0)
})

test("A time is kept within what is known of the place, and one that is a day off is refused", () => {
  const timeOf = (changed: Partial<ArchivedMessage>): number | string => {
    const judged = judgeMessage(by(own), message(changed))
    return judged.status === "new" ? judged.message.timeMs - atMs : judged.status === "refused" ? judged.code : judged.status
  }
  // The line at this place says the hour.
  assert.equal(timeOf({ timeMs: atMs + 30 * 60_000 }), 30 * 60_000)
  assert.equal(timeOf({ timeMs: atMs - hourMs }), -5 * 60_000)
  assert.equal(timeOf({ timeMs: atMs + 2 * hourMs }), hourMs + 5 * 60_000)
  assert.equal(timeOf({ timeMs: atMs - dayMs - hourMs }), "wrong_time")
  assert.equal(timeOf({ timeMs: atMs + dayMs + 2 * hourMs }), "wrong_time")
  // Between two messages, and behind the last one.
  assert.equal(timeOf({ order: 8, timeMs: atMs + 10 * hourMs }), 3 * hourMs)
  assert.equal(timeOf({ order: 15, timeMs: atMs + 10 * hourMs }), 6 * hourMs)
  assert.equal(timeOf({ order: 15, timeMs: atMs + 3 * dayMs }), "wrong_time")
})
