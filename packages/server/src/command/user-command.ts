// `nodoor-server user …`: accounts as whoever has the machine handles them. Names, e-mail and IP addresses are not read here: they leave
// the server in a case of the desk and no other way.

import { toHex } from "@nodoor/bytes"
import { ServerError } from "../core/server-error.ts"
import type { AccountSummary, Store } from "../store/store.ts"
import { flagsOf, noMore } from "./words.ts"
import type { ServerAct } from "../operator/server-act.ts"

export type UserCommand =
  | { readonly name: "count" }
  | { readonly name: "list"; readonly prefix: string | undefined }
  | { readonly name: "show" | "suspend" | "resume" | "erase"; readonly handle: string }

/** @throws ServerError `usage` */
export function userCommand([name, ...rest]: readonly string[]): UserCommand {
  switch (name) {
    case "count":
      noMore(rest)
      return { name }
    case "list":
      return { name, prefix: flagsOf(rest, ["--prefix"]).get("--prefix")?.replace(/^@/, "") }
    case "show":
    case "suspend":
    case "resume":
    case "erase": {
      const [handle, ...more] = rest
      if (handle === undefined) throw new ServerError("usage", `user ${name}: a handle goes with it, such as @alice`)
      if (name === "erase" && more[0] !== "--yes")
        throw new ServerError("usage", "user erase: what is erased does not come back; if it is meant, --yes goes after the handle")
      noMore(name === "erase" ? more.slice(1) : more)
      return { name, handle: handle.replace(/^@/, "").toLowerCase() }
    }
    default:
      throw new ServerError("usage", "user: count, list, show, suspend, resume or erase")
  }
}

export interface UserPorts {
  readonly store: Pick<Store, "accountCounts" | "accountsPage" | "changeAccount">
  /** Writes a line into the desk's log, before what it is about is done. */
  readonly act: ServerAct
  readonly say: (text: string) => void
}

const pageRows = 200

/** @throws ServerError `account_unknown`; WireError `account_erased` */
export async function runUserCommand(command: UserCommand, ports: UserPorts): Promise<void> {
  const { store, say } = ports
  switch (command.name) {
    case "count": {
      const { active, suspended, erased } = await store.accountCounts({})
      return say(`active ${active}\nsuspended ${suspended}\nerased ${erased}`)
    }
    case "list":
      return await list(ports, command.prefix)
    case "show":
      return say(shown(await find(store, command.handle)))
    case "suspend":
    case "resume":
    case "erase":
      return await change(ports, command.name, command.handle)
  }
}

async function list({ store, say }: UserPorts, prefix: string | undefined): Promise<void> {
  say(row(["handle", "state", "devices", "waiting", "created", "last seen"]))
  let after: string | undefined
  for (let more = true; more;) {
    const page = await store.accountsPage({ after, prefix, max: pageRows })
    for (const account of page.accounts) {
      const { handle, state, deviceCount, waitingBytes, createdAtMs, lastSeenDay } = account
      say(row([`@${handle}`, state, String(deviceCount), size(waitingBytes), utcDay(createdAtMs), lastSeenDay]))
    }
    after = page.accounts.at(-1)?.handle
    more = page.more
  }
}

function shown({ accountId, handle, state, deviceCount, waitingBytes, createdAtMs, lastSeenDay }: AccountSummary): string {
  return [
    `@${handle}, ${state}`,
    `account    ${toHex(accountId)}`,
    `created    ${utcDay(createdAtMs)}`,
    `last seen  ${lastSeenDay}`,
    `devices    ${deviceCount}`,
    `waiting    ${size(waitingBytes)} of ciphertext`,
    "",
    "Name, e-mail and IP addresses are not shown here: they leave this server in a case of the desk and no other way",
    "(nodoor-server desk says how). What the account writes and with whom cannot be read here or there.",
  ].join("\n")
}

const done = {
  suspend: "is suspended: its devices are cut off within seconds, nobody can let it into a chat, and nothing of it is deleted.",
  resume: "is in use again: its devices sign in by themselves.",
  erase: "is erased: name, e-mail, IP addresses, devices and all that waited are gone. The handle stays taken.",
} as const
const events = { suspend: "account_suspended", resume: "account_resumed", erase: "account_erased" } as const

async function change({ store, act, say }: UserPorts, name: keyof typeof done, handle: string): Promise<void> {
  const { accountId, state } = await find(store, handle)
  if (state === "erased") throw new ServerError("account_unknown", `@${handle} was erased; there is nothing left to change.`)
  const account = toHex(accountId)
  act(events[name], { account })
  try {
    await store.changeAccount({ accountId, change: name })
  } catch (error) {
    act("account_unchanged", { account })
    throw error
  }
  say(`@${handle} ${done[name]}`)
}

/** @throws ServerError `account_unknown` */
async function find(store: Pick<Store, "accountsPage">, handle: string): Promise<AccountSummary> {
  // The handle itself comes before every longer one that begins with it.
  const [account] = (await store.accountsPage({ after: undefined, prefix: handle, max: 1 })).accounts
  if (account?.handle !== handle) throw new ServerError("account_unknown", `@${handle}: there is no such account on this server.`)
  return account
}

function row(cells: readonly string[]): string {
  const widths = [34, 11, 9, 11, 12, 10]
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join("")
    .trimEnd()
}

function size(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`
  return sizeBytes < 1_000_000 ? `${(sizeBytes / 1000).toFixed(1)} kB` : `${(sizeBytes / 1_000_000).toFixed(1)} MB`
}

function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
