// How linking ends when no device was let in: a code for programs, which is one of its own for each thing that a person does next, and a sentence.

import { ClientError, type ClientErrorCode } from "../core/client-error.ts"
import { linkTexts } from "../texts/en-link.ts"

export type LinkEnd =
  | "expired"
  | "used"
  | "noAnswer"
  | "interrupted"
  | "denied"
  | "cancelled"
  | "wrongNumber"
  | "offline"
  | "otherServer"
  | "invalid"
  | "changed"
  | "notAllowed"

const codes: Readonly<Record<LinkEnd, ClientErrorCode>> = {
  expired: "link_expired",
  used: "link_used",
  noAnswer: "link_no_answer",
  interrupted: "link_no_answer",
  denied: "link_denied",
  cancelled: "link_cancelled",
  wrongNumber: "link_wrong_number",
  offline: "link_offline",
  otherServer: "link_other_server",
  invalid: "link_failed",
  changed: "link_failed",
  notAllowed: "link_failed",
}

const ends: readonly ClientErrorCode[] = Object.values(codes)

export function linkEnd(why: LinkEnd, options: { readonly cause?: unknown } = {}): ClientError {
  return new ClientError(codes[why], linkTexts[why], options)
}

/** Whether this attempt is over: trying again needs a new code. */
export function isLinkEnd(error: unknown): error is ClientError {
  return error instanceof ClientError && ends.includes(error.code)
}
