/** Every way the server can fail to start or to run as its operator asked, each with what to do about it in the message. */
export const serverErrorCodes = [
  "usage", // a command line that means nothing
  "config_invalid", // nodoor.toml or the environment: names the key and the fix
  "secret_unreadable", // a file named by a `_FILE` setting
  "data_dir_unusable", // cannot be made, read or written
  "data_dir_in_use", // another server has it
  "disk_full", // no room on the disk of the data directory
  "database_newer", // written by a newer version of this program
  "database_foreign", // a file that is not this program's
  "database_damaged",
  "origin_changed", // accounts are bound to another origin
  "port_in_use",
  "port_refused", // no right to it, or the address is not this machine's
  "mail_failed",
  "log_keys_unreadable", // a key of the transparency log is missing beside its database, or is not a key
  "log_lost", // the keys of the log are here, and its database is not
  "log_behind_witness", // a witness has signed a larger log than this one: an old backup was restored
  "log_behind_accounts", // the accounts are older than the log: an old backup of them was restored
  "log_raced", // another process wrote to the log
  "log_refused", // an entry that the log cannot take
  "desk_refused", // against a rule of the lawful desk: says which
  "desk_damaged", // the desk's file was written past the desk
  "account_unknown", // a command names an account that does not exist, or not any more
  "invite_unknown", // a command names an invite that does not work any more
  "backup_refused", // no backup, or nowhere to put it: says which
  "operator_unknown", // a key or passkey that belongs to nobody who may act
  "operator_forbidden", // the role of the person who acts does not reach this
  "passkey_refused", // an answer of a passkey that does not hold: forged, for something else, used before, or too late
  "enrolment_invalid", // a link that is unknown, used, too old, or not yet usable
] as const

export type ServerErrorCode = (typeof serverErrorCodes)[number]

/** The one error of this package for what an operator can do something about. Refusals to callers are `WireError`s. Never holds personal data. */
export class ServerError extends Error {
  readonly code: ServerErrorCode
  constructor(code: ServerErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.name = "ServerError"
    this.code = code
  }
}
