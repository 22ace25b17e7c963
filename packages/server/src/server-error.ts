/** Every way the server can fail to start or to run as its operator asked, each with what to do about it in the message. */
export const serverErrorCodes = [
  "usage", // a command line that means nothing
  "config_invalid", // nodoor.toml or the environment: names the key and the fix
  "secret_unreadable", // a file named by a `_FILE` setting
  "data_dir_unusable", // cannot be made, read or written
  "data_dir_in_use", // another server has it
  "database_newer", // written by a newer version of this program
  "database_foreign", // a file that is not this program's
  "database_damaged",
  "origin_changed", // accounts are bound to another origin
  "port_in_use",
  "port_refused", // no right to it, or the address is not this machine's
  "mail_failed",
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
