// The course of a case, from receipt to the notice that anybody can read: what is done, what is due, what lies ahead.

import type { OperatorCase } from "@nodoor/wire/operator"
import { dayText } from "../text/amount.ts"
import { outcomeName } from "../text/words.ts"

export interface Step {
  readonly name: string
  readonly state: "done" | "now" | "ahead" | "skipped"
  readonly text: string
}

export type CourseFacts = Pick<
  OperatorCase,
  "received" | "approvals" | "approvalsNeeded" | "approvedBy" | "outcome" | "noticeDay" | "noticeOpen" | "gagUntil" | "granted"
>

export function courseOf(one: CourseFacts): readonly Step[] {
  const { outcome } = one
  const approved = one.approvals >= one.approvalsNeeded
  const closed = outcome !== undefined
  return [
    { name: "Received", state: "done", text: dayText(one.received) },
    {
      name: `Approved by ${one.approvalsNeeded === 2 ? "two" : one.approvalsNeeded}`,
      state: approved ? "done" : closed ? "skipped" : "now",
      text: approved
        ? one.approvedBy.join(", ")
        : closed
          ? "was not needed"
          : [...one.approvedBy, `${one.approvals} of ${one.approvalsNeeded} so far`].join(", "),
    },
    {
      name: closed ? outcomeName(outcome) : one.granted.length === 0 ? "Refused" : "Handed over or refused",
      state: closed ? "done" : approved ? "now" : "ahead",
      text: closed ? outcomeText(outcome) : approved ? "can be done now" : "after the approvals",
    },
    {
      name: "In the public log",
      state: one.noticeDay !== undefined ? "done" : closed ? "now" : "ahead",
      text:
        one.noticeDay !== undefined
          ? `in the slot of ${dayText(one.noticeDay)}`
          : closed
            ? "with the slot of the day, soon after midnight UTC"
            : "its place there was taken at receipt",
    },
    {
      name: "Open to everybody",
      state: one.noticeOpen ? "done" : one.noticeDay !== undefined ? "now" : "ahead",
      text: one.noticeOpen
        ? "to be read on /transparency"
        : one.gagUntil === undefined
          ? "as soon as it is in the log"
          : `when the gag ends: after ${dayText(one.gagUntil)}`,
    },
  ]
}

function outcomeText(outcome: string): string {
  switch (outcome) {
    case "full":
      return "everything it asked for"
    case "partial":
      return "what could be; the rest was refused"
    case "rejected":
      return "nothing was handed over"
    case "challenged":
      return "nothing was handed over; it is contested"
    case "withdrawn":
      return "the authority took it back"
    default:
      return "closed"
  }
}

/** A state in a word or two, for lists. */
export function caseState(one: Pick<OperatorCase, "approvals" | "approvalsNeeded" | "outcome">): string {
  if (one.outcome !== undefined) return outcomeName(one.outcome)
  return one.approvals >= one.approvalsNeeded ? "Approved" : "Needs approval"
}
