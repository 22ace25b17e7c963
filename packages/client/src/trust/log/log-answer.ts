// Answers of the server's log that say nothing: "could not check", which is never the same as "checked and wrong".

import { type ErrorCode, WireError } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import { logTexts } from "../../texts/en.ts"

/** Refusals of a server that is not able to answer now. Any other one means that it has no log. */
const passing: readonly ErrorCode[] = ["rate_limited", "unauthorized", "account_suspended", "account_erased"]

/** Calls the log. A refusal that does not pass by itself becomes `log_unavailable`. @throws NetworkError, WireError, ClientError */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof WireError && !passing.includes(error.code)) throw unavailable(logTexts.noAnswer, error)
    throw error
  }
}

export function unavailable(message: string, cause: unknown): ClientError {
  const retryAfterMs = cause instanceof WireError ? cause.retryAfterMs : undefined
  return new ClientError("log_unavailable", message, {
    cause,
    retryAfterMs,
  })
}
