// The progress of a case, from receipt to the notice that anybody can read: what is done, what is next, what comes later.

import type { OperatorCase } from "@nodoor/wire/operator"
import { dayText } from "../text/amount.ts"
import { outcomeName } from "../text/words.ts"
import { t } from "../text/catalogue.ts"

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
    { name: t.cases.course.received, state: "done", text: dayText(one.received) },
    {
      name: t.cases.course.approvedBy(one.approvalsNeeded),
      state: approved ? "done" : closed ? "skipped" : "now",
      text: approved
        ? t.cases.course.names(one.approvedBy)
        : closed
          ? t.cases.course.notNeeded
          : t.cases.course.names([...one.approvedBy, t.cases.course.soFar(one.approvals, one.approvalsNeeded)]),
    },
    {
      name: closed ? outcomeName(outcome) : one.granted.length === 0 ? t.cases.course.refused : t.cases.course.answer,
      state: closed ? "done" : approved ? "now" : "ahead",
      text: closed ? outcomeText(outcome) : approved ? t.cases.course.canBeDone : t.cases.course.afterApproval,
    },
    {
      name: t.cases.course.inLog,
      state: one.noticeDay !== undefined ? "done" : closed ? "now" : "ahead",
      text:
        one.noticeDay !== undefined
          ? t.cases.course.slot(dayText(one.noticeDay))
          : closed
            ? t.cases.course.slotNext
            : t.cases.course.slotReserved,
    },
    {
      name: t.cases.course.public,
      state: one.noticeOpen ? "done" : one.noticeDay !== undefined ? "now" : "ahead",
      text: one.noticeOpen
        ? t.cases.course.readable
        : one.gagUntil === undefined
          ? t.cases.course.afterLog
          : t.cases.course.afterGag(dayText(one.gagUntil)),
    },
  ]
}

function outcomeText(outcome: string): string {
  const known: Readonly<Record<string, string>> = t.cases.course.outcomes
  return known[outcome] ?? t.cases.course.closed
}

/** A state in a word or two, for lists. */
export function caseState(one: Pick<OperatorCase, "approvals" | "approvalsNeeded" | "outcome">): string {
  if (one.outcome !== undefined) return outcomeName(one.outcome)
  return one.approvals >= one.approvalsNeeded ? t.cases.approved : t.cases.needsApproval
}
