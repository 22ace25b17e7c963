import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import { parseDeskRequest } from "../desk/cases/desk-request.ts"
import { ServerError } from "../core/server-error.ts"
import { refusalOf, wholeSentences } from "./refusal.ts"

test("a refusal of the desk keeps its words, a failure of the server does not become one", () => {
  const refusal = refusalOf(new ServerError("desk_refused", "The case is closed: full."))
  assert.ok(refusal instanceof WireError)
  assert.deepEqual([refusal.code, refusal.message], ["operator_refused", "The case is closed: full."])
  for (const [code, becomes] of [
    ["desk_damaged", "operator_refused"],
    ["passkey_refused", "operator_refused"],
    ["enrolment_invalid", "operator_refused"],
    ["operator_forbidden", "forbidden_role"],
    ["operator_unknown", "unauthorized"],
  ] as const)
    assert.equal((refusalOf(new ServerError(code, "No.")) as WireError).code, becomes)
  const bug = new ServerError("database_damaged", "No.")
  assert.equal(refusalOf(bug), bug)
  const own = new WireError("not_found")
  assert.equal(refusalOf(own), own)
})

test("what is too long ends with a whole sentence, or else with a whole word", () => {
  const sentence = `${"a".repeat(90)}. `
  assert.equal(wholeSentences(sentence.repeat(2).trim()), sentence.repeat(2).trim())
  assert.equal(wholeSentences(sentence.repeat(3)), sentence.repeat(2).trim())
  assert.equal(wholeSentences("word ".repeat(100)), `${"word ".repeat(39).trim()}…`)
  assert.equal(wholeSentences("😀".repeat(150)).isWellFormed(), true)
  const most = { accounts: Array.from({ length: 501 }, (_, n) => `@someone${n}`) }
  assert.throws(
    () => parseDeskRequest(JSON.stringify(most)),
    (error: unknown) => (refusalOf(error) as WireError).message.length <= 200,
  )
})
