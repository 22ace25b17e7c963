/** Codes of errors that arise in the terminal itself; what the SDK and the server refuse has theirs. */
export const cliErrorCodes = [
  "usage", // the words on the command line do not make sense together
  "ambiguous", // a name or the beginning of an id fits several chats
  "not_found", // no such chat
  "email_code_needed", // the server sent a code to the address and waits for it
  "digits_differ", // the safety number read out is not the one of this device
  "words_wrong", // words that are not those of the account's recovery key
  "not_sent", // stored on this device; the server has not confirmed it yet
  "removal_outstanding", // stored on this device; nothing is sent in the chat before somebody who is to go is out of it
  "profile_busy", // another process uses the profile
  "profile_damaged", // the profile's files do not fit together
  "profile_unwritable", // the system does not let this program read or write the profile
  "disk_full", // no room on the disk that holds the profile
  "disk_failing", // that disk gave an error
  "key_unavailable", // the keyring that holds the store's key does not answer
  "output_closed", // whoever read the output went away
  "log_unreachable", // a log or a witness did not answer, or not with what it should
  "log_incomplete", // a log does not give out a file that it must: it could not be checked, which is not the same as false
  "log_oversized", // a file of a log is larger than any can be
  "log_refused", // a log's server refused the question
  "label_absent", // the log proves that there is no such account or handle
  "evidence_refused", // a file of evidence proves nothing
  "archive_refused", // an archive of a server's desk, or of one's own record, is not what it says
  "canary_changed", // the server's canary is another than the one that the device knows
  "canary_expired", // it ended, and there is no new one
  "canary_absent", // the server has none
  "canary_unchecked", // it could not be looked at, which says nothing either way
  "pin_differs", // the log is not the one that was pinned
  "watched_index", // a version appeared that must not exist
  "state_damaged", // the folder of an auditor, a monitor or a witness is not what the program wrote
] as const

export type CliErrorCode = (typeof cliErrorCodes)[number]

/** What went wrong here, for a person: a sentence, and the command that helps. Never holds content or keys. */
export class CliError extends Error {
  readonly code: CliErrorCode
  readonly next: string | undefined
  constructor(code: CliErrorCode, message: string, options: { readonly next?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = "CliError"
    this.code = code
    this.next = options.next
  }
}
