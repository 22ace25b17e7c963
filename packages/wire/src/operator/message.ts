// What the console's messages share: bounds, roles, and the parts that several of them hold.

import * as v from "valibot"
import type { Route } from "../route.ts"
import { type Schema, text } from "../schema.ts"

/** Bounds of the console's messages, in bytes unless named otherwise. */
export const operatorLimits = {
  /** WebAuthn messages as JSON; an attestation with a certificate chain fits. */
  webAuthnBytes: 32_768,
  /** A scanned order of some hundred pages. */
  documentBytes: 26_214_400,
  documentsPerCase: 20,
  /** An archive of 500 accounts. */
  archiveBytes: 67_108_864,
  /** Rows in one answer; the next page begins after the last of them. */
  pageRows: 50,
  sessionMs: 43_200_000,
  /** A session that nobody used for so long ends. */
  idleMs: 1_800_000,
  /** How long a passkey has to answer. */
  challengeMs: 120_000,
  enrolmentMs: 86_400_000,
} as const

/** `owner`: also people and their roles. `operator`: cases, accounts, invites. `reviewer`: reads, and approves cases. */
export const operatorRoles = ["owner", "operator", "reviewer"] as const
export type OperatorRole = (typeof operatorRoles)[number]

/** What a passkey confirms in the moment: each is asked for anew, signed over what it is about, and good once. */
export const confirmedActs = ["approve", "export", "close", "suspend", "erase", "people"] as const
export type ConfirmedAct = (typeof confirmedActs)[number]

export const none: Schema<Record<string, never>> = v.strictObject({}) as Schema<Record<string, never>>
export const webAuthn: Schema<string> = v.pipe(v.string(), v.maxLength(operatorLimits.webAuthnBytes))
export const role: Schema<OperatorRole> = v.picklist(operatorRoles)
export const personName: Schema<string> = v.pipe(text(256), v.regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u))
export const day: Schema<string> = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/))
export const caseId: Schema<string> = v.pipe(v.string(), v.regex(/^[0-9a-f]{10}$/))
export const sha256: Schema<string> = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
export const line = (maxBytes: number): Schema<string> => v.pipe(text(maxBytes), v.minLength(1))

interface Sizes {
  readonly request?: number
  readonly answer?: number
}

export function operatorRoute<Request, Answer>(
  name: string,
  request: Schema<Request>,
  answer: Schema<Answer>,
  sizes: Sizes = {},
  caller: "nobody" | "operator" = "operator",
): Route<Request, Answer> {
  return {
    path: `/v1/operator/${name}`,
    caller,
    request,
    answer,
    maxRequestBytes: sizes.request ?? 4096,
    maxAnswerBytes: sizes.answer ?? 1_048_576,
  }
}
