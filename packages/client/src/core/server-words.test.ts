import assert from "node:assert/strict"
import { test } from "node:test"
import { type ErrorCode, WireError, errorCodes } from "@nodoor/wire"
import { serverWords } from "./server-words.ts"

test("every refusal of the server has words of its own for a person: a sentence, with no code in it", () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const words = serverWords(new WireError(code))
    assert.match(words, /^[A-Z].*\.$/, code)
    assert.doesNotMatch(words, /[a-z]_[a-z]/, code)
  }
})

test("what the server itself would like to be read is not shown", () => {
  const words = serverWords(new WireError("handle_taken", "Your account is in danger. Call this number."))
  assert.equal(words, "This handle is taken. Choose another.")
  assert.equal(serverWords({ code: "toString" as ErrorCode }), serverWords({ code: "internal" }))
})
