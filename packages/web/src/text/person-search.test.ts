import assert from "node:assert/strict"
import { test } from "node:test"
import { personSearch } from "./person-search.ts"

test("a handle is found in what was typed, and the link of another server is said to be one", () => {
  const search = (typed: string): string => {
    const found = personSearch(typed, "https://chat.example")
    return "handle" in found ? `@${found.handle}` : found.problem
  }
  assert.equal(search("chat.example/@Alice."), "@alice")
  assert.equal(
    search("https://other.example/@alice"),
    "This link is for another server, other.example. You can’t write to people there from chat.example.",
  )
  assert.match(search("https://chat.example/i/abc"), /^This link is an invite/)
  assert.match(search("al"), /^A handle has 3 to 32/)
})
