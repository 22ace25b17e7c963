import assert from "node:assert/strict"
import { test } from "node:test"
import { operatorLimits } from "@nodoor/wire/operator"
import { createSession } from "./session.ts"

function storage(): Map<string, string> & Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>()
  return Object.assign(kept, {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
}
const hourMs = 3_600_000
const answer = { token: new Uint8Array(32).fill(255), expiresAtMs: 12 * hourMs, name: "Ines", role: "reviewer" as const }

test("a sign-in outlives a reload of the tab, and leaves nothing behind when it ends", () => {
  const tab = storage()
  createSession(tab, () => 0).begin(answer)
  const again = createSession(tab, () => 1000)
  const state = again.state.peek()
  assert.deepEqual(state, { status: "in", name: "Ines", role: "reviewer", token: `${"_".repeat(42)}8`, expiresAtMs: 12 * hourMs })
  again.end("left")
  assert.deepEqual(again.state.peek(), { status: "out", why: "left" })
  assert.equal(tab.size, 0)
})

test("half an hour without an answer of the server ends it; an answer begins the half hour anew", () => {
  let nowMs = 0
  const session = createSession(storage(), () => nowMs)
  session.begin(answer)
  nowMs = operatorLimits.idleMs - 1
  session.used()
  nowMs += operatorLimits.idleMs - 1
  session.check()
  assert.equal(session.state.peek().status, "in")
  nowMs += 1
  session.check()
  assert.deepEqual(session.state.peek(), { status: "out", why: "idle" })
})

test("a session that ran out is not taken up again, and what is no session is none", () => {
  const tab = storage()
  createSession(tab, () => 0).begin(answer)
  assert.equal(createSession(tab, () => 12 * hourMs).state.peek().status, "out")
  for (const strange of ["", "{", "null", "[]", '{"role":"king"}', '{"role":"owner","name":5,"token":"x","expiresAtMs":9e15}']) {
    const broken = storage()
    broken.set("nodoor.operator", strange)
    assert.deepEqual(createSession(broken, () => 0).state.peek(), { status: "out", why: "new" }, strange)
  }
})
