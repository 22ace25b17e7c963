import assert from "node:assert/strict"
import { test } from "node:test"
import { eventText } from "./event-text.ts"

const name = (id: string): string => ({ me: "Mina", a: "Alice", b: "Bob", c: "Carol", y: "You", r: "יוסף" })[id] ?? id
const reader = { name, own: "me" }

test("events read as sentences from the reader's point of view", () => {
  assert.equal(eventText({ kind: "added", by: "a", accounts: ["me", "b"] }, reader), "Alice added you and Bob.")
  assert.equal(eventText({ kind: "removed", by: "me", accounts: ["a", "b", "c"] }, reader), "You removed Alice, Bob and Carol.")
  assert.equal(eventText({ kind: "role", by: "me", account: "b", role: "admin" }, reader), "You made Bob an admin.")
  assert.equal(eventText({ kind: "device_added", account: "b" }, reader), "Bob added a device.")
  assert.equal(eventText({ kind: "account_deleted", account: "b" }, reader), "Bob deleted their account.")
  assert.match(eventText({ kind: "account_deleted", account: "b", unproven: true }, reader), /^Bob can’t be reached any more/)
  assert.match(eventText({ kind: "identity_changed", account: "b" }, reader), /^Bob’s keys changed/)
})

test("a person who is called You is not the reader, and a name from right to left stays within itself", () => {
  assert.equal(eventText({ kind: "account_deleted", account: "y" }, reader), "You deleted their account.")
  assert.equal(eventText({ kind: "added", by: "me", accounts: ["y"] }, reader), "You added You.")
  assert.equal(eventText({ kind: "left", account: "r" }, reader), "\u2068יוסף\u2069 left.")
  assert.equal(eventText({ kind: "renamed", by: "r", name: "" }, reader), "\u2068יוסף\u2069 removed the group’s name.")
})
