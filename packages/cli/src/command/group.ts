import { type Device, type MemberView, type Role, type WhoMay, addressOf } from "@nodoor/client"
import { isolated } from "@nodoor/wire"
import { type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, withDeviceThenSend, withProfile, withSyncedDevice } from "../context.ts"
import { findAccount, findAccounts, findChat, isMeant } from "../reference.ts"
import { columns, harmlessLine, jsonLine } from "../terminal.ts"
import { chatArgument, count, handleArgument, json, text } from "./flags.ts"

interface JsonFlag {
  readonly json: boolean
}
type None = Record<never, never>
const nameArgument = { brief: "Name of the group", parse: text, placeholder: "name" } as const

const create = buildCommand<JsonFlag, [string, ...string[]], CliContext>({
  docs: { brief: "Create a group with these people; prints its id" },
  parameters: {
    flags: { json },
    positional: { kind: "array", parameter: { brief: "Name, then handles", parse: text, placeholder: "name|@handle" }, minimum: 1 },
  },
  func(flags, name, ...handles) {
    return withProfile(this, async ({ device }) => {
      const chat = await device.createGroup({ name, accountIds: await findAccounts(device, handles) })
      await this.terminal.print(flags.json ? jsonLine({ chat: chat.id, title: chat.title }) : chat.id)
      await confirmed(device)
    })
  },
})

const add = buildCommand<None, [string, ...string[]], CliContext>({
  docs: { brief: "Add people to a group" },
  parameters: {
    positional: { kind: "array", parameter: { brief: "Chat, then handles", parse: text, placeholder: "chat|@handle" }, minimum: 2 },
  },
  func(_flags, reference, ...handles) {
    return withDeviceThenSend(this, async (device) =>
      device.addMembers((await findChat(device, reference)).id, await findAccounts(device, handles)),
    )
  },
})

const remove = buildCommand<None, [string, string], CliContext>({
  docs: { brief: "Remove a person from a group" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument, handleArgument] } },
  func(_flags, reference, who) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, reference)
      await device.removeMember(chat.id, (await findMember(device, chat.id, who, reference)).accountId)
      await confirmed(device, chat.id)
    })
  },
})

const retry = buildCommand<None, [string], CliContext>({
  docs: { brief: "Try again to remove somebody; nothing is sent in the chat until they are out" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument] } },
  func(_flags, reference) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, reference)
      await device.retryRemoval(chat.id)
      await confirmed(device, chat.id)
    })
  },
})

const keep = buildCommand<None, [string, string], CliContext>({
  docs: { brief: "Cancel a removal you asked for but may no longer carry out" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument, handleArgument] } },
  func(_flags, reference, who) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, reference)
      await device.withdrawRemoval(chat.id, (await findMember(device, chat.id, who, reference)).accountId)
      await confirmed(device, chat.id)
    })
  },
})

const leave = buildCommand<None, [string], CliContext>({
  docs: { brief: "Leave a group; you can still read its messages here" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument] } },
  func(_flags, reference) {
    return withDeviceThenSend(this, async (device) => device.leave((await findChat(device, reference)).id))
  },
})

const rename = buildCommand<None, [string, string], CliContext>({
  docs: { brief: "Rename a group" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument, nameArgument] } },
  func(_flags, reference, name) {
    return withDeviceThenSend(this, async (device) => device.rename((await findChat(device, reference)).id, name))
  },
})

const role = buildCommand<None, [string, string, Role], CliContext>({
  docs: { brief: "Make somebody an admin or a member" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [chatArgument, handleArgument, { brief: "admin or member", parse: parseRole, placeholder: "role" }],
    },
  },
  func(_flags, reference, who, wanted) {
    return withDeviceThenSend(this, async (device) => {
      const chat = await findChat(device, reference)
      await device.setRole(chat.id, (await findAccount(device, who)).accountId, wanted)
    })
  },
})

