import assert from "node:assert/strict"
import { test } from "node:test"
import { type CourseFacts, caseState, courseOf } from "./course.ts"

const fresh: CourseFacts = {
  received: "2026-11-20",
  approvals: 0,
  approvalsNeeded: 2,
  approvedBy: [],
  granted: ["holder_name"],
  noticeOpen: false,
}
const states = (facts: CourseFacts): string =>
  courseOf(facts)
    .map((step) => step.state)
    .join(" ")

test("a case goes from receipt through two approvals, the answer and the log to where everybody can read it", () => {
  assert.equal(states(fresh), "done now ahead ahead ahead")
  assert.equal(states({ ...fresh, approvals: 1, approvedBy: ["Ines"] }), "done now ahead ahead ahead")
  const approved = { ...fresh, approvals: 2, approvedBy: ["Ines", "Tom"] }
  assert.equal(states(approved), "done done now ahead ahead")
  assert.equal(states({ ...approved, outcome: "full" }), "done done done now ahead")
  assert.equal(states({ ...approved, outcome: "full", noticeDay: "2026-11-21" }), "done done done done now")
  assert.equal(states({ ...approved, outcome: "full", noticeDay: "2026-11-21", noticeOpen: true }), "done done done done done")
})

test("a case that was closed without approval says that none was needed, and still goes into the log", () => {
  const closed: CourseFacts = { ...fresh, outcome: "withdrawn" }
  assert.equal(states(closed), "done skipped done now ahead")
  assert.equal(caseState(closed), "Withdrawn")
})

test("under a gag the last step names the day after which everybody can read it", () => {
  const gagged = courseOf({ ...fresh, outcome: "rejected", noticeDay: "2026-11-21", gagUntil: "2027-02-28" })
  assert.equal(gagged.at(-1)?.text, "when the gag ends, after 28 February 2027")
})

test("a case of which nothing can be handed over can only be refused, and says so before it is", () => {
  assert.equal(courseOf({ ...fresh, granted: [] })[2]?.name, "Refused")
})
