// Folders and settings of the sample account.

import type { ChatView, ClientEvent, Device, Hex } from "@nodoor/client"
import { HostError } from "../src/host/host.ts"
import type { Chat } from "./sample-world.ts"

type Lists = Pick<Device, "settings" | "setSetting" | "folders" | "makeFolder" | "renameFolder" | "moveFolder" | "deleteFolder">

interface World {
  readonly chats: ReadonlyMap<Hex, Chat>
  readonly change: (chatId: Hex, rest: Partial<ChatView>) => void
  readonly emit: (event: ClientEvent) => void
}

export function createSampleLists(scene: string, { chats, change, emit }: World): Lists & { keep(folder: string): void } {
  let settings: Readonly<Record<string, string>> =
    scene === "home" ? { emoji: JSON.stringify({ recent: ["🎉", "👍", "⛵", "☕", "😂"], tone: 0 }) } : {}
  let folders: readonly string[] = scene === "folders" ? ["Family", "Work", "Neighbourhood", "Later"] : []
  const set = (names: readonly string[]): void => {
    folders = names
    emit({ type: "folders", folders })
  }
  const moveChats = (from: string, to: string): void => {
    for (const chat of chats.values()) if (chat.view.folder === from) change(chat.view.id, { folder: to })
  }
  return {
    /** A chat was put into it. */
    keep(folder) {
      if (folder !== "" && !folders.includes(folder)) set([...folders, folder])
    },
    settings: async () => settings,
    async setSetting(name, value) {
      settings = { ...settings, [name]: value }
      emit({ type: "settings", settings })
    },
    folders: async () => folders,
    async makeFolder(name) {
      if (folders.includes(name)) throw new HostError("invalid_input", "There is a folder with this name already.")
      set([...folders, name])
    },
    async renameFolder(folder, name) {
      moveChats(folder, name)
      set(folders.map((one) => (one === folder ? name : one)))
    },
    async moveFolder(folder, place) {
      const others = folders.filter((one) => one !== folder)
      set([...others.slice(0, place), folder, ...others.slice(place)])
    },
    async deleteFolder(folder) {
      moveChats(folder, "")
      set(folders.filter((one) => one !== folder))
    },
  }
}
