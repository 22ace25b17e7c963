/** Every way in which the server can fail to start or to do what its operator asked. The message says what to do about it. */
export const serverErrorCodes = [
  "usage", // a command line that can't be parsed
  "config_invalid", // nodoor.toml or the environment: names the key and the fix
  "secret_unreadable", // a file named by a `_FILE` setting
  "data_dir_unusable", // cannot be made, read or written
  "data_dir_older", // of a version before, which this one cannot read
  "data_dir_in_use", // another server has it
  "disk_full", // the disk of the data directory is full
  "database_newer", // written by a newer version of this program
  "database_foreign", // a file of another program
  "database_damaged",
  "origin_changed", // accounts are bound to another origin
  "port_in_use",
  "port_refused", // no permission, or the address is not one of this machine
  "mail_failed",
  "log_keys_unreadable", // a key file of the transparency log is missing or not valid
  "log_lost", // the log's keys exist, but its database does not
  "log_behind_witness", // a witness has signed a larger log than this one: an old backup was restored
  "log_behind_accounts", // the accounts are older than the log: an old backup of them was restored
  "log_raced", // another process wrote to the log
  "log_refused", // the log can't accept the entry
  "desk_refused", // breaks a rule of the lawful desk; the message says which
  "desk_damaged", // the desk's file was changed by something other than the desk
  "account_unknown", // a command names an account that does not exist or was erased
  "invite_unknown", // a command names an invite that no longer works
  "backup_refused", // not a backup, or no place for one; the message says which
  "operator_unknown", // a key or passkey of nobody who can act
  "operator_forbidden", // the person's role does not allow this
  "passkey_refused", // a passkey's answer that is not valid: forged, for something else, already used, or too late
  "enrolment_invalid", // a link that is unknown, used, expired, or not yet valid
] as const

export type ServerErrorCode = (typeof serverErrorCodes)[number]

/** The one error of this package that an operator can do something about. Refusals to callers are `WireError`s. It never contains personal data. */
export class ServerError extends Error {
  readonly code: ServerErrorCode
  constructor(code: ServerErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.name = "ServerError"
    this.code = code
  }
}
