import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { linkPath, sharedLink } from "./index.ts"

const server = "https://chat.example"
const read = (text: string): unknown => sharedLink(text, server)
const alice = { type: "person", handle: "alice", invite: undefined }

test("a handle or the link of a person is understood however it was passed on", () => {
  for (const text of [
    "alice",
    "@alice",
    " @Alice. ",
    "@ALICE!",
    "(@alice)",
    "＠alice",
    "I am @alice on Nodoor",
    "https://chat.example/@alice",
    "https://chat.example/@alice/",
    "https://chat.example/@Alice.",
    "HTTPS://CHAT.EXAMPLE/@ALICE",
    "http://chat.example/@alice",
    "chat.example/@alice",
    "<https://chat.example/@alice>",
    "Write to me: https://chat.example/@alice, or call.",
    "“https://chat.example/@alice”",
    "https://chat.example/%40alice",
    "https://chat.example:443/@alice",
    "https://chat.example/\n@alice",
    "https://chat.exam\nple/@alice",
    "> https://chat.example/=\n> @alice",
    "https://chat.example/@alice?utm_source=x",
    "https://chat.example/@alice#/chat",
    "\u200ehttps://chat.example/@alice\u200e",
    "[me](https://chat.example/@alice)",
  ])
    assert.deepEqual(read(text), alice, JSON.stringify(text))
  assert.deepEqual(read("https://chat.example/i/Ab_-9#@alice"), { ...alice, invite: "Ab_-9" })
  assert.deepEqual(read("chat.example/i/Ab_-9/#@Alice"), { ...alice, invite: "Ab_-9" })
  assert.deepEqual(read("Come in: https://chat.example/i/Ab_-9."), { type: "invite", invite: "Ab_-9" })
})

test("the link of another server is never taken for somebody of this one", () => {
  for (const text of [
    "https://other.example/@alice",
    "other.example/@alice",
    "Find me at https://other.example/@alice!",
    "https://chat.example.evil.example/@alice",
    "https://evilchat.example/@alice",
    "https://chat.example:8443/@alice",
    "https://other.example/i/abc#@alice",
    "https://other.exam\nple/@alice",
    "https://chаt.example/@alice",
    "mailto:me@other.example/@alice",
  ]) {
    const found = sharedLink(text, server)
    assert.equal(found?.type, "elsewhere", JSON.stringify([text, found]))
  }
  assert.deepEqual(read("OTHER.example/@alice"), { type: "elsewhere", host: "other.example" })
})

test("a server on this machine is one under each of its names, and another at another port", () => {
  assert.deepEqual(sharedLink("http://127.0.0.1:8080/@alice", "http://localhost:8080"), alice)
  assert.deepEqual(sharedLink("localhost:8080/@alice", "http://localhost:8080"), alice)
  assert.equal(sharedLink("http://localhost:8081/@alice", "http://localhost:8080")?.type, "elsewhere")
})

test("what is neither a handle nor a link is none", () => {
  for (const text of ["", "@", "al", "alice example", "ä".repeat(5), "a".repeat(33), "https://chat.example", "@bob and @carol", "me@x.org"])
    assert.equal(read(text), undefined, text)
})

test("the address of the page is understood in each of these forms", () => {
  assert.deepEqual(linkPath("/i/abc_-9"), { invite: "abc_-9", handle: undefined })
  assert.deepEqual(linkPath("/i/abc/#@alice"), { invite: "abc", handle: "alice" })
  assert.deepEqual(linkPath("/@Alice/"), { invite: undefined, handle: "alice" })
  assert.deepEqual(linkPath("/%40alice)."), { invite: undefined, handle: "alice" })
  for (const path of ["/", "/@b", "/x/@alice", "/settings"]) assert.deepEqual(linkPath(path), { invite: undefined, handle: undefined })
})

test("no text makes the reading fail or name a handle that cannot be one", () => {
  const text = fc.array(fc.oneof(fc.constantFrom("@", "/", "https://", "chat.example", "i/", "#", "alice", ".", "\n", ":8"), fc.string()))
  fc.assert(
    fc.property(text, (parts) => {
      const found = sharedLink(parts.join(""), server)
      if (found?.type === "person") assert.match(found.handle, /^[a-z0-9._-]{3,32}$/)
    }),
  )
})
