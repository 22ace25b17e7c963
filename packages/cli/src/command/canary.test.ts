import type { CanaryFacts, CanaryView } from "@nodoor/client"
import { ClientError } from "@nodoor/client"
import assert from "node:assert/strict"
import { test } from "node:test"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

const known: CanaryFacts = {
  issued: "2026-11-20",
  expires: "2026-12-25",
  statements: ["Nobody has made us change a key.", "No key was given away."],
  threshold: 2,
  keys: ["a", "b", "c"],
  signedBy: ["a", "b"],
}
const looked = { checkedAtMs: Date.UTC(2026, 10, 23), failedAtMs: undefined }
const unread = { readingId: "ab".repeat(16), acknowledgedAtMs: undefined }
const fresh: CanaryView = { status: "fresh", untilMs: Date.UTC(2026, 11, 25), known, ...looked }
const expired: CanaryView = { status: "expired", sinceMs: Date.UTC(2026, 11, 25), known, ...unread, ...looked }
const changed: CanaryView = {
  status: "changed",
  changes: [{ kind: "statement_reworded", was: "No key was given away.", now: "No key\u202e was\u001b[2J given." }, { kind: "gone" }],
  known,
  latest: undefined,
  ...unread,
  ...looked,
}

test("the canary's state is printed with what changed, and is told by the exit code", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  const states: readonly (readonly [CanaryView, number, RegExp])[] = [
    [fresh, 0, /^fresh until 2026-12-25 \(UTC\)\n {2}- Nobody has made us change a key\./],
    [{ ...fresh, failedAtMs: looked.checkedAtMs + 1 }, 5, /^fresh until .*\n[^]*not checked on /],
    [{ status: "not_checked", checkedAtMs: undefined, failedAtMs: 1 }, 5, /^not checked\nlast checked: never/],
    [{ status: "none", ...looked }, 3, /^none\n/],
    [expired, 4, /^EXPIRED on 2026-12-25/],
    [changed, 4, /^CHANGED\n {2}worded differently\n {4}before: No key was given away\.\n {4}now: {4}No key\\u202e was\\u001b\[2J given\./],
  ]
  for (const [view, code, words] of states) {
    device.canaryView = view
    const shown = await run(["canary"])
    assert.equal(shown.code, code, view.status)
    assert.match(shown.out[0] ?? "", words)
    const machine = await run(["canary", "--json"])
    assert.deepEqual([JSON.parse(machine.out[0] ?? ""), machine.code], [JSON.parse(JSON.stringify(view)), code])
  }
})

test("receive, alarms and whoami say that the canary expired or changed until that was read, and nothing while it is fresh or unchecked", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  for (const [view, words] of [
    [fresh, undefined],
    [{ status: "not_checked", checkedAtMs: undefined, failedAtMs: undefined }, undefined],
    [expired, /canary expired on 2026-12-25\.\n {2}next: nodoor canary/],
    [changed, /canary differs from the one/],
    [{ ...changed, acknowledgedAtMs: 1 }, undefined],
  ] as readonly (readonly [CanaryView, RegExp | undefined])[]) {
    device.canaryView = view
    for (const verb of ["receive", "alarms", "whoami"]) {
      const { code, talk } = await run([verb])
      assert.equal(code, 0)
      if (words === undefined) assert.doesNotMatch(talk, /canary/)
      else assert.match(talk, words)
    }
  }
})

test("what was read is named, so that nobody accepts what they did not read", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  assert.equal((await run(["canary", "acknowledge", unread.readingId.toUpperCase()])).code, 0)
  assert.deepEqual(device.calls.at(-1), ["acknowledgeCanary", unread.readingId])
  device.failWith = new ClientError("not_found", "The canary is another by now. Read it again.")
  assert.equal((await run(["canary", "acknowledge", unread.readingId])).code, 3)
  assert.equal((await run(["canary", "acknowledge"])).code, 2)
})
