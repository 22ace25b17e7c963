import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError } from "@nodoor/bytes"
import { type OperatorNotice, accountNotices, decodeMessage, encodeMessage } from "./index.ts"

const notice: OperatorNotice = {
  caseId: "0a1b2c3d4e",
  authority: "Amtsgericht Köln",
  country: "DE",
  instrument: "court_order",
  legalBasis: "section 100j of the code",
  reference: "12 Gs 345/26",
  received: "2026-11-03",
  closed: "2026-11-05",
  outcome: "partial",
  sought: ["holder_name", "ip_addresses", "content"],
  disclosed: ["holder_name", "ip_addresses"],
  impossible: ["content"],
}
const decode = (notices: readonly unknown[]): readonly OperatorNotice[] =>
  decodeMessage(accountNotices.answer, encodeMessage({ notices }), accountNotices.maxAnswerBytes).notices

test("a notice comes out as it went in, with and without a gag", () => {
  const gagged = { ...notice, caseId: "ffffffffff", gagUntil: "2027-02-28" }
  assert.deepEqual(decode([notice, gagged]), [notice, gagged])
  assert.deepEqual(decode([]), [])
})

test("a notice with anything but its lists, days and lines is refused with the whole answer", () => {
  const refused: readonly Record<string, unknown>[] = [
    { caseId: "0A1B2C3D4E" },
    { caseId: "0a1b2c3d4e0" },
    { authority: "" },
    { authority: "x".repeat(601) },
    { legalBasis: "ü".repeat(451) },
    { reference: "one\ntwo" },
    { reference: "one\u2028two" },
    { authority: "turned \u202e around" },
    { authority: "hidden \u200b" },
    { authority: "\u0007" },
    { authority: 7 },
    { country: "de" },
    { instrument: "red alert" },
    { outcome: "withdrawn" },
    { received: "2026-02-30" },
    { received: "yesterday" },
    { closed: "2026-11-05T00:00:00Z" },
    { gagUntil: "" },
    { sought: ["holder_name", "holder_name"], disclosed: [], impossible: [] },
    { sought: ["messages of Bob"], disclosed: [], impossible: [] },
    { disclosed: ["content"] },
    { disclosed: ["email"] },
    { impossible: ["contacts"] },
    { text: "Your account was hacked." },
    { level: "red" },
  ]
  for (const change of refused) assert.throws(() => decode([notice, { ...notice, ...change }]), CodecError, JSON.stringify(change))
})

test("more than a hundred notices, or more bytes than they can have, are refused", () => {
  const many = (count: number): OperatorNotice[] => Array.from({ length: count }, () => notice)
  assert.equal(decode(many(100)).length, 100)
  assert.throws(() => decode(many(101)), CodecError)
  assert.throws(() => decode(many(10_000)), CodecError)
})

test("a hundred of the longest notices fit into an answer", () => {
  const longest: OperatorNotice = {
    ...notice,
    authority: "€".repeat(200),
    legalBasis: "€".repeat(300),
    reference: "€".repeat(100),
    gagUntil: "2027-02-28",
    instrument: "preservation_request",
    outcome: "challenged",
    sought: ["holder_name", "email", "ip_addresses", "created", "last_seen_day", "device_count", "content", "capability", "contacts"],
    disclosed: ["holder_name", "email", "ip_addresses", "created", "last_seen_day", "device_count"],
    impossible: ["content", "capability", "contacts"],
  }
  assert.equal(decode(Array.from({ length: 100 }, () => longest)).length, 100)
})
