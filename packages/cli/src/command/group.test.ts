import assert from "node:assert/strict"
import { test } from "node:test"
import type { MemberView } from "@nodoor/client"
import { memberRow } from "./group.ts"

const member = { name: "Bob", handle: "bob", role: "member", own: false, verified: false } as MemberView

test("a member none of whose devices has come in is said to be one, and can be added again", () => {
  assert.equal(memberRow({ ...member, unattached: true }).at(-1), "has not come in yet: add again")
  assert.equal(memberRow(member).at(-1), "")
})
