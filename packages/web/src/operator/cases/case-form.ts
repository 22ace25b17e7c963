// A new case as it is typed, and the request it becomes. The server checks the request again by its own code; here the person is told
// before they send it, field by field.

import {
  type DeskRequest,
  type Instrument,
  type SoughtClass,
  accountNamePattern,
  accountsMax,
  accountsWithoutReasonMax,
  gagDaysMax,
  gagLastDay,
  requestTextMax,
} from "@nodoor/wire/operator"
import { t } from "../text/catalogue.ts"

/** The values of the fields. */
export interface CaseForm {
  readonly authority: string
  readonly country: string
  readonly instrument: Instrument | ""
  readonly legalBasis: string
  readonly reference: string
  /** As date fields give them: YYYY-MM-DD or empty. */
  readonly issued: string
  readonly received: string
  readonly classes: readonly SoughtClass[]
  /** Handles and ids, separated by anything that is none. */
  readonly accounts: string
  readonly bulkReason: string
  readonly gagUntil: string
}

export type CaseField = keyof CaseForm
export type CaseErrors = Partial<Readonly<Record<CaseField, string>>>

/** In the order in which the form shows them. */
export const caseFields = [
  "authority",
  "country",
  "instrument",
  "legalBasis",
  "reference",
  "issued",
  "received",
  "accounts",
  "bulkReason",
  "classes",
  "gagUntil",
] as const satisfies readonly CaseField[]

/** @param today UTC day */
export function emptyCaseForm(today: string): CaseForm {
  return {
    authority: "",
    country: "",
    instrument: "",
    legalBasis: "",
    reference: "",
    issued: "",
    received: today,
    classes: [],
    accounts: "",
    bulkReason: "",
    gagUntil: "",
  }
}

export interface NamedAccounts {
  /** Each once, as the request names them. */
  readonly names: readonly string[]
  /** What is neither a handle with its @ nor an account id. */
  readonly wrong: readonly string[]
}

/** The accounts in what was typed or pasted: capital letters are made small, as handles and ids have none. */
export function accountsIn(text: string): NamedAccounts {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[\s,;]+/)
      .filter((word) => word !== ""),
  )
  const names = [...words].filter((word) => accountNamePattern.test(word))
  return { names, wrong: [...words].filter((word) => !accountNamePattern.test(word)) }
}

/** The errors of the form; empty if it can be sent. */
export function caseErrors(form: CaseForm, today: string): CaseErrors {
  const { names, wrong } = accountsIn(form.accounts)
  const errors: Partial<Record<CaseField, string | undefined>> = {
    authority: textError(form.authority, t.request.wrong.authority, requestTextMax.authority),
    country: form.country === "" ? t.request.wrong.country : undefined,
    instrument: form.instrument === "" ? t.request.wrong.instrument : undefined,
    legalBasis: textError(form.legalBasis, t.request.wrong.legalBasis, requestTextMax.legalBasis),
    reference: textError(form.reference, t.request.wrong.reference, requestTextMax.reference),
    issued: dayError(form.issued, t.request.wrong.issued),
    received:
      dayError(form.received, t.request.wrong.received) ??
      (form.received < form.issued ? t.request.wrong.receivedEarly : form.received > today ? t.request.wrong.receivedLate : undefined),
    accounts: accountsError(names.length, wrong),
    bulkReason:
      names.length > accountsWithoutReasonMax
        ? textError(form.bulkReason, t.request.wrong.bulkReason(accountsWithoutReasonMax), requestTextMax.bulkReason)
        : undefined,
    classes: form.classes.length === 0 ? t.request.wrong.classes : undefined,
    gagUntil: form.gagUntil === "" ? undefined : gagError(form),
  }
  return Object.fromEntries(Object.entries(errors).filter(([, error]) => error !== undefined)) as CaseErrors
}

/** The request of a form without errors. */
export function requestOf(form: CaseForm & { readonly instrument: Instrument }): DeskRequest {
  const { names } = accountsIn(form.accounts)
  return {
    authority: form.authority.trim(),
    country: form.country,
    instrument: form.instrument,
    legalBasis: form.legalBasis.trim(),
    reference: form.reference.trim(),
    issued: form.issued,
    received: form.received,
    classes: form.classes,
    accounts: names,
    ...(names.length > accountsWithoutReasonMax ? { bulkReason: form.bulkReason.trim() } : {}),
    ...(form.gagUntil === "" ? {} : { gagUntil: form.gagUntil }),
  }
}

/** Whether anything has been typed. */
export function isStarted(form: CaseForm, today: string): boolean {
  return JSON.stringify(form) !== JSON.stringify(emptyCaseForm(today))
}

function textError(text: string, missing: string, maxCharacters: number): string | undefined {
  const trimmed = text.trim()
  if (trimmed === "") return missing
  if (trimmed.length > maxCharacters) return t.request.wrong.tooLong(maxCharacters, trimmed.length)
  return /[\p{Cc}\p{Cf}]/u.test(trimmed) ? t.request.wrong.invisible : undefined
}

function dayError(day: string, missing: string): string | undefined {
  if (day === "") return missing
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? undefined : t.request.wrong.dayForm
}

function gagError({ gagUntil, received }: Pick<CaseForm, "gagUntil" | "received">): string | undefined {
  const wrong = dayError(gagUntil, "")
  if (wrong !== undefined) return wrong
  if (gagUntil < received) return t.request.wrong.gagEarly
  if (dayError(received, "-") !== undefined || gagUntil <= gagLastDay(received)) return undefined
  return t.request.wrong.gagLate(gagDaysMax, gagLastDay(received))
}

function accountsError(count: number, wrong: readonly string[]): string | undefined {
  if (wrong.length > 0) {
    return t.request.wrong.notAccounts(
      wrong.slice(0, 3).map((word) => word.slice(0, 40)),
      Math.max(0, wrong.length - 3),
    )
  }
  if (count === 0) return t.request.wrong.accounts
  return count > accountsMax ? t.request.wrong.tooManyAccounts(accountsMax) : undefined
}
