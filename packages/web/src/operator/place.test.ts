import assert from "node:assert/strict"
import { test } from "node:test"
import { type Place, formatPlace, pageOf, pages, parseEnrolment, parsePlace } from "./place.ts"

const places: readonly Place[] = [...pages.map((at) => ({ at })), { at: "new-case" }, { at: "case", caseId: "00ff12ab9c" }, { at: "more" }]

test("every place of the console has an address that leads back to it", () => {
  for (const place of places) assert.deepEqual(parsePlace(formatPlace(place)), place)
})

test("an address that means nothing leads to the overview, a case that cannot be to the cases", () => {
  for (const hash of ["", "#", "#/", "#/nowhere", "#/cases/new/x", "#/toString"]) assert.deepEqual(parsePlace(hash), { at: "overview" })
  for (const hash of ["#/cases/", "#/cases/<b>", "#/cases/00FF12AB9C", "#/cases/00ff"]) assert.deepEqual(parsePlace(hash), { at: "cases" })
})

test("a case and the form of a new one belong to the cases", () => {
  assert.equal(pageOf({ at: "case", caseId: "00ff12ab9c" }), "cases")
  assert.equal(pageOf({ at: "new-case" }), "cases")
  assert.equal(pageOf({ at: "log" }), "log")
})

test("an enrolment link holds 43 characters of base64url, and nothing else is taken for one", () => {
  const code = "AbC-_".repeat(8) + "123"
  assert.equal(parseEnrolment(`#enrol=${code}`), code)
  for (const hash of ["", "#enrol=", `#enrol=${code}x`, `#enrol=${code.slice(1)}`, `#/enrol=${code}`, `#enrol=${"<".repeat(43)}`])
    assert.equal(parseEnrolment(hash), undefined)
})
