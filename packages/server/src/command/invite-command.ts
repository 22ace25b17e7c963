// `nodoor-server invite …`: links that let people register, those that still work, and taking one back.

import { fromHex, fromUtf8, toHex } from "@nodoor/bytes"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { ServerError } from "../core/server-error.ts"
import { createInvites } from "../operator/invite.ts"
import type { InviteRow, Store } from "../accounts/store/store.ts"
import { type ServerContext, withStore, withStoreAndLog } from "./context.ts"
import { baseOf, inviteLink } from "./links.ts"
import { countFlag } from "./parameters.ts"

const listMax = 10_000

interface CreateFlags {
  readonly count: number
  readonly days: number
  readonly uses: number
}

const create: Command<ServerContext> = buildCommand<CreateFlags, [], ServerContext>({
  docs: { brief: "Make invite links" },
  parameters: {
    flags: {
      count: countFlag("How many links", { otherwise: 1, max: 1000 }),
      days: countFlag("How many days they work", { otherwise: 7, max: 365 }),
      uses: countFlag("How many people can register with each", { otherwise: 1, max: 1000 }),
    },
  },
  func({ count, days, uses }) {
    return withStoreAndLog(this, async ({ store, config, act }) => {
      const noted = await store.notedSetting({ name: "origin" })
      const base = baseOf(config.origin ?? (noted === undefined ? `localhost:${config.port}` : fromUtf8(noted)))
      const logged: Pick<Store, "addInvites"> = {
        addInvites: async (input) => {
          act("invites_made", { invites: input.codeHashes.map(idOf), uses, days, label: input.label })
          await store.addInvites(input)
        },
      }
      const { clock, random } = this
      const codes = await createInvites({ clock, random, store: logged }, { count, days, uses, label: "invite", only: false })
      for (const code of codes) this.say(inviteLink(base, code))
    })
  },
})

const list: Command<ServerContext> = buildCommand<Record<never, never>, [], ServerContext>({
  docs: { brief: "List the links that still work" },
  parameters: {},
  func() {
    return withStore(this, async (store) => {
      const invites = await store.listInvites({ nowMs: this.clock.nowMs(), max: listMax })
      this.say(`${"id".padEnd(18)}${"uses left".padEnd(11)}${"until".padEnd(18)}made by`)
      for (const { codeHash, usesLeft, expiresAtMs, label } of invites) {
        const until = new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ")
        this.say(`${idOf(codeHash).padEnd(18)}${String(usesLeft).padEnd(11)}${until.padEnd(18)}${label}`)
      }
    })
  },
})

const revoke: Command<ServerContext> = buildCommand<Record<never, never>, [string], ServerContext>({
  docs: { brief: "Cancel a link" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "Id that `invite list` shows", parse: inviteId, placeholder: "id" }] },
  },
  func(_flags, id) {
    return withStoreAndLog(this, async ({ store, act }) => {
      const invites = await store.listInvites({ nowMs: this.clock.nowMs(), max: listMax })
      if (!invites.some(({ codeHash }) => idOf(codeHash) === id))
        throw new ServerError("invite_unknown", `No working invite has the id ${id}. \`nodoor-server invite list\` shows those that work.`)
      act("invite_revoked", { invite: id })
      await store.revokeInvite({ hashPrefix: fromHex(id) })
      this.say(`Invite ${id} no longer works.`)
    })
  },
})

export const invite: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Make invite links, list them, or cancel one" },
  routes: { create, list, revoke },
  defaultCommand: "create",
})

function inviteId(input: string): string {
  if (!/^[0-9a-f]{16}$/.test(input)) throw new ServerError("usage", "use the 16 letters and digits that `invite list` shows")
  return input
}

function idOf(codeHash: InviteRow["codeHash"]): string {
  return toHex(codeHash.subarray(0, 8))
}
