import { decodeCbor } from "@nodoor/bytes"
import { type ErrorCode, WireError, type WireFault, cutToGraphemes, errorCodes } from "@nodoor/wire"
import { serverWords } from "./server-words.ts"
import { StoreError } from "./store-error.ts"
import { lookupTexts, notStoredTexts } from "../texts/en.ts"

/** Every code of `ClientError` that is not a server's answer; docs/protocol.md lists them with what a person can do. */
export const clientErrorCodes = [
  "not_registered", // the store holds no device; create one
  "already_registered", // the store holds a device; open it
  "store_newer", // the store was written by a newer version
  "store_older", // the store was written by a version whose groups cannot go on
  "store_unreadable", // wrong key, or not a store of ours
  "store_full", // no room for the store: nothing was stored, trying again is safe
  "store_busy", // another program holds the store: nothing was stored, trying again is safe
  "store_failing", // the disk gave an error: nothing was stored, trying again is safe
  "store_damaged", // the store's file is damaged
  "unreachable", // no answer from the server; trying again is safe
  "not_found", // no such chat, message or account
  "invalid_input", // an argument outside what is allowed: empty, too long, not a handle
  "not_allowed", // the chat's policy does not let this account do that
  "not_writable", // the chat was left, blocked, or stands still after an alarm
  "last_member", // nobody but this account is in the group
  "identity_untrusted", // what the server says about an account breaks the account chain or what was verified
  "log_unavailable", // the key log could not be asked, or its answer says nothing: no new keys until it can; chats go on
  "log_untrusted", // the key log was checked and is wrong: nothing is sent
  "clock_differs", // keys of a device are not valid at the time of this one: one clock is wrong, or it was away for too long; tried again
  "no_tokens", // what this device may ask for today without naming itself is used up
  "account_deleted", // the account was deleted: nothing is sent or received, what is here stays readable
  "recovery_words_wrong", // words that are not those of the account's recovery key
  "recovery_impossible", // the account has no recovery key, or has ended: no words bring it back
  "older_copy", // the store is an older copy of the device's: nothing is sent or received, what is here stays readable
  "link_code_invalid", // not a linking code, or mistyped
  "link_other_server", // the linking code is from a device on another server
  "link_expired", // nobody used the linking code while it worked
  "link_used", // the linking code was used by somebody else
  "link_no_answer", // the other device stopped answering; nothing was added
  "link_denied", // the person on the other device said no
  "link_cancelled", // the person on this device did
  "link_wrong_number", // another number was chosen than the new device showed
  "link_offline", // no connection while two devices were being linked
  "link_failed", // what came from the other device cannot be, or the account cannot take it in; the message says which
  "link_unfinished", // this device is not in its account yet: the device that lets it in has not done it
  "closed", // the device was closed
  "archive_unreadable", // not an archive of ours
  "archive_newer", // an archive of a newer version
  "archive_key", // the key does not open the archive
  "archive_damaged", // a chunk or a record of the archive is not what was written, or the end was cut off
  "archive_incomplete", // the end of the archive is missing
  "archive_foreign", // an archive of another account
  "archive_older", // a backup that is older than one that this device knows of
  "no_recovery_key", // this device does not have the account's recovery key, which opens backups
  "file_expired", // the server keeps a photo or a file for some weeks, and they are over; its sender can send it again
  "file_missing", // the server does not have a photo or a file that it should have; its sender can send it again
  "file_damaged", // what the server gave for a photo or a file is not what was sent
  "bucket_refused", // a person's own bucket refused what was asked of it
] as const

export type ClientErrorCode = (typeof clientErrorCodes)[number] | ErrorCode

/** The one error of this package. `code` is stable; `message` is for a person and holds neither content nor keys. */
export class ClientError extends Error {
  readonly code: ClientErrorCode
  /** When trying again can succeed, in milliseconds from now, if the server said so. */
  readonly retryAfterMs: number | undefined
  constructor(
    code: ClientErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = "ClientError"
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What the network did: `maybeDone` says whether the request may have reached the server. Trying again is always safe. */
export class NetworkError extends Error {
  readonly maybeDone: boolean
  constructor(message: string, options: { readonly maybeDone: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = "NetworkError"
    this.maybeDone = options.maybeDone
  }
}

/** A refusal, or a failure of the network or the store, as the error a person interface gets; anything else passes through. */
export function asClientError(error: unknown): unknown {
  if (error instanceof WireError) return new ClientError(error.code, serverWords(error), { cause: error, retryAfterMs: error.retryAfterMs })
  if (error instanceof NetworkError) return new ClientError("unreachable", lookupTexts.noAnswer, { cause: error })
  if (error instanceof StoreError) return new ClientError(error.code, notStoredTexts[error.code], { cause: error })
  return error
}

/** Most bytes of a refusal. */
export const faultBytes = 4096

/** A refusal as it comes over HTTP: `WireError`, or `NetworkError` if the body is no refusal of ours. */
export function refusalOf(body: Uint8Array): WireError | NetworkError {
  try {
    const fault = decodeCbor(body, { maxBytes: faultBytes }) as unknown as WireFault
    if (!Object.hasOwn(errorCodes, fault.code)) return new NetworkError("a refusal of another form", { maybeDone: true })
    return new WireError(fault.code, cutToGraphemes(String(fault.message), 200), {
      ...(typeof fault.retryAfterMs === "number" && { retryAfterMs: fault.retryAfterMs }),
      ...(typeof fault.epoch === "number" && { epoch: fault.epoch }),
    })
  } catch {
    return new NetworkError("a refusal of another form", { maybeDone: true })
  }
}
