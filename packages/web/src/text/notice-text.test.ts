import assert from "node:assert/strict"
import { test } from "node:test"
import type { OperatorNoticeView } from "@nodoor/client"
import { noticeWords } from "./notice-text.ts"

const notice: OperatorNoticeView = {
  id: "ab",
  origin: "chat.example.org",
  caseId: "4b1f09c2de",
  authority: "Amtsgericht Köln",
  country: "DE",
  instrument: "court_order",
  legalBasis: "§ 100j StPO",
  reference: "502 Gs 1187/26",
  received: "2026-11-03",
  closed: "2026-11-05",
  outcome: "partial",
  sought: ["holder_name", "ip_addresses", "email", "content"],
  disclosed: ["holder_name", "ip_addresses"],
  impossible: ["content"],
  arrivedAtMs: 0,
  acknowledgedAtMs: undefined,
}

test("a notice says what was asked for, what was handed over, what nobody can hand over, and what was kept", () => {
  assert.deepEqual(noticeWords(notice), {
    by: "a court order",
    soughtFor: "your name, your IP addresses, your e-mail address and your messages",
    handedOver: "your name and your IP addresses",
    impossible: "your messages",
    kept: "your e-mail address",
    outcome: "Partly complied with",
    country: "Germany",
  })
})

test("a refusal says that nothing was handed over, and a country that nobody knows is called by its code", () => {
  const words = noticeWords({ ...notice, outcome: "rejected", sought: ["content"], disclosed: [], country: "QX" })
  assert.deepEqual([words.handedOver, words.kept, words.outcome, words.country], ["nothing", undefined, "Rejected", "QX"])
})

test("no word of the operator gets into a sentence of ours", () => {
  const turned = { ...notice, authority: "MARK", legalBasis: "MARK", reference: "MARK", origin: "MARK" }
  assert.ok(!JSON.stringify(noticeWords(turned)).includes("MARK"))
})
