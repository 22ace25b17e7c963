// A request as an operator records it: closed lists for every choice, limits for everything else.

import {
  type DeskRequest,
  accountNamePattern,
  accountsMax,
  accountsWithoutReasonMax,
  gagDaysMax,
  gagLastDay,
  heldClasses,
  impossibleClasses,
  instruments,
  requestTextMax,
} from "@nodoor/wire/operator"
import * as v from "valibot"
import { ServerError } from "../../core/server-error.ts"

export {
  type DeskRequest,
  type HeldClass,
  type ImpossibleClass,
  type Instrument,
  type Outcome,
  type SoughtClass,
  accountsMax,
  accountsWithoutReasonMax,
  allowedBy,
  heldClasses,
  impossibleClasses,
  instruments,
  outcomes,
  scopeOf,
} from "@nodoor/wire/operator"

const line = (maxCharacters: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(maxCharacters),
    v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]*$/u, "a line without characters that are not seen"),
  )
const day = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD"),
  v.check((text) => new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text, "a day of the calendar"),
)
/** A day of the calendar as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  return v.is(day, text)
}
const countryNames = new Intl.DisplayNames("en", { type: "region", fallback: "none" })
const country = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{2}$/, "two capital letters (ISO 3166-1)"),
  v.check((code) => countryNames.of(code) !== undefined, "a country of ISO 3166-1"),
)
const accountName = v.pipe(v.string(), v.regex(accountNamePattern, "@handle or 32 hexadecimal digits of an account id; no patterns"))

const schema: v.GenericSchema<unknown, DeskRequest> = v.strictObject({
  authority: line(requestTextMax.authority),
  country,
  instrument: v.picklist(instruments),
  legalBasis: line(requestTextMax.legalBasis),
  reference: line(requestTextMax.reference),
  issued: day,
  received: day,
  classes: v.pipe(
    v.array(v.picklist([...heldClasses, ...impossibleClasses])),
    v.minLength(1),
    v.check((list) => new Set(list).size === list.length, "each class once"),
  ),
  accounts: v.pipe(
    v.array(accountName),
    v.minLength(1),
    v.maxLength(accountsMax, `at most ${accountsMax} accounts; a larger request is not about named accounts`),
    v.check((list) => new Set(list).size === list.length, "each account once"),
  ),
  bulkReason: v.exactOptional(line(requestTextMax.bulkReason)),
  gagUntil: v.exactOptional(day),
})

/** Largest request file, in bytes: 500 accounts and texts with room. */
export const requestFileMaxBytes: number = 64 * 1024

/** @throws ServerError `desk_refused` naming the field and what it takes */
export function parseDeskRequest(text: string): DeskRequest {
  if (text.length > requestFileMaxBytes) throw refusedRequest(`the file is larger than ${requestFileMaxBytes} bytes`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusedRequest("the file is not JSON")
  }
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const [issue] = result.issues
    throw refusedRequest(`${v.getDotPath(issue) ?? "request"}: ${issue.message}`)
  }
  const request = result.output
  if (request.accounts.length > accountsWithoutReasonMax && request.bulkReason === undefined)
    throw refusedRequest(`bulkReason: a request for more than ${accountsWithoutReasonMax} accounts needs a written reason`)
  if (request.received < request.issued) throw refusedRequest("received: is before the day it was issued")
  if (request.gagUntil !== undefined && request.gagUntil < request.received)
    throw refusedRequest("gagUntil: is before the day the request was received")
  if (request.gagUntil !== undefined && request.gagUntil > gagLastDay(request.received))
    throw refusedRequest(
      `gagUntil: more than ${gagDaysMax} days after the request came, ${gagLastDay(request.received)} at the latest; desk gag extends it again when the case has ended`,
    )
  return request
}

function refusedRequest(what: string): ServerError {
  return new ServerError("desk_refused", `The request can't be recorded: ${what}.`)
}
