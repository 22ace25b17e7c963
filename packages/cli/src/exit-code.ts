// Exit codes are part of the interface: scripts branch on them, so they never change their meaning.

import { ClientError, type ClientErrorCode } from "@nodoor/client"
import { KeylogError, alarmLevel } from "@nodoor/keylog"
import { errorCodes } from "@nodoor/wire"
import { CliError, type CliErrorCode } from "./cli-error.ts"
import { diskTrouble } from "./disk-trouble.ts"
import { harmless, harmlessLine } from "./terminal.ts"

export const exitCodes = {
  ok: 0,
  /** Something on this machine: the profile, the store, the disk, or a bug of ours. */
  here: 1,
  usage: 2,
  notFound: 3,
  /** Refused by policy or trust. */
  refusedHere: 4,
  network: 5,
  /** The server refused. */
  refusedThere: 6,
} as const

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const byCode: Readonly<Partial<Record<ClientErrorCode | CliErrorCode | "seat_taken", ExitCode>>> = {
  seat_taken: exitCodes.refusedThere,
  usage: exitCodes.usage,
  ambiguous: exitCodes.usage,
  invalid_input: exitCodes.usage,
  link_code_invalid: exitCodes.usage,
  link_other_server: exitCodes.usage,
  link_expired: exitCodes.refusedHere,
  link_used: exitCodes.refusedHere,
  link_no_answer: exitCodes.network,
  link_denied: exitCodes.refusedHere,
  link_cancelled: exitCodes.refusedHere,
  link_wrong_number: exitCodes.refusedHere,
  link_offline: exitCodes.network,
  link_failed: exitCodes.refusedHere,
  link_unfinished: exitCodes.network,
  already_registered: exitCodes.usage,
  email_code_needed: exitCodes.usage,
  not_registered: exitCodes.notFound,
  not_found: exitCodes.notFound,
  account_not_found: exitCodes.notFound,
  digits_differ: exitCodes.refusedHere,
  words_wrong: exitCodes.refusedHere,
  recovery_words_wrong: exitCodes.refusedHere,
  recovery_impossible: exitCodes.refusedHere,
  identity_untrusted: exitCodes.refusedHere,
  not_allowed: exitCodes.refusedHere,
  not_writable: exitCodes.refusedHere,
  last_member: exitCodes.refusedHere,
  no_tokens: exitCodes.network,
  not_sent: exitCodes.network,
  removal_outstanding: exitCodes.refusedHere,
  unreachable: exitCodes.network,
  store_newer: exitCodes.here,
  store_older: exitCodes.here,
  store_unreadable: exitCodes.here,
  store_full: exitCodes.here,
  store_busy: exitCodes.here,
  store_failing: exitCodes.here,
  store_damaged: exitCodes.here,
  account_deleted: exitCodes.refusedHere,
  older_copy: exitCodes.here,
  closed: exitCodes.here,
  archive_unreadable: exitCodes.refusedHere,
  archive_newer: exitCodes.refusedHere,
  archive_key: exitCodes.refusedHere,
  archive_damaged: exitCodes.refusedHere,
  archive_incomplete: exitCodes.refusedHere,
  archive_foreign: exitCodes.refusedHere,
  archive_older: exitCodes.refusedHere,
  no_recovery_key: exitCodes.refusedHere,
  bucket_refused: exitCodes.refusedThere,
  file_expired: exitCodes.refusedThere,
  file_missing: exitCodes.refusedThere,
  file_damaged: exitCodes.refusedHere,
  profile_busy: exitCodes.here,
  profile_damaged: exitCodes.here,
  profile_unwritable: exitCodes.here,
  disk_full: exitCodes.here,
  disk_failing: exitCodes.here,
  key_unavailable: exitCodes.here,
  output_closed: exitCodes.here,
  log_unavailable: exitCodes.network,
  log_untrusted: exitCodes.refusedHere,
  clock_differs: exitCodes.network,
  log_unreachable: exitCodes.network,
  log_incomplete: exitCodes.network,
  log_oversized: exitCodes.refusedHere,
  log_refused: exitCodes.refusedThere,
  label_absent: exitCodes.notFound,
  evidence_refused: exitCodes.refusedHere,
  archive_refused: exitCodes.refusedHere,
  canary_changed: exitCodes.refusedHere,
  canary_expired: exitCodes.refusedHere,
  canary_absent: exitCodes.notFound,
  canary_unchecked: exitCodes.network,
  pin_differs: exitCodes.refusedHere,
  watched_index: exitCodes.refusedHere,
  state_damaged: exitCodes.here,
}

