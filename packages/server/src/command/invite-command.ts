// `nodoor-server invite …`: links that let people register, those that still work, and taking one back.

import { fromHex, toHex } from "@nodoor/bytes"
import { createInvites } from "../operator/invite.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { InviteRow, Store } from "../store/store.ts"
import { countOf, flagsOf, noMore } from "./words.ts"
import type { ServerAct } from "../operator/server-act.ts"

export type InviteCommand =
  | { readonly name: "make"; readonly count: number; readonly days: number; readonly uses: number }
  | { readonly name: "list" }
  | { readonly name: "revoke"; readonly id: string }

/** @throws ServerError `usage` */
export function inviteCommand(words: readonly string[]): InviteCommand {
  const [name, ...rest] = words
  if (name === "list") {
    noMore(rest)
    return { name }
  }
  if (name === "revoke") {
    const [id = "", ...more] = rest
    noMore(more)
    if (!/^[0-9a-f]{16}$/.test(id)) throw new ServerError("usage", "invite revoke: the 16 letters and digits that `invite list` shows")
    return { name, id }
  }
  const flags = flagsOf(words, ["--count", "--days", "--uses"])
  return {
    name: "make",
    count: countOf(flags, "--count", { otherwise: 1, max: 1000 }),
    days: countOf(flags, "--days", { otherwise: 7, max: 365 }),
    uses: countOf(flags, "--uses", { otherwise: 1, max: 1000 }),
  }
}

export interface InvitePorts {
  readonly store: Pick<Store, "addInvites" | "listInvites" | "revokeInvite">
  readonly clock: Clock
  readonly random: Random
  readonly act: ServerAct
  readonly say: (text: string) => void
  /** Link for a code. */
  readonly linkOf: (code: string) => string
}

const listMax = 10_000

/** @throws ServerError `invite_unknown` */
export async function runInviteCommand(command: InviteCommand, ports: InvitePorts): Promise<void> {
  const { store, clock, act, say } = ports
  switch (command.name) {
    case "make": {
      const { count, days, uses } = command
      const noted: Pick<Store, "addInvites"> = {
        addInvites: async (input) => {
          act("invites_made", { invites: input.codeHashes.map(idOf), uses, days, label: input.label })
          await store.addInvites(input)
        },
      }
      const codes = await createInvites({ ...ports, store: noted }, { count, days, uses, label: "invite", only: false })
      for (const code of codes) say(ports.linkOf(code))
      return
    }
    case "list": {
      const invites = await store.listInvites({ nowMs: clock.nowMs(), max: listMax })
      say(`${"id".padEnd(18)}${"uses left".padEnd(11)}${"until".padEnd(18)}made by`)
      for (const { codeHash, usesLeft, expiresAtMs, label } of invites) {
        const until = new Date(expiresAtMs).toISOString().slice(0, 16).replace("T", " ")
        say(`${idOf(codeHash).padEnd(18)}${String(usesLeft).padEnd(11)}${until.padEnd(18)}${label}`)
      }
      return
    }
    case "revoke": {
      const invites = await store.listInvites({ nowMs: clock.nowMs(), max: listMax })
      if (!invites.some(({ codeHash }) => idOf(codeHash) === command.id))
        throw new ServerError("invite_unknown", `${command.id}: no invite that still works; invite list shows those that do.`)
      act("invite_revoked", { invite: command.id })
      await store.revokeInvite({ hashPrefix: fromHex(command.id) })
      return say(`${command.id} lets nobody in any more.`)
    }
  }
}

function idOf(codeHash: InviteRow["codeHash"]): string {
  return toHex(codeHash.subarray(0, 8))
}
