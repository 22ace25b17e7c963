import assert from "node:assert/strict"
import { test } from "node:test"
import type { ChatView } from "@nodoor/client"
import { arrangeChats, filterChats, matchChats } from "./chat-order.ts"

const chat = (id: string, rest: Partial<ChatView> = {}): ChatView =>
  ({ id, kind: "dm", title: id, state: "active", pinned: false, archived: false, activity: 0, peer: undefined, ...rest }) as ChatView
const ids = (chats: readonly ChatView[]): string[] => chats.map((one) => one.id)

test("pinned chats come first, then the latest; requests and archived chats are apart", () => {
  const sections = arrangeChats([
    chat("old", { activity: 1, activityMs: 9 }),
    chat("new", { activity: 9, activityMs: 1 }),
    chat("pinned", { pinned: true }),
    chat("asks", { state: "request" }),
    chat("away", { archived: true }),
  ])
  assert.deepEqual(ids(sections.main), ["pinned", "new", "old"])
  assert.deepEqual(ids(sections.requests), ["asks"])
  assert.deepEqual(ids(sections.archived), ["away"])
})

test("a search finds titles by their beginning first, without case or accents", () => {
  const chats = [
    chat("1", { title: "Team Émile" }),
    chat("2", { title: "Émile Zola" }),
    chat("3", { title: "Semil" }),
    chat("4", { title: "Bob" }),
  ]
  assert.deepEqual(ids(matchChats(chats, "emil")), ["2", "1", "3"])
  assert.deepEqual(ids(matchChats([chat("5", { title: "Bob", peer: { handle: "bobby" } as never })], "@bobb")), ["5"])
})

test("a filter shows the chats of its kind or folder, and the one that is being read stays among the unread", () => {
  const chats = [
    chat("1", { unreadCount: 2, kind: "group", folder: "Work" }),
    chat("2", { unreadCount: 0, markedUnread: true, folder: "" }),
    chat("3", { unreadCount: 0, markedUnread: false, folder: "Work" }),
  ]
  assert.deepEqual(ids(filterChats(chats, { by: "all" })), ["1", "2", "3"])
  assert.deepEqual(ids(filterChats(chats, { by: "unread" })), ["1", "2"])
  assert.deepEqual(ids(filterChats(chats, { by: "unread" }, "3")), ["1", "2", "3"])
  assert.deepEqual(ids(filterChats(chats, { by: "people" })), ["2", "3"])
  assert.deepEqual(ids(filterChats(chats, { by: "groups" })), ["1"])
  assert.deepEqual(ids(filterChats(chats, { by: "folder", folder: "Work" })), ["1", "3"])
})
