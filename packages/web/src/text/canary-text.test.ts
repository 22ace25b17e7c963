import assert from "node:assert/strict"
import { test } from "node:test"
import { changeWords } from "./canary-text.ts"

const words = (change: Parameters<typeof changeWords>[0]): ReturnType<typeof changeWords> => changeWords(change, (day) => `day ${day}`)

test("a change names what stood there and what stands there, and which keys are new or gone", () => {
  assert.deepEqual(words({ kind: "keys", was: ["a", "b"], now: ["b", "c"] }), {
    title: "Different keys sign it",
    was: ["a (removed)", "b"],
    now: ["b", "c (new)"],
    codes: true,
  })
  assert.deepEqual(words({ kind: "statement_reworded", was: "One.", now: "Two." }).was, ["One."])
  assert.equal(words({ kind: "threshold", was: 2, now: 1 }).title, "Fewer people must sign it")
  assert.deepEqual(words({ kind: "threshold", was: 1, now: 2 }).now, ["2 signatures"])
  assert.deepEqual(words({ kind: "older", was: "2026-12-29", now: "2026-12-01" }).was, ["Issued on day 2026-12-29"])
  assert.match(words({ kind: "invalid", code: "canary_signature" }).now.join(""), /isn’t genuine/)
  assert.deepEqual(words({ kind: "invalid", code: "something_new" }).now, ["something_new"])
})
