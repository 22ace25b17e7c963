import assert from "node:assert/strict"
import { test } from "node:test"
import { handleOf } from "./handle.ts"

test("a handle is understood with an at sign, in capitals and with spaces around", () => {
  for (const typed of ["alice", "@alice", " Alice "]) assert.equal(handleOf(typed), "alice")
  for (const typed of ["", "@", "al", "alice example", "ä".repeat(5), "a".repeat(33)]) assert.equal(handleOf(typed), undefined)
})
