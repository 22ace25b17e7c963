// The words of `nodoor-server`.

import { isOriginText } from "@nodoor/keylog"
import type { LogCommand } from "./log-command.ts"
import { type InviteCommand, inviteCommand } from "./invite-command.ts"
import { type UserCommand, userCommand } from "./user-command.ts"
import { ServerError } from "../core/server-error.ts"
import { noMore } from "./words.ts"

export type Command =
  | { readonly name: "start" | "doctor" | "migrate" | "config check" | "config example" | "help" | "version" }
  | { readonly name: "invite"; readonly invite: InviteCommand }
  | { readonly name: "user"; readonly user: UserCommand }
  | { readonly name: "log"; readonly log: LogCommand }
  /** These read their own words. */
  | { readonly name: "desk" | "canary"; readonly words: readonly string[] }
  | { readonly name: "backup" | "restore"; readonly folder: string }

/** @throws ServerError `usage` */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words
  switch (name) {
    case undefined:
    case "start":
      noMore(rest)
      return { name: "start" }
    case "doctor":
      noMore(rest)
      return { name }
    case "invite":
      return { name, invite: inviteCommand(rest) }
    case "user":
      return { name, user: userCommand(rest) }
    case "log":
      return { name, log: logCommand(rest) }
    case "desk":
    case "canary":
      return { name, words: rest }
    case "export":
      return { name: "desk", words: words }
    case "backup":
    case "restore": {
      const [folder, ...more] = rest
      noMore(more)
      if (folder === undefined) throw new ServerError("usage", `${name}: a folder goes with it`)
      return { name, folder }
    }
    case "migrate":
      if (rest[0] !== "--dry-run") throw new ServerError("usage", "migrate: a start migrates; `migrate --dry-run` says what it would do")
      noMore(rest.slice(1))
      return { name }
    case "config": {
      const [what, ...more] = rest
      noMore(more)
      if (what !== "check" && what !== "example") throw new ServerError("usage", "config: check or example")
      return { name: `config ${what}` }
    }
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
  noMore(rest)
  if (name === "end") {
    if (successor !== undefined && !isOriginText(successor))
      throw new ServerError("usage", "log end: the successor is an origin such as host/kt/2")
    return { name, successor }
  }
  noMore(successor === undefined ? [] : [successor])
  if (name === "status" || name === "rekey") return { name }
  throw new ServerError("usage", "log: status, rekey or end")
}
