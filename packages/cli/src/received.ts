// Which messages this terminal has printed already, and which come next: each incoming message is printed once, in order.

import type { ChatView, Device, MessageView } from "@nodoor/client"

/** Per chat: the greatest order printed or passed, and the orders below it that could not be decrypted yet. */
export type ReceivedCursor = Readonly<Record<string, { readonly order: number; readonly waiting: readonly number[] }>>

export interface Incoming {
  readonly chat: ChatView
  readonly message: MessageView
  /** The cursor after this message was printed. */
  readonly cursor: ReceivedCursor
}

const pageMessages = 100

/**
 * Messages of others that were not printed yet: within a chat in its order, across chats by time. Messages still waiting to be
 * decrypted are passed and come later.
 */
export async function incoming(
  device: Device,
  cursor: ReceivedCursor,
): Promise<{ readonly messages: readonly Incoming[]; readonly rest: ReceivedCursor }> {
  const found: { chat: ChatView; message: MessageView; order: number; sortMs: number }[] = []
  const heads = new Map<string, { order: number; waiting: number[] }>()
  for (const chat of await device.chats()) {
    if (chat.kind === "self") continue
    const seen = cursor[chat.id] ?? { order: -1, waiting: [] }
    const head = { order: seen.order, waiting: [] as number[] }
    let sortMs = 0
    for (const { message, order } of await unseen(device, chat.id, seen)) {
      head.order = Math.max(head.order, order)
      if (message.content.type === "waiting") head.waiting.push(order)
      else if (!message.sender.own && message.content.type !== "event") {
        sortMs = Math.max(sortMs, message.timeMs)
        found.push({ chat, message, order, sortMs })
      }
    }
    heads.set(chat.id, head)
  }
  const messages: Incoming[] = []
  let now = cursor
  for (const { chat, message, order } of found.toSorted((a, b) => a.sortMs - b.sortMs)) {
    const before = now[chat.id] ?? { order: -1, waiting: [] }
    const skipped = (heads.get(chat.id)?.waiting ?? []).filter((waits) => waits > before.order && waits < order)
    const waiting = [...before.waiting.filter((waits) => waits !== order), ...skipped]
    now = { ...now, [chat.id]: { order: Math.max(before.order, order), waiting } }
    messages.push({ chat, message, cursor: now })
  }
  const rest = Object.fromEntries([...heads].map(([id, { order, waiting }]) => [id, { order, waiting: waiting.toSorted((a, b) => a - b) }]))
  return { messages, rest: { ...now, ...rest } }
}

/** Messages above the cursor, and those at orders that waited, oldest first. */
async function unseen(device: Device, chatId: string, seen: ReceivedCursor[string]): Promise<{ message: MessageView; order: number }[]> {
  const oldest = Math.min(seen.order + 1, ...seen.waiting)
  const found: { message: MessageView; order: number }[] = []
  let before: number | undefined
  do {
    const page = await device.messages(chatId, { limit: pageMessages, ...(before === undefined ? {} : { before }) })
    let reached = false
    for (const message of page.messages) {
      if (message.order === undefined) continue
      if (message.order < oldest) reached = true
      else if (message.order > seen.order || seen.waiting.includes(message.order)) found.push({ message, order: message.order })
    }
    before = reached ? undefined : page.before
  } while (before !== undefined)
  return found.toSorted((a, b) => a.order - b.order)
}
