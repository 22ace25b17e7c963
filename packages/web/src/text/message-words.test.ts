import assert from "node:assert/strict"
import { test } from "node:test"
import { messageWords } from "./message-words.ts"

test("no message stands in a list or a quote without a word of what it is", () => {
  assert.equal(messageWords({ kind: "text", text: "**tea**" }), "tea")
  for (const kind of ["deleted", "waiting", "unsupported", "absent"] as const) assert.match(messageWords({ kind, text: "" }), /message/i)
  assert.equal(messageWords({ kind: "deleted", text: "what it said" }), "Message deleted")
})
