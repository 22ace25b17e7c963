import assert from "node:assert/strict"
import { test } from "node:test"
import { eventText, list } from "./event-text.ts"

const name = (id: string): string => ({ me: "You", a: "Alice", b: "Bob", c: "Carol" })[id] ?? id

test("events read as sentences from the reader's point of view", () => {
  assert.equal(eventText({ kind: "added", by: "a", accounts: ["me", "b"] }, name), "Alice added you and Bob.")
  assert.equal(eventText({ kind: "removed", by: "me", accounts: ["a", "b", "c"] }, name), "You removed Alice, Bob and Carol.")
  assert.equal(eventText({ kind: "role", by: "me", account: "b", role: "admin" }, name), "You made Bob an admin.")
  assert.equal(eventText({ kind: "device_added", account: "b" }, name), "Bob added a device.")
  assert.equal(eventText({ kind: "account_deleted", account: "b" }, name), "Bob deleted their account.")
  assert.match(eventText({ kind: "account_deleted", account: "b", unproven: true }, name), /^Bob cannot be reached any more/)
  assert.match(eventText({ kind: "identity_changed", account: "b" }, name), /keys of Bob changed/)
})

test("a list of names has commas and one and", () => {
  assert.equal(list(["A"]), "A")
  assert.equal(list(["A", "B"]), "A and B")
  assert.equal(list(["A", "B", "C"]), "A, B and C")
})
