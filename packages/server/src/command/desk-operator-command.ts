// `nodoor-server desk operator …`: the people who decide, and their keys and passkeys.

import { CodecError, fromBase64, toBase64, toHex } from "@nodoor/bytes"
import { type OperatorRole, operatorRoles } from "@nodoor/wire/operator"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { ServerError } from "../core/server-error.ts"
import { Actor } from "../desk/people/actor.ts"
import { readOperatorKey } from "../desk/people/operator-key.ts"
import { activePeople, allCredentials } from "../desk/people/person.ts"
import type { Database } from "../sqlite/database.ts"
import { type ServerContext, withDesk } from "./context.ts"
import { key, optionalKey, text } from "./parameters.ts"

type Plain = Record<never, never>
interface Vouching {
  readonly role?: OperatorRole
  readonly key?: string
}

const name = { brief: "Name of the person", parse: text, placeholder: "name" } as const
const role = { kind: "enum", values: operatorRoles, brief: "What the person may do" } as const
const optionalRole = { ...role, optional: true } as const

const invite: Command<ServerContext> = buildCommand<Vouching, [string], ServerContext>({
  docs: {
    brief: "Print a link with which a person makes a passkey",
    fullDescription:
      "The link works once, for a day. The first two people need nobody's approval. After that, an owner approves each new person with --key.",
  },
  parameters: { positional: { kind: "tuple", parameters: [name] }, flags: { role: optionalRole, key: optionalKey } },
  func(flags, person) {
    return withDesk(this, ({ db, people }) => {
      const { link, expiresAtMs } = people.invite({ name: person, role: flags.role, voucher: voucherOf(db, flags.key) })
      this.say(`${link}\nWorks once, until ${new Date(expiresAtMs).toISOString()}`)
    })
  },
})

const add: Command<ServerContext> = buildCommand<Vouching, [string, string], ServerContext>({
  docs: { brief: "Let a person act with a key instead of a passkey" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [name, { brief: "Public key, as `desk key` printed it", parse: text, placeholder: "public key" }],
    },
    flags: { role: optionalRole, key: optionalKey },
  },
  func(flags, person, publicKey) {
    return withDesk(this, ({ db, people }) => {
      people.addKey({ name: person, publicKey: publicKeyOf(publicKey), role: flags.role, voucher: voucherOf(db, flags.key) })
      sayPeople(this, db)
    })
  },
})

const changeRole: Command<ServerContext> = buildCommand<{ readonly role: OperatorRole; readonly key: string }, [string], ServerContext>({
  docs: { brief: "Change a person's role; this also stops their recovery" },
  parameters: { positional: { kind: "tuple", parameters: [name] }, flags: { role, key } },
  func(flags, person) {
    return withDesk(this, ({ db, people }) => {
      people.changeRole({ name: person, role: flags.role, actor: Actor.ofKey(db, readOperatorKey(flags.key)) })
      sayPeople(this, db)
    })
  },
})

const remove: Command<ServerContext> = buildCommand<{ readonly key: string }, [string], ServerContext>({
  docs: { brief: "Remove a person; their approvals of open cases no longer count" },
  parameters: { positional: { kind: "tuple", parameters: [name] }, flags: { key } },
  func(flags, person) {
    return withDesk(this, ({ db, people }) => {
      people.remove({ name: person, actor: Actor.ofKey(db, readOperatorKey(flags.key)) })
      sayPeople(this, db)
    })
  },
})

const recover: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: {
    brief: "Print a link for a person who lost every key and passkey",
    fullDescription:
      "The link starts to work after three days, works for one day, and replaces everything the person had. Everybody sees it in the console until then.",
  },
  parameters: { positional: { kind: "tuple", parameters: [name] } },
  func(_flags, person) {
    return withDesk(this, ({ people }) => {
      const { link, usableAtMs, expiresAtMs } = people.recover(person)
      this.say(`${link}\nWorks once, from ${new Date(usableAtMs).toISOString()} until ${new Date(expiresAtMs).toISOString()}`)
    })
  },
})

const list: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "List people with their keys and passkeys" },
  parameters: {},
  func() {
    return withDesk(this, ({ db }) => sayPeople(this, db))
  },
})

export const operator: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Invite, add, change, remove, recover or list the people who decide" },
  routes: { invite, add, role: changeRole, remove, recover, list },
})

function sayPeople({ say }: ServerContext, db: Database): void {
  for (const person of activePeople(db)) {
    say(`${person.name}  ${person.role}`)
    for (const { operatorId, removedAtMs, kind, credentialId, label } of allCredentials(db))
      if (operatorId === person.operatorId && removedAtMs === undefined)
        say(kind === "key" ? `  key  ${toBase64(credentialId)}` : `  passkey  ${toHex(credentialId)}  ${label}`)
  }
}

function voucherOf(db: Database, keyPath: string | undefined): Actor | undefined {
  return keyPath === undefined ? undefined : Actor.ofKey(db, readOperatorKey(keyPath))
}

function publicKeyOf(input: string): Uint8Array {
  try {
    const found = fromBase64(input)
    if (found.length === 32) return found
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
  }
  throw new ServerError("desk_refused", "This is not a public key. Use the 44 characters that `nodoor-server desk key` printed.")
}
