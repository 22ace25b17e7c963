import assert from "node:assert/strict"
import { test } from "node:test"
import type { OperatorNoticeView } from "@nodoor/client"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

const notice: OperatorNoticeView = {
  id: "ab".repeat(16),
  origin: "localhost",
  caseId: "4b1f09c2de",
  authority: "Amtsgericht Köln",
  country: "DE",
  instrument: "court_order",
  legalBasis: "§ 100j StPO",
  reference: "502 Gs 1187/26",
  received: "2026-11-03",
  closed: "2026-11-05",
  gagUntil: "2026-11-20",
  outcome: "partial",
  sought: ["holder_name", "ip_addresses", "email", "content"],
  disclosed: ["holder_name", "ip_addresses"],
  impossible: ["content"],
  arrivedAtMs: 0,
  acknowledgedAtMs: undefined,
}

test("notices are told with receive until they are read, and say who asked, for what, and what was handed over, in the operator's name", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  assert.equal((await run(["receive"])).talk, "No new messages.")
  assert.match((await run(["notices"])).talk, /No requests have named this account/)
  device.noticeList = [notice, { ...notice, id: "cd".repeat(16), acknowledgedAtMs: 1 }]
  const { talk, code } = await run(["receive"])
  assert.deepEqual(
    [code, talk],
    [0, "No new messages.\nThe operator of localhost says: a request from authorities named your account.\n  next: nodoor notices"],
  )
  const shown = await run(["notices"])
  assert.deepEqual(shown.out[0]?.split("\n    "), [
    "case 4b1f09c2de  (new)  The operator of localhost says:",
    "2026-11-03: Amtsgericht Köln (DE) asked by court order for the name of the account holder, IP addresses, the e-mail address, messages.",
    "Handed over: the name of the account holder, IP addresses.",
    "Not handed over, because it is impossible: messages.",
    "Not handed over: the e-mail address.",
    "Legal basis: § 100j StPO. Reference: 502 Gs 1187/26.",
    "Closed on 2026-11-05: partial. A gag order kept the operator from telling you until 2026-11-20.",
  ])
  assert.ok(!shown.out[1]?.includes("(new)"))
  assert.match(shown.talk, /http:\/\/localhost:8080\/transparency$/)
  assert.deepEqual(device.calls, [["acknowledgeOperatorNotice", notice.id]], "what was printed counts as read")
  assert.deepEqual(JSON.parse((await run(["notices", "--json"])).out[0] ?? ""), JSON.parse(JSON.stringify(notice)))
})

test("what an operator writes cannot move the cursor or turn the line around", async () => {
  const device = new ScriptedDevice()
  device.noticeList = [{ ...notice, authority: "a\u001b[2Jb\u202ec\nALARM: d" }]
  const [shown = ""] = (await scriptedTerminal(device).run(["notices"])).out
  assert.ok(shown.includes("a\\u001b[2Jb\\u202ec ALARM: d (DE)"), shown)
  assert.equal(shown.split("\n").length, 7)
})
