import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessageContent, MessageView } from "@nodoor/client"
import { groupByDay } from "./grouping.ts"

const dayKey = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)
const noon = Date.parse("2026-06-10T12:00:00Z")

function message(id: string, by: string, timeMs: number, content: MessageContent = { type: "text", markdown: id }): MessageView {
  return {
    id,
    chatId: "c",
    sender: { accountId: by, name: by, own: by === "me" },
    order: 1,
    timeMs,
    sentMs: timeMs,
    content,
    edited: false,
    starred: false,
    inReplyTo: undefined,
    reactions: [],
    position: 0,
    status: undefined,
    failure: undefined,
  }
}

function shape(messages: readonly MessageView[], firstUnreadId?: string): string[] {
  return groupByDay(messages, { firstUnreadId, dayKey }).flatMap((day) =>
    day.rows.map((row) =>
      row.type === "message"
        ? `${row.message.id}${row.first ? "<" : ""}${row.last ? ">" : ""}`
        : row.type === "event"
          ? `(${row.message.id})`
          : "--",
    ),
  )
}

test("messages by one person within three minutes share a name and a time", () => {
  assert.deepEqual(
    shape([
      message("a", "me", noon),
      message("b", "me", noon + 180_000),
      message("c", "me", noon + 360_001),
      message("d", "bob", noon + 360_002),
    ]),
    ["a<", "b>", "c<>", "d<>"],
  )
})

test("the unread divider, an event and midnight each end a group", () => {
  assert.deepEqual(shape([message("a", "bob", noon), message("b", "bob", noon + 1)], "b"), ["a<>", "--", "b<>"])
  const event: MessageContent = { type: "event", event: { kind: "left", account: "x" } }
  assert.deepEqual(shape([message("a", "bob", noon), message("e", "bob", noon + 1, event), message("b", "bob", noon + 2)]), [
    "a<>",
    "(e)",
    "b<>",
  ])
  const midnight = Date.parse("2026-06-11T00:00:00Z")
  const days = groupByDay([message("a", "bob", midnight - 1), message("b", "bob", midnight)], { firstUnreadId: undefined, dayKey })
  assert.deepEqual(
    days.map((day) => day.key),
    ["2026-06-10", "2026-06-11"],
  )
  assert.deepEqual(shape([message("a", "bob", midnight - 1), message("b", "bob", midnight)]), ["a<>", "b<>"])
})
