// Passkeys: enrolling, signing in, and confirming one act.

import * as v from "valibot"
import { hashBytes } from "../limits.ts"
import type { Route } from "../route.ts"
import { type Schema, count, fixedBytes, text } from "../schema.ts"
import { type ConfirmedAct, type OperatorRole, confirmedActs, line, none, operatorRoute, personName, role, webAuthn } from "./message.ts"

export interface OperatorSession {
  /** Sent as `Authorization: Bearer <base64url>`, 32 bytes; the server keeps its SHA-256, in memory only. */
  readonly token: Uint8Array
  readonly expiresAtMs: number
  readonly name: string
  readonly role: OperatorRole
}
const operatorSession: Schema<OperatorSession> = v.strictObject({
  token: fixedBytes(hashBytes),
  expiresAtMs: count,
  name: personName,
  role,
})

/** What an enrolment link is good for. */
export interface OperatorEnrolOptions {
  /** PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3 §5.1.8). */
  readonly options: string
  readonly name: string
  readonly role: OperatorRole
  /** Absent for a link from the machine's command line. */
  readonly invitedBy?: string
  /** The new passkey replaces everything that the person had. */
  readonly recovery?: boolean
}
/** `code` comes from an enrolment link, 43 characters. */
export const operatorEnrolOptions: Route<{ readonly code: string }, OperatorEnrolOptions> = operatorRoute(
  "enrol/options",
  v.strictObject({ code: text(64) }),
  v.strictObject({
    options: webAuthn,
    name: personName,
    role,
    invitedBy: v.exactOptional(personName),
    recovery: v.exactOptional(v.boolean()),
  }) as Schema<OperatorEnrolOptions>,
  { answer: 65_536 },
  "nobody",
)
/** `response` is RegistrationResponseJSON; `label` names the passkey among one's own. */
export const operatorEnrol: Route<{ readonly code: string; readonly response: string; readonly label: string }, OperatorSession> =
  operatorRoute(
    "enrol",
    v.strictObject({ code: text(64), response: webAuthn, label: line(64) }),
    operatorSession,
    { request: 65_536, answer: 4096 },
    "nobody",
  )
/** `options` is PublicKeyCredentialRequestOptionsJSON. */
export const operatorSignInOptions: Route<Record<string, never>, { readonly options: string }> = operatorRoute(
  "sign-in/options",
  none,
  v.strictObject({ options: webAuthn }),
  { request: 16, answer: 65_536 },
  "nobody",
)
/** `response` is AuthenticationResponseJSON. */
export const operatorSignIn: Route<{ readonly response: string }, OperatorSession> = operatorRoute(
  "sign-in",
  v.strictObject({ response: webAuthn }),
  operatorSession,
  { request: 65_536, answer: 4096 },
  "nobody",
)
export const operatorSignOut: Route<Record<string, never>, Record<string, never>> = operatorRoute("sign-out", none, none, {
  request: 16,
  answer: 16,
})
/**
 * Options for the confirmation of one act. `subject`: the case's id for approve, export and close; the account's id in hexadecimal for
 * erase; the name for people. The answer to them goes into the act's `proof`.
 */
export const operatorConfirmOptions: Route<{ readonly act: ConfirmedAct; readonly subject: string }, { readonly options: string }> =
  operatorRoute(
    "confirm/options",
    v.strictObject({ act: v.picklist(confirmedActs), subject: text(256) }),
    v.strictObject({ options: webAuthn }),
    {
      answer: 65_536,
    },
  )
