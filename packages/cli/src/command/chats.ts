import { type ChatView, type Device, addressOf } from "@nodoor/client"
import { shownText } from "@nodoor/client/text"
import { isolated } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { type CliContext, withDeviceThenSend, withSyncedDevice } from "../context.ts"
import { fileJson, fileText } from "../file-content.ts"
import { earlierJson, earlierText } from "../earlier-messages.ts"
import { findAccount, findChat, handlesOf, isMeant } from "../reference.ts"
import { columns, harmless, harmlessLine, jsonLine, lateNote, minute } from "../terminal.ts"
import { chatArgument, count, handleArgument, json, text } from "./flags.ts"

interface JsonFlag {
  readonly json: boolean
}

export const chats: Command<CliContext> = buildCommand<JsonFlag & { readonly all: boolean }, [], CliContext>({
  docs: { brief: "List your chats, most recent first" },
  parameters: {
    flags: { json, all: { kind: "boolean", brief: "Include archived chats and requests", default: false, withNegated: false } },
  },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const found = (await device.chats()).filter((chat) => flags.all || (!chat.archived && chat.state !== "request"))
      await printChats(this, found, flags)
      if (found.length === 0) this.terminal.talk('No chats yet.\n  next: nodoor send @HANDLE "TEXT"')
    })
  },
})

export const requests: Command<CliContext> = buildCommand<JsonFlag, [], CliContext>({
  docs: { brief: "List chats that strangers started; they see nothing from you until you accept" },
  parameters: { flags: { json } },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const found = (await device.chats()).filter((chat) => chat.state === "request")
      await printChats(this, found, flags)
      if (found.length === 0) this.terminal.talk("No requests.")
      else this.terminal.talk("  next: nodoor accept CHAT, or nodoor block @HANDLE")
    })
  },
})

export const folder: Command<CliContext> = buildCommand<Record<never, never>, [string, string?], CliContext>({
  docs: { brief: "Put a chat into a folder, or take it out of its folder" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        chatArgument,
        { brief: "Name of the folder; none takes the chat out", parse: text, placeholder: "name", optional: true },
      ],
    },
  },
  func(_flags, reference, name = "") {
    return withDeviceThenSend(this, async (device) => device.setChatOptions((await findChat(device, reference)).id, { folder: name }))
  },
})

export const accept: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Accept a request" },
  parameters: { positional: { kind: "tuple", parameters: [chatArgument] } },
  func(_flags, reference) {
    return withDeviceThenSend(this, async (device) => device.acceptRequest((await findRequest(device, reference)).id))
  },
})

export const block: Command<CliContext> = buildCommand<{ readonly undo: boolean }, [string], CliContext>({
  docs: { brief: "Block a person on all your devices; nobody is told" },
  parameters: {
    flags: { undo: { kind: "boolean", brief: "Unblock the person", default: false, withNegated: false } },
    positional: { kind: "tuple", parameters: [handleArgument] },
  },
  func(flags, who) {
    return withDeviceThenSend(this, async (device) => device.setBlocked((await findAccount(device, who)).accountId, !flags.undo))
  },
})