/** The exit code of an error that a command ended with. Every other answer of a server is a refusal. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof KeylogError) return alarmLevel(error.code) === "unchecked" ? exitCodes.network : exitCodes.refusedHere
  if (!(error instanceof CliError) && !(error instanceof ClientError)) return exitCodes.here
  return byCode[error.code] ?? (Object.hasOwn(errorCodes, error.code) ? exitCodes.refusedThere : exitCodes.here)
}

const nextCommands: Readonly<Partial<Record<ClientErrorCode | "seat_taken", string>>> = {
  not_registered: 'nodoor register --server URL --handle HANDLE --name "NAME"',
  already_registered: "nodoor whoami",
  not_found: "nodoor chats",
  account_not_found: "check the handle with the person",
  unreachable: "try again; nothing is lost",
  unavailable: "try again in a minute; nothing is lost",
  rate_limited: "try again in a minute",
  rendezvous_used: "show a new code with nodoor devices link, or nodoor link",
  link_expired: "show a new code with nodoor devices link, or nodoor link",
  link_used: "show a new code with nodoor devices link, or nodoor link",
  link_no_answer: "show a new code with nodoor devices link, or nodoor link",
  link_wrong_number: "show a new code with nodoor devices link, or nodoor link",
  link_failed: "show a new code with nodoor devices link, or nodoor link",
  link_unfinished: "nodoor receive on the other device, then nodoor link again",
  handle_taken: "choose another --handle",
  invite_required: "ask the operator for a code, then add --invite CODE",
  invite_invalid: "ask the operator for a new code",
  email_required: "add --email ADDRESS",
  email_code_invalid: "nodoor register … --email ADDRESS again, for a new code",
  registration_closed: "ask the operator of the server",
  server_full: "ask the operator of the server",
  account_suspended: "ask the operator of the server; what you wrote is stored and goes out once the account is resumed",
  account_erased: "nodoor messages --chat CHAT, to read; or register with another --profile",
  seat_taken: "use this profile in one place only; two copies make each other lose messages",
  identity_untrusted: "nodoor safety @HANDLE, and compare in person",
  not_writable: "nodoor chats",
  account_deleted: "nodoor messages --chat CHAT, to read; or register with another --profile",
  store_newer: "update nodoor",
  store_older: "register with another --profile",
  clock_differs: "check the date and time of this machine",
  older_copy: "restore the newest copy of the profile; nodoor messages and nodoor export still work",
}

/** The line or two that a person reads about an error: what is wrong, and the next command to run. */
export function explain(error: unknown): string {
  if (error instanceof CliError) return lines(error.message, error.code, error.next)
  if (error instanceof ClientError) return lines(error.message, error.code, nextCommands[error.code])
  if (error instanceof KeylogError && alarmLevel(error.code) === "unchecked") {
    return lines("The answer is not from a key log, so it was not checked.", error.code, "check the address and try again")
  }
  if (error instanceof KeylogError) {
    return lines(
      `The check failed: ${error.message.replace(`${error.code}: `, "")}.`,
      error.code,
      "keep the output; docs/transparency.md explains the code",
    )
  }
  const trouble = error instanceof Error && "syscall" in error ? diskTrouble(error) : undefined
  if (trouble?.code === "disk_full") return explain(trouble)
  if (error instanceof Error && "syscall" in error)
    return lines(`The system refused: ${error.message}.`, "system", "check the path, its permissions and the free space")
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${lines("This is a bug in nodoor.", "bug", "please please report it with the lines below")}\n    ${harmless(detail)}`
}

function lines(message: string, code: string, next: string | undefined): string {
  const first = `nodoor: ${harmlessLine(message)} (${harmlessLine(code)})`
  return next === undefined ? first : `${first}\n  next: ${harmlessLine(next)}`
}
