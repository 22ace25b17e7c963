// How the list of chats is sorted: its folders, and which chats are silent. All devices of the account do the same.

import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { type CliContext, withDeviceThenSend, withSyncedDevice } from "../context.ts"
import { findChat } from "../reference.ts"
import { harmlessLine, jsonLine, minute } from "../terminal.ts"
import { chatArgument, count, json, text } from "./flags.ts"

const folderArgument = { brief: "Name of the folder", parse: text, placeholder: "folder" } as const
const nameArgument = { brief: "Its name from now on", parse: text, placeholder: "name" } as const
const placeArgument = { brief: "Its place among the folders, from 1", parse: count, placeholder: "place" } as const

const list: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: { brief: "List the folders, in their order" },
  parameters: { flags: { json } },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const [folders, chats] = await Promise.all([device.folders(), device.chats()])
      if (folders.length === 0) this.terminal.talk("No folders yet.\n  next: nodoor folder CHAT NAME")
      for (const folder of folders) {
        const within = chats.filter((chat) => chat.folder === folder)
        const unread = within.filter((chat) => chat.unreadCount > 0 || chat.markedUnread).length
        const line = `${harmlessLine(folder)}  ${within.length === 1 ? "1 chat" : `${within.length} chats`}${unread > 0 ? `, ${unread} unread` : ""}`
        await this.terminal.print(flags.json ? jsonLine({ folder, chats: within.map((chat) => chat.id), unread }) : line)
      }
    })
  },
})

const rename: Command<CliContext> = buildCommand<Record<never, never>, [string, string], CliContext>({
  docs: { brief: "Rename a folder; its chats stay in it" },
  parameters: { positional: { kind: "tuple", parameters: [folderArgument, nameArgument] } },
  func(_flags, folder, name) {
    return withDeviceThenSend(this, (device) => device.renameFolder(folder, name))
  },
})

const move: Command<CliContext> = buildCommand<Record<never, never>, [string, number], CliContext>({
  docs: { brief: "Move a folder to another place among the folders" },
  parameters: { positional: { kind: "tuple", parameters: [folderArgument, placeArgument] } },
  func(_flags, folder, place) {
    return withDeviceThenSend(this, (device) => device.moveFolder(folder, place - 1))
  },
})

const remove: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Delete a folder; its chats stay in the list" },
  parameters: { positional: { kind: "tuple", parameters: [folderArgument] } },
  func(_flags, folder) {
    return withDeviceThenSend(this, (device) => device.deleteFolder(folder))
  },
})

export const folders: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Show, rename, move and delete the folders of your chats" },
  routes: { list, rename, move, delete: remove },
  defaultCommand: "list",
})

const hourMs = 3_600_000

export const mute: Command<CliContext> = buildCommand<{ readonly hours?: number; readonly undo: boolean }, [string], CliContext>({
  docs: { brief: "Mute a chat on all your devices, for a while or until you turn it back on" },
  parameters: {
    flags: {
      hours: { kind: "parsed", parse: count, brief: "For so many hours", optional: true, placeholder: "hours" },
      undo: { kind: "boolean", brief: "Turn it back on", default: false, withNegated: false },
    },
    positional: { kind: "tuple", parameters: [chatArgument] },
  },
  func({ hours, undo }, reference) {
    return withDeviceThenSend(this, async (device) => {
      const untilMs = hours === undefined ? undefined : Date.now() + hours * hourMs
      const { id } = await findChat(device, reference)
      await device.setChatOptions(id, { muted: undo ? false : (untilMs ?? true) })
      if (!undo && untilMs !== undefined) this.terminal.talk(`Muted until ${minute(untilMs)}.`)
    })
  },
})
