// The words of `nodoor-server`.

import { isOriginText } from "@nodoor/keylog"
import type { LogCommand } from "./log/log-commands.ts"
import { ServerError } from "./server-error.ts"

export type Command =
  | { readonly name: "start" }
  | { readonly name: "doctor" }
  | { readonly name: "invite"; readonly count: number; readonly days: number }
  | { readonly name: "user count" }
  | { readonly name: "log"; readonly log: LogCommand }
  /** These read their own words. */
  | { readonly name: "desk" | "canary"; readonly words: readonly string[] }
  | { readonly name: "backup" | "restore"; readonly folder: string }
  | { readonly name: "migrate" }
  | { readonly name: "config check" }
  | { readonly name: "help" }
  | { readonly name: "version" }

export const usage = `nodoor-server start                            run the server (also without a command)
nodoor-server doctor                           look at configuration, disk, database and clock
nodoor-server invite [--count N] [--days D]    make N links (1) that let one person each register within D days (7)
nodoor-server user count                       how many accounts there are
nodoor-server log status|rekey|end [SUCCESSOR] look at the transparency log, change its signing key, end it; server stopped
nodoor-server desk …                           lawful requests: nodoor-server desk says how
nodoor-server canary draft|sign|publish …      the monthly statement that people sign by hand
nodoor-server backup FOLDER                    copy everything into a new folder, also while the server runs
nodoor-server restore FOLDER                   put a backup into an empty data directory
nodoor-server migrate --dry-run                what a start would do with the databases
nodoor-server config check                     look at the configuration only
nodoor-server --version | --help

Environment: PORT (8080), HOST (127.0.0.1), NODOOR_DATA (./.data), NODOOR_ORIGIN (name people reach the server under),
NODOOR_CONFIG (nodoor.toml in the data directory), NODOOR_EMAIL_SMTP_URL[_FILE], NODOOR_METRICS_TOKEN[_FILE]
Exit codes: 0 done, 1 failed, 2 command line or configuration, 3 data directory or database, 4 port`

/** @throws ServerError `usage` */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words
  switch (name) {
    case undefined:
    case "start":
      none(rest)
      return { name: "start" }
    case "doctor":
      none(rest)
      return { name }
    case "invite": {
      const flags = numbers(rest, ["--count", "--days"])
      return { name, count: within(flags, "--count", 1, 1000), days: within(flags, "--days", 7, 365) }
    }
    case "user":
      if (rest[0] !== "count") throw new ServerError("usage", "user: the one thing to ask is `user count`")
      none(rest.slice(1))
      return { name: "user count" }
    case "log":
      return { name, log: logCommand(rest) }
    case "desk":
    case "canary":
      return { name, words: rest }
    case "backup":
    case "restore": {
      const [folder, ...more] = rest
      none(more)
      if (folder === undefined) throw new ServerError("usage", `${name}: a folder goes with it`)
      return { name, folder }
    }
    case "migrate":
      if (rest[0] !== "--dry-run") throw new ServerError("usage", "migrate: a start migrates; `migrate --dry-run` says what it would do")
      none(rest.slice(1))
      return { name }
    case "config":
      if (rest[0] !== "check") throw new ServerError("usage", "config: the one thing to ask is `config check`")
      none(rest.slice(1))
      return { name: "config check" }
    case "--help":
    case "help":
      return { name: "help" }
    case "--version":
      return { name: "version" }
    default:
      throw new ServerError("usage", `${name}: no such command`)
  }
}

function logCommand([name, successor, ...rest]: readonly string[]): LogCommand {
  none(rest)
  if (name === "end") {
    if (successor !== undefined && !isOriginText(successor))
      throw new ServerError("usage", "log end: the successor is an origin such as host/kt/2")
    return { name, successor }
  }
  none(successor === undefined ? [] : [successor])
  if (name === "status" || name === "rekey") return { name }
  throw new ServerError("usage", "log: status, rekey or end")
}

function none(rest: readonly string[]): void {
  if (rest.length > 0) throw new ServerError("usage", `${rest[0] ?? ""}: not expected here`)
}

function numbers(words: readonly string[], known: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at = 0; at < words.length; at += 2) {
    const [flag = "", value] = [words[at], words[at + 1]]
    if (!known.includes(flag) || found.has(flag)) throw new ServerError("usage", `${flag}: not expected here`)
    if (value === undefined) throw new ServerError("usage", `${flag}: a number goes with it`)
    found.set(flag, value)
  }
  return found
}

function within(flags: ReadonlyMap<string, string>, flag: string, otherwise: number, max: number): number {
  const text = flags.get(flag) ?? String(otherwise)
  const value = Number(text)
  if (!/^\d{1,6}$/.test(text) || value < 1 || value > max) throw new ServerError("usage", `${flag}: a number from 1 to ${max}`)
  return value
}
