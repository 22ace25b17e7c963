import assert from "node:assert/strict"
import { test } from "node:test"
import { accountsMax, heldClasses, impossibleClasses } from "@nodoor/wire/operator"
import { type CaseForm, accountsIn, caseErrors, caseFields, emptyCaseForm, isStarted, requestOf } from "./case-form.ts"

const today = "2026-11-23"
const filled = {
  authority: "  Amtsgericht Musterstadt ",
  country: "DE",
  instrument: "court_order",
  legalBasis: "§ 100j StPO",
  reference: "12 Gs 34/26",
  issued: "2026-11-18",
  received: "2026-11-20",
  classes: ["holder_name", "content"],
  accounts: "@Mira, @jonas.w\n0123456789ABCDEF0123456789abcdef @mira",
  bulkReason: "",
  gagUntil: "",
} as const satisfies CaseForm

test("a filled form becomes the request that the desk takes: trimmed, each account once, nothing that was left empty", () => {
  assert.deepEqual(caseErrors(filled, today), {})
  assert.deepEqual(requestOf(filled), {
    authority: "Amtsgericht Musterstadt",
    country: "DE",
    instrument: "court_order",
    legalBasis: "§ 100j StPO",
    reference: "12 Gs 34/26",
    issued: "2026-11-18",
    received: "2026-11-20",
    classes: ["holder_name", "content"],
    accounts: ["@mira", "@jonas.w", "0123456789abcdef0123456789abcdef"],
  })
  assert.equal(requestOf({ ...filled, gagUntil: "2027-01-31" }).gagUntil, "2027-01-31")
})

test("an empty form says of every field that must be filled what is missing, and counts as not started", () => {
  const empty = emptyCaseForm(today)
  assert.deepEqual(
    Object.keys(caseErrors(empty, today)).toSorted(),
    ["accounts", "authority", "classes", "country", "instrument", "issued", "legalBasis", "reference"].toSorted(),
  )
  assert.equal(isStarted(empty, today), false)
  assert.equal(isStarted({ ...empty, reference: "1" }, today), true)
  assert.deepEqual([...caseFields].toSorted(), Object.keys(empty).toSorted())
})

test("what is typed as an account and names none is said by its words, and not dropped", () => {
  assert.deepEqual(accountsIn("@alice bob alice@example.org +491701234567 @*"), {
    names: ["@alice"],
    wrong: ["bob", "alice@example.org", "+491701234567", "@*"],
  })
  assert.match(caseErrors({ ...filled, accounts: "@alice bob" }, today).accounts ?? "", /“bob”: enter a handle with its @/)
  assert.match(caseErrors({ ...filled, accounts: "a b c d e" }, today).accounts ?? "", /and 2 more/)
})

test("more than ten accounts need a reason, and more than the desk's limit are refused with one", () => {
  const many = (count: number): string => Array.from({ length: count }, (_, at) => `@account${at}`).join(" ")
  assert.match(caseErrors({ ...filled, accounts: many(11) }, today).bulkReason ?? "", /need a reason/)
  assert.deepEqual(caseErrors({ ...filled, accounts: many(11), bulkReason: "One botnet" }, today), {})
  assert.equal(requestOf({ ...filled, accounts: many(11), bulkReason: " One botnet " }).bulkReason, "One botnet")
  assert.equal("bulkReason" in requestOf({ ...filled, bulkReason: "left over" }), false)
  assert.match(caseErrors({ ...filled, accounts: many(accountsMax + 1), bulkReason: "x" }, today).accounts ?? "", /At most 500/)
})

test("days must follow each other: issued, received, gag; no gag is for ever, and no day received lies ahead", () => {
  assert.match(caseErrors({ ...filled, received: "2026-11-17" }, today).received ?? "", /before it was issued/)
  assert.match(caseErrors({ ...filled, received: "2026-11-24" }, today).received ?? "", /in the future/)
  assert.match(caseErrors({ ...filled, gagUntil: "2026-11-19" }, today).gagUntil ?? "", /before the request came/)
  assert.match(
    caseErrors({ ...filled, gagUntil: "9999-12-31" }, today).gagUntil ?? "",
    /At most 366 days after the request came, until 2027-11-21/,
  )
  assert.deepEqual(caseErrors({ ...filled, gagUntil: "2027-11-21" }, today), {})
  assert.match(caseErrors({ ...filled, issued: "" }, today).issued ?? "", /date on the document/)
})

test("texts that are too long or hold invisible characters are refused before they are sent", () => {
  assert.match(caseErrors({ ...filled, reference: "x".repeat(101) }, today).reference ?? "", /At most 100 characters\. This has 101/)
  assert.match(caseErrors({ ...filled, authority: "Amts\u202egericht" }, today).authority ?? "", /invisible characters/)
})

test("everything that is held or impossible can be asked for", () => {
  assert.deepEqual(caseErrors({ ...filled, classes: [...heldClasses, ...impossibleClasses] }, today), {})
})
