// `nodoor-server user …`: accounts, for the person who controls the machine. These commands never read names, e-mail and IP addresses: those leave
// the server only in a case of the desk.

import { toHex } from "@nodoor/bytes"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { ServerError } from "../core/server-error.ts"
import type { ServerAct } from "../operator/server-act.ts"
import type { AccountSummary, Store } from "../accounts/store/store.ts"
import { type ServerContext, withStore, withStoreAndLog } from "./context.ts"
import { handleArgument, text } from "./parameters.ts"

type Plain = Record<never, never>

const pageRows = 200
const handlePosition = { kind: "tuple", parameters: [handleArgument] } as const

const count: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "Count accounts by state" },
  parameters: {},
  func() {
    return withStore(this, async (store) => {
      const { active, suspended, erased } = await store.accountCounts({})
      this.say(`active ${active}\nsuspended ${suspended}\nerased ${erased}`)
    })
  },
})

const list: Command<ServerContext> = buildCommand<{ readonly prefix?: string }, [], ServerContext>({
  docs: { brief: "List accounts by handle, without names, e-mail and IP addresses" },
  parameters: {
    flags: { prefix: { kind: "parsed", brief: "Only handles that begin with this", parse: text, optional: true, placeholder: "text" } },
  },
  func({ prefix }) {
    return withStore(this, (store) => listAccounts({ store, say: this.say }, prefix?.replace(/^@/, "")))
  },
})

const show: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Show one account" },
  parameters: { positional: handlePosition },
  func(_flags, handle) {
    return withStore(this, async (store) => this.say(shown(await find(store, handle))))
  },
})

const suspend: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Disconnect an account's devices and lock it; nothing is deleted" },
  parameters: { positional: handlePosition },
  func(_flags, handle) {
    return change(this, "suspend", handle)
  },
})

const resume: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Unlock a suspended account" },
  parameters: { positional: handlePosition },
  func(_flags, handle) {
    return change(this, "resume", handle)
  },
})

const erase: Command<ServerContext> = buildCommand<{ readonly yes: boolean }, [string], ServerContext>({
  docs: { brief: "Delete what this server holds about an account, for good; the handle stays taken" },
  parameters: {
    positional: handlePosition,
    flags: { yes: { kind: "boolean", brief: "Required, because this can't be undone", default: false, withNegated: false } },
  },
  func({ yes }, handle) {
    if (!yes) throw new ServerError("usage", `Erasing @${handle} can't be undone. Add --yes to erase it.`)
    return change(this, "erase", handle)
  },
})

export const user: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Count, list, show, suspend, resume or erase accounts" },
  routes: { count, list, show, suspend, resume, erase },
})

async function listAccounts(
  { store, say }: { readonly store: Pick<Store, "accountsPage">; readonly say: (text: string) => void },
  prefix: string | undefined,
): Promise<void> {
  say(row(["handle", "state", "devices", "created", "last seen"]))
  let after: string | undefined
  for (let more = true; more;) {
    const page = await store.accountsPage({ after, prefix, max: pageRows })
    for (const account of page.accounts) {
      const { handle, state, deviceCount, createdAtMs, lastSeenDay } = account
      say(row([`@${handle}`, state, String(deviceCount), utcDay(createdAtMs), lastSeenDay]))
    }
    after = page.accounts.at(-1)?.handle
    more = page.more
  }
}

function shown({ accountId, handle, state, deviceCount, createdAtMs, lastSeenDay }: AccountSummary): string {
  return [
    `@${handle}, ${state}`,
    `account    ${toHex(accountId)}`,
    `created    ${utcDay(createdAtMs)}`,
    `last seen  ${lastSeenDay}`,
    `devices    ${deviceCount}`,
    "",
    "Name, e-mail and IP addresses are not shown here. They leave this server only in a case of the desk (nodoor-server desk --help).",
    "This server holds nothing that says what the account writes, to whom, or which chats it is in.",
  ].join("\n")
}

const done = {
  suspend:
    "is suspended. It is signed out within seconds, nobody can add it to a chat, and it gets no more tokens: its devices drop out of the chats that they are in within seven days. Nothing is deleted.",
  resume: "is active again. Its devices sign in by themselves.",
  erase:
    "is erased. Its name, e-mail, IP addresses and devices are gone from this server. Nobody can add it to a chat, and it gets no more tokens: its devices drop out of the chats that they are in within seven days. Messages that wait there are kept as long as everybody else's: this server doesn't know whose they are. The handle stays taken.",
} as const
const events = { suspend: "account_suspended", resume: "account_resumed", erase: "account_erased" } as const

function change(context: ServerContext, name: keyof typeof done, handle: string): Promise<void> {
  return withStoreAndLog(context, async ({ store, act }) => {
    const { accountId, state } = await find(store, handle)
    if (state === "erased") throw new ServerError("account_unknown", `@${handle} was erased. There is nothing left to change.`)
    await changeLogged({ store, act }, name, accountId)
    context.say(`@${handle} ${done[name]}`)
  })
}

/** The desk's log has its line before anything changes. */
async function changeLogged(
  { store, act }: { readonly store: Pick<Store, "changeAccount">; readonly act: ServerAct },
  name: keyof typeof done,
  accountId: Uint8Array,
): Promise<void> {
  const account = toHex(accountId)
  act(events[name], { account })
  try {
    await store.changeAccount({ accountId, change: name })
  } catch (error) {
    act("account_unchanged", { account })
    throw error
  }
}

/** @throws ServerError `account_unknown` */
async function find(store: Pick<Store, "accountsPage">, handle: string): Promise<AccountSummary> {
  // The exact handle is listed before longer ones that begin with it.
  const [account] = (await store.accountsPage({ after: undefined, prefix: handle, max: 1 })).accounts
  if (account?.handle !== handle) throw new ServerError("account_unknown", `This server has no account @${handle}.`)
  return account
}

function row(cells: readonly string[]): string {
  const widths = [34, 11, 9, 12, 10]
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join("")
    .trimEnd()
}

function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
