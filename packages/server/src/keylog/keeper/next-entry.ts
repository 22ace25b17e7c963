// Whether an operator's entry may come next. It is checked before it is written, because an entry in the log can't be taken back.

import { equal } from "@nodoor/bytes"
import { KeylogError, type LogCrypto, parseLogEntry, parsePolicy, verifyRekey } from "@nodoor/keylog"
import { ServerError } from "../../core/server-error.ts"
import type { SigningKey } from "./log-keys.ts"
import type { LogView } from "./log-view.ts"

/**
 * @throws ServerError `log_refused` with the rule in its words
 */
export function checkNextEntry(
  crypto: LogCrypto,
  input: {
    readonly entry: Uint8Array
    readonly view: LogView
    /** Entries that come before it. */
    readonly waiting: readonly Uint8Array[]
    readonly signing: readonly SigningKey[]
    /** Day of the last notice in the log. */
    readonly noticeDay: string | undefined
  },
): void {
  try {
    check(crypto, input)
  } catch (error) {
    if (error instanceof KeylogError)
      throw new ServerError("log_refused", `The log cannot take this entry: ${error.message}`, { cause: error })
    throw error
  }
}

function check(crypto: LogCrypto, { entry, view, waiting, signing, noticeDay }: Parameters<typeof checkNextEntry>[1]): void {
  const { origin } = view.pin
  let { logKey, ended } = view
  let day = noticeDay
  for (const before of waiting) {
    const parsed = parseLogEntry(before)
    if (parsed.kind === "rekey") logKey = parsed.newKey
    if (parsed.kind === "notice") day = parsed.day
    if (parsed.kind === "end") ended = true
  }
  if (ended) throw new ServerError("log_refused", "The log has ended.")
  const parsed = parseLogEntry(entry)
  switch (parsed.kind) {
    case "config":
    case "epoch":
      throw new ServerError("log_refused", `A ${parsed.kind} entry cannot be added.`)
    case "policy":
      parsePolicy(crypto, { entry, origin, logKey })
      return
    case "rekey":
      verifyRekey(crypto, { entry, origin, logKey })
      if (!signing.some(({ publicKey }) => equal(publicKey, parsed.newKey)))
        throw new ServerError("log_refused", "The new key is not among this server's files.")
      return
    case "notice":
      if (day !== undefined && parsed.day <= day) throw new ServerError("log_refused", `The log already has a notice for ${day}.`)
      return
    case "release":
    case "end":
  }
}
