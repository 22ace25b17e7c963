// What the operator tells an account about requests of authorities that named it. The operator's words about itself: closed lists, days and
// bounded lines, nothing that could pass for a message of somebody or for a security alarm.

import * as v from "valibot"
import {
  type HeldClass,
  type ImpossibleClass,
  type Instrument,
  type SoughtClass,
  heldClasses,
  impossibleClasses,
  instruments,
} from "./operator/request.ts"
import type { Route } from "./route.ts"
import { type Schema, list, text } from "./schema.ts"

/** How a case ended. Of one that was withdrawn nobody is told. */
export const noticeOutcomes = ["rejected", "challenged", "partial", "full"] as const
export type NoticeOutcome = (typeof noticeOutcomes)[number]

/** Bounds of one answer. */
export const noticeLimits = {
  /** The newest; what a device has fetched once it keeps itself. */
  noticesPerAnswer: 100,
  /** Texts of a request in UTF-8 bytes: 200, 300 and 100 characters of at most three. */
  authorityBytes: 600,
  legalBasisBytes: 900,
  referenceBytes: 300,
} as const

export interface OperatorNotice {
  /** 10 hexadecimal digits, as in the public notice of the case. */
  readonly caseId: string
  readonly authority: string
  /** ISO 3166-1, two capital letters. */
  readonly country: string
  readonly instrument: Instrument
  readonly legalBasis: string
  /** The authority's file number. */
  readonly reference: string
  /** UTC days. */
  readonly received: string
  readonly closed: string
  /** The last day on which the operator was forbidden to tell. */
  readonly gagUntil?: string | undefined
  readonly outcome: NoticeOutcome
  readonly sought: readonly SoughtClass[]
  /** What was handed over, of what was sought. */
  readonly disclosed: readonly HeldClass[]
  /** What was refused because nobody can hand it over, of what was sought. */
  readonly impossible: readonly ImpossibleClass[]
}

/** One line: nothing that breaks it, turns its direction or hides in it. */
const line = (maxBytes: number): Schema<string> =>
  v.pipe(
    text(maxBytes),
    v.minLength(1),
    v.check((value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u.test(value), "no characters that are not seen"),
  )

/** A day of the calendar. */
const day: Schema<string> = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/),
  v.check((value) => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().slice(0, 10) === value, "a day of the calendar"),
)

const classes = <Name extends string>(names: readonly Name[]): Schema<readonly Name[]> =>
  v.pipe(
    list(v.picklist(names), names.length),
    v.check((value) => new Set(value).size === value.length, "each once"),
  )

export const operatorNotice: Schema<OperatorNotice> = v.pipe(
  v.strictObject({
    caseId: v.pipe(v.string(), v.regex(/^[0-9a-f]{10}$/)),
    authority: line(noticeLimits.authorityBytes),
    country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
    instrument: v.picklist(instruments),
    legalBasis: line(noticeLimits.legalBasisBytes),
    reference: line(noticeLimits.referenceBytes),
    received: day,
    closed: day,
    gagUntil: v.exactOptional(day),
    outcome: v.picklist(noticeOutcomes),
    sought: classes([...heldClasses, ...impossibleClasses]),
    disclosed: classes(heldClasses),
    impossible: classes(impossibleClasses),
  }),
  v.check(
    ({ sought, disclosed, impossible }) => [...disclosed, ...impossible].every((name) => sought.includes(name)),
    "of what was sought",
  ),
)

/**
 * The caller's own notices that may be told, the newest first. That they were asked for is noted, by day: the operator can show that it has
 * told the account.
 */
export const accountNotices: Route<Record<string, never>, { readonly notices: readonly OperatorNotice[] }> = {
  path: "/v1/account/notices",
  caller: "device",
  request: v.strictObject({}) as Schema<Record<string, never>>,
  answer: v.strictObject({ notices: list(operatorNotice, noticeLimits.noticesPerAnswer) }),
  maxRequestBytes: 16,
  maxAnswerBytes: 262_144,
}