export const messages: Command<CliContext> = buildCommand<JsonFlag & { readonly chat: string; readonly max: number }, [], CliContext>({
  docs: { brief: "Print the latest messages of a chat, including yours, without marking them as received" },
  parameters: {
    flags: {
      chat: { kind: "parsed", parse: text, brief: chatArgument.brief, placeholder: "chat" },
      max: { kind: "parsed", parse: count, brief: "How many", default: "30", placeholder: "count" },
      json,
    },
  },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const chat = await findChat(device, flags.chat)
      const handles = await handlesOf(device, chat.id)
      const found = await latest(device, chat.id, flags.max)
      if (found.length === 0) this.terminal.talk("No messages in this chat yet.")
      for (const message of found) {
        const { content, sender } = message
        const from = handles.get(sender.accountId) ?? sender.name
        const shown = content.type === "text" ? shownText(content.markdown) : null
        if (flags.json) {
          const { id, timeMs: time, order, status } = message
          await this.terminal.print(
            jsonLine({
              chat: chat.id,
              from,
              text: shown,
              id,
              time,
              order,
              name: sender.name,
              own: sender.own,
              type: content.type,
              status,
              ...(content.type === "shared_history" && { earlier: earlierJson(content) }),
              ...(content.type === "file" && { file: fileJson(content) }),
            }),
          )
        } else {
          const status = message.status === undefined ? "" : ` [${message.status}]`
          if (content.type === "shared_history") {
            await this.terminal.print(`${minute(message.timeMs)}  ${harmlessLine(from)}${status}: ${earlierText(content, handles)}`)
            continue
          }
          const said =
            shown ??
            (content.type === "file" ? fileText(content) : undefined) ??
            (content.type === "event" ? `(${content.event.kind.replaceAll("_", " ")})` : `(${content.type})`)
          await this.terminal.print(`${minute(message.timeMs)}  ${harmlessLine(from)}${status}${lateNote(message)}: ${harmless(said)}`)
        }
      }
    })
  },
})

async function printChats(context: CliContext, found: readonly ChatView[], flags: JsonFlag): Promise<void> {
  const latestFirst = found.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.activity - a.activity)
  if (flags.json) {
    for (const chat of latestFirst) await context.terminal.print(jsonLine(asJson(chat)))
  } else if (latestFirst.length > 0) {
    await context.terminal.print(columns(latestFirst.map(asRow)))
  }
}

function asRow(chat: ChatView): string[] {
  const title = isolated(harmlessLine(chat.title))
  const who = chat.peer === undefined ? title : `${addressOf(chat.peer)}  ${title}`
  const notes = [
    chat.state === "active" ? "" : chat.state,
    chat.folder === "" ? "" : `in ${isolated(harmlessLine(chat.folder))}`,
    chat.unreadCount > 0 ? `${chat.unreadCount} unread` : chat.markedUnread ? "unread" : "",
    chat.mutedUntilMs !== undefined ? `muted until ${minute(chat.mutedUntilMs)}` : chat.muted ? "muted" : "",
    chat.kind === "group" ? `${chat.memberCount} members` : "",
    chat.alarm === undefined ? "" : `${chat.alarm.level}: ${chat.alarm.code}`,
    chat.removal === undefined || chat.alarm?.code === "removal_outstanding" ? "" : "red: removal_outstanding",
  ]
  return [chat.id.slice(0, 12), minute(chat.activityMs), who, notes.filter((note) => note !== "").join(", ")]
}

function asJson(chat: ChatView): object {
  const {
    id,
    kind,
    title,
    state,
    peer,
    memberCount,
    unreadCount,
    activityMs,
    alarm,
    folder: within,
    muted,
    mutedUntilMs,
    markedUnread,
  } = chat
  const from = peer === undefined ? undefined : addressOf(peer)
  return {
    chat: id,
    kind,
    title,
    state,
    peer: from,
    members: memberCount,
    unread: unreadCount,
    time: activityMs,
    folder: within,
    muted,
    mutedUntil: mutedUntilMs,
    markedUnread,
    alarm: alarm?.code,
  }
}

/** A request by chat, or by the handle of who sent it: a handle must not open a second chat with that person. */
async function findRequest(device: Device, reference: string): Promise<ChatView> {
  const chats = /^[@#]/.test(reference) ? await device.chats() : []
  const byPerson = chats.find((chat) => chat.state === "request" && chat.peer !== undefined && isMeant(chat.peer, reference))
  return byPerson ?? findChat(device, reference)
}

/** The newest messages of a chat, oldest first. */
async function latest(device: Device, chatId: string, max: number): Promise<Awaited<ReturnType<Device["messages"]>>["messages"]> {
  let page = await device.messages(chatId, { limit: Math.min(max, 100) })
  let found = page.messages
  while (found.length < max && page.before !== undefined) {
    page = await device.messages(chatId, { limit: Math.min(max - found.length, 100), before: page.before })
    found = [...page.messages, ...found]
  }
  return found
}
