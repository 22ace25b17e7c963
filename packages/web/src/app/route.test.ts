import assert from "node:assert/strict"
import { test } from "node:test"
import { type Route, above, formatRoute, parseArrival, parseRoute } from "./route.ts"

const routes: readonly Route[] = [
  { at: "chats" },
  { at: "chat", chatId: "ab12", sheet: undefined },
  { at: "chat", chatId: "ab12", sheet: { type: "info" } },
  { at: "chat", chatId: "ab12", sheet: { type: "contact", accountId: "cd" } },
  { at: "chat", chatId: "ab12", sheet: { type: "message", messageId: "ef" } },
  { at: "requests" },
  { at: "archived" },
  { at: "starred" },
  { at: "new" },
  { at: "new-group" },
  { at: "new", behind: "ab12" },
  { at: "new-group", behind: "ab12" },
  { at: "settings", section: undefined },
  { at: "settings", section: "devices" },
  { at: "settings", section: "devices", page: "link" },
  { at: "settings", section: "devices", page: "words" },
  { at: "restore" },
]

test("every place has an address that leads back to it", () => {
  for (const route of routes) assert.deepEqual(parseRoute(formatRoute(route)), route)
})

test("an address that means nothing leads to the chats", () => {
  for (const hash of ["", "#", "#/chat", "#/chat/<script>", "#/nowhere", "#@alice"]) assert.deepEqual(parseRoute(hash), { at: "chats" })
})

test("going up always arrives at the chats", () => {
  for (const start of routes) {
    let route = start
    for (let step = 0; step < 4; step++) route = above(route)
    assert.deepEqual(route, { at: "chats" })
  }
})

test("a page below the devices belongs to no other section", () => {
  assert.deepEqual(parseRoute("#/settings/profile/link"), { at: "settings", section: "profile" })
})

test("a linking code is taken out of the address as a whole", () => {
  const href = "https://chat.example.org/#link/9F2K7-QX4MB"
  assert.equal(parseArrival({ pathname: "/", hash: "#link/9F2K7-QX4MB", href }).link, href)
  assert.equal(parseArrival({ pathname: "/", hash: "#/link/9F2K7", href: "https://chat.example.org/#/link/9F2K7" }).link, undefined)
})

test("an invite and the link of a person are understood, and nothing else is", () => {
  assert.deepEqual(parseArrival({ pathname: "/i/abc_-9", hash: "" }), { invite: "abc_-9", handle: undefined })
  assert.deepEqual(parseArrival({ pathname: "/i/abc", hash: "#@alice" }), { invite: "abc", handle: "alice" })
  assert.deepEqual(parseArrival({ pathname: "/@bob.b", hash: "#/" }), { invite: undefined, handle: "bob.b" })
  assert.deepEqual(parseArrival({ pathname: "/@Alice/", hash: "" }), { invite: undefined, handle: "alice" })
  assert.deepEqual(parseArrival({ pathname: "/i/abc/", hash: "#@Alice." }), { invite: "abc", handle: "alice" })
  assert.deepEqual(parseArrival({ pathname: "/@B<b>", hash: "" }), { invite: undefined, handle: undefined })
  assert.deepEqual(parseArrival({ pathname: "/", hash: "" }), { invite: undefined, handle: undefined })
})