const rules = buildCommand<{ readonly add?: WhoMay; readonly rename?: WhoMay; readonly post?: WhoMay } & JsonFlag, [string], CliContext>({
  docs: { brief: "Show or set who may add people, rename the group and write" },
  parameters: {
    flags: { add: whoMay("add people"), rename: whoMay("rename the group"), post: whoMay("write"), json },
    positional: { kind: "tuple", parameters: [chatArgument] },
  },
  func(flags, reference) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, reference)
      const wanted = { add: flags.add ?? chat.rules.add, rename: flags.rename ?? chat.rules.rename, post: flags.post ?? chat.rules.post }
      if (flags.add !== undefined || flags.rename !== undefined || flags.post !== undefined) {
        await device.setRules(chat.id, wanted)
        await confirmed(device)
      }
      await this.terminal.print(flags.json ? jsonLine(wanted) : columns(Object.entries(wanted)))
    })
  },
})

const history = buildCommand<
  { readonly messages?: number; readonly days?: number; readonly off: boolean } & JsonFlag,
  [string],
  CliContext
>({
  docs: {
    brief: "Show or set what new members see of what was written before",
    fullDescription: "Whoever adds people sends it to them, under their own name. Off unless an admin sets it.",
  },
  parameters: {
    flags: {
      messages: { kind: "parsed", parse: count, brief: "The last 1 to 200 messages", optional: true, placeholder: "count" },
      days: { kind: "parsed", parse: count, brief: "Messages of the last 1 to 30 days", optional: true, placeholder: "days" },
      off: { kind: "boolean", brief: "Nothing", default: false, withNegated: false },
      json,
    },
    positional: { kind: "tuple", parameters: [chatArgument] },
  },
  func({ messages, days, off, json: asJson }, reference) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, reference)
      const change = off || messages !== undefined || days !== undefined
      const wanted = { ...(messages !== undefined && { messages }), ...(days !== undefined && { days }) }
      if (off && Object.keys(wanted).length > 0) throw new CliError("usage", "Give --off alone.")
      if (change) {
        await device.setHistorySharing(chat.id, wanted)
        await confirmed(device)
      }
      const shown = change ? wanted : (chat.history ?? {})
      const [only] = Object.entries(shown)
      await this.terminal.print(asJson ? jsonLine(shown) : only === undefined ? "nothing" : `last ${only[1]} ${only[0]}`)
    })
  },
})

/** A line of `group members`. */
export function memberRow(member: MemberView): readonly string[] {
  return [
    addressOf(member),
    isolated(harmlessLine(member.name)),
    member.role,
    member.own ? "you" : member.verified ? "verified" : "",
    member.unattached === true ? "has not come in yet: add again" : "",
  ]
}

const members = buildCommand<JsonFlag, [string], CliContext>({
  docs: { brief: "List the members of a chat" },
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [chatArgument] } },
  func(flags, reference) {
    return withSyncedDevice(this, async (device) => {
      const found = await device.members((await findChat(device, reference)).id)
      if (flags.json) {
        for (const member of found) {
          const {
            accountId: account,
            handle,
            mark,
            name,
            role: memberRole,
            verified,
            own,
            deviceCount: devices,
            unattached = false,
          } = member
          await this.terminal.print(
            jsonLine({
              account,
              handle: handle && `@${handle}`,
              mark,
              name,
              role: memberRole,
              verified,
              own,
              devices,
              cameIn: !unattached,
            }),
          )
        }
      } else {
        await this.terminal.print(columns(found.map(memberRow)))
      }
    })
  },
})

export const group: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Create and change groups" },
  routes: { create, add, remove, retry, keep, leave, rename, role, rules, history, members },
})

/** @throws CliError `not_found` */
async function findMember(device: Device, chatId: string, who: string, reference: string): Promise<MemberView> {
  const member = (await device.members(chatId)).find((one) => isMeant(one, who))
  if (member !== undefined) return member
  throw new CliError("not_found", `${who} is not in this group.`, { next: `nodoor group members ${reference}` })
}

function parseRole(input: string): Role {
  if (input !== "admin" && input !== "member") throw new CliError("usage", `${JSON.stringify(input)} is not a role: use admin or member`)
  return input
}

function whoMay(what: string): {
  readonly kind: "enum"
  readonly values: readonly WhoMay[]
  readonly brief: string
  readonly optional: true
} {
  return { kind: "enum", values: ["admins", "everyone"], brief: `Who may ${what}`, optional: true }
}
