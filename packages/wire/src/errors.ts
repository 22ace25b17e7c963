import * as v from "valibot"
import { type Schema, count } from "./schema.ts"

/** Every code a server answers with; docs/protocol.md lists each with its HTTP status and what a client does about it. */
export const errorCodes = {
  bad_request: 400, // not the schema, or bytes that do not decode
  unauthorized: 401, // no valid session; sign a new challenge
  challenge_expired: 401, // signed too late, or twice: a repeated request; ask for another one
  invalid_signature: 403, // a signature of a challenge that does not verify
  registration_closed: 403,
  server_full: 403, // as many accounts as the operator allows
  invite_required: 403,
  invite_invalid: 403,
  email_required: 403,
  email_code_invalid: 403,
  email_domain_refused: 403,
  token_invalid: 403, // forged, of a key that is over, or for another use
  token_spent: 409, // tokens are good once
  pass_invalid: 403, // blobs: forged, expired, or of the other kind
  pass_used_up: 403, // blobs: the pass has no budget left for so many bytes and days
  blob_not_found: 404, // no such blob or upload, or another secret: which of these is not said
  blob_exists: 409, // another blob has the id
  blob_offset: 409, // an upload that is at another place
  storage_full: 507, // blobs: all that the operator lets devices store is taken
  account_suspended: 403, // the caller's own account, by the operator
  account_erased: 410, // the caller's own account
  account_unavailable: 403, // another's account that was suspended or erased: nobody can be let in from it
  forbidden_role: 403, // the console: this role may not do that
  operator_refused: 403, // the console: against a rule of the desk; the message says which
  account_not_found: 404,
  not_found: 404,
  handle_taken: 409,
  account_exists: 409,
  rendezvous_used: 409, // another message stands there, or another device has taken it: the linking code was used
  account_state_stale: 409, // another account state has this version already
  account_state_invalid: 422, // breaks a rule of the account chain
  epoch_stale: 409, // a key epoch of tokens that is over; `epoch` holds the present one
  too_large: 413,
  too_many_key_packages: 422,
  rate_limited: 429, // retry_after_ms says when
  proxy_unreadable: 400, // a trusted proxy names the caller in a form that cannot be read; the operator mends the proxy
  unavailable: 503, // the store cannot write now; nothing was done
  internal: 500,
} as const

export type ErrorCode = keyof typeof errorCodes

/** What the server answers when it refuses. `message` is for people and never holds content, keys or addresses. */
export interface WireFault {
  readonly code: ErrorCode
  readonly message: string
  /** When a retry can succeed, in milliseconds from now. */
  readonly retryAfterMs?: number
  /** With `epoch_stale`: the present key epoch of tokens. */
  readonly epoch?: number
}

export const wireFault: Schema<WireFault> = v.strictObject({
  code: v.picklist(Object.keys(errorCodes) as ErrorCode[]),
  message: v.pipe(v.string(), v.maxLength(200)),
  retryAfterMs: v.exactOptional(count),
  epoch: v.exactOptional(count),
}) as Schema<WireFault>

/** A refusal, thrown by the server's operations and by the client's network port. */
export class WireError extends Error {
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined
  readonly epoch: number | undefined
  constructor(code: ErrorCode, message: string = code, detail: { readonly retryAfterMs?: number; readonly epoch?: number } = {}) {
    super(message)
    this.name = "WireError"
    this.code = code
    this.retryAfterMs = detail.retryAfterMs
    this.epoch = detail.epoch
  }
}
