import assert from "node:assert/strict"
import { test } from "node:test"
import { inviteCode } from "./invite-code.ts"

test("an invite is understood as a code or as a link, and that of another server is said to be one", () => {
  const server = "https://chat.example"
  for (const typed of ["Ab_-9", " Ab_-9 ", "https://chat.example/i/Ab_-9/", "Join: chat.example/i/Ab_-9."])
    assert.deepEqual(inviteCode(typed, server), { code: "Ab_-9", handle: undefined }, typed)
  assert.deepEqual(inviteCode("https://chat.example/i/Ab_-9#@Alice", server), { code: "Ab_-9", handle: "alice" })
  assert.deepEqual(inviteCode("", server), { code: "", handle: undefined })
  const elsewhere = inviteCode("https://other.example/i/Ab_-9", server)
  assert.ok("problem" in elsewhere && elsewhere.problem.includes("another server, other.example"))
})
