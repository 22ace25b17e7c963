// Exit codes are part of the interface: scripts branch on them, so they never change their meaning.

import { ServerError, type ServerErrorCode } from "../core/server-error.ts"

export const exitCodes = {
  ok: 0,
  failed: 1,
  /** Command line or configuration. */
  usage: 2,
  /** Data directory or database. */
  data: 3,
  port: 4,
} as const

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof ServerError ? byCode[error.code] : exitCodes.failed
}

const byCode: Readonly<Record<ServerErrorCode, ExitCode>> = {
  usage: exitCodes.usage,
  config_invalid: exitCodes.usage,
  secret_unreadable: exitCodes.usage,
  origin_changed: exitCodes.usage,
  data_dir_unusable: exitCodes.data,
  data_dir_in_use: exitCodes.data,
  data_dir_older: exitCodes.data,
  disk_full: exitCodes.data,
  database_newer: exitCodes.data,
  database_foreign: exitCodes.data,
  database_damaged: exitCodes.data,
  log_keys_unreadable: exitCodes.data,
  log_lost: exitCodes.data,
  log_behind_witness: exitCodes.data,
  log_behind_accounts: exitCodes.data,
  log_raced: exitCodes.data,
  port_in_use: exitCodes.port,
  port_refused: exitCodes.port,
  mail_failed: exitCodes.failed,
  log_refused: exitCodes.failed,
  backup_refused: exitCodes.failed,
  desk_refused: exitCodes.failed,
  desk_damaged: exitCodes.failed,
  operator_unknown: exitCodes.failed,
  operator_forbidden: exitCodes.failed,
  passkey_refused: exitCodes.failed,
  enrolment_invalid: exitCodes.failed,
  account_unknown: exitCodes.failed,
  invite_unknown: exitCodes.failed,
}

/** What a person reads about an error. */
export function explain(error: unknown): string {
  if (!(error instanceof ServerError)) return `nodoor-server: ${error instanceof Error ? (error.stack ?? error.message) : "failed"}`
  const next = error.code === "usage" ? "\nnodoor-server --help lists the commands. Add --help after a command to see its flags." : ""
  return `nodoor-server: ${error.message} (${error.code})${next}`
}
