// Which chats the list shows, in which order.

import type { ChatView } from "@nodoor/client"
import { foldedText } from "@nodoor/wire/folded-text"

export interface ChatSections {
  readonly requests: readonly ChatView[]
  readonly main: readonly ChatView[]
  readonly archived: readonly ChatView[]
}

/** Pinned first, then the latest activity. */
export function arrangeChats(chats: Iterable<ChatView>): ChatSections {
  const shown = [...chats].toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.activity - a.activity)
  return {
    requests: shown.filter((chat) => chat.state === "request"),
    main: shown.filter((chat) => chat.state !== "request" && !chat.archived),
    archived: shown.filter((chat) => chat.state !== "request" && chat.archived),
  }
}

/** What the list shows of the main chats: all of them, a kind, or a folder by its name. */
export type ListFilter = { readonly by: "all" | "unread" | "people" | "groups" } | { readonly by: "folder"; readonly folder: string }

export function isUnread(chat: ChatView): boolean {
  return chat.unreadCount > 0 || chat.markedUnread
}

/** `openId`: a chat that is being read stays among the unread ones until it is left. */
export function filterChats(chats: readonly ChatView[], filter: ListFilter, openId?: string): readonly ChatView[] {
  switch (filter.by) {
    case "all":
      return chats
    case "unread":
      return chats.filter((chat) => isUnread(chat) || chat.id === openId)
    case "people":
      return chats.filter((chat) => chat.kind === "dm")
    case "groups":
      return chats.filter((chat) => chat.kind === "group")
    case "folder":
      return chats.filter((chat) => chat.folder === filter.folder)
  }
}

/** Chats by title, best match first: the title starts with the text, a word of it does, or it contains the text. */
export function matchChats(chats: readonly ChatView[], text: string): readonly ChatView[] {
  const wanted = fold(text)
  if (wanted === "") return chats
  const rank = (chat: ChatView): number => {
    const names = [fold(chat.title), fold(chat.peer?.handle ?? "")]
    if (names.some((name) => name.startsWith(wanted))) return 0
    if (names.some((name) => name.includes(` ${wanted}`))) return 1
    return names.some((name) => name.includes(wanted)) ? 2 : 3
  }
  return chats
    .map((chat) => ({ chat, rank: rank(chat) }))
    .filter((found) => found.rank < 3)
    .toSorted((a, b) => a.rank - b.rank)
    .map((found) => found.chat)
}

/** Folded as for the message search, and without the @ of a handle. */
function fold(text: string): string {
  return foldedText(text.trim().replace(/^@/, ""))
}
