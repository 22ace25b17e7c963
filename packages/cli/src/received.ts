// Which messages this terminal has printed already, and which come next: each incoming message is printed once, in order.

import type { ChatView, Device, MessageView } from "@nodoor/client"

/** Of one chat: the greatest place printed or passed, and the places below it that could not be decrypted yet. */
interface Seen {
  readonly position: number
  readonly waiting: readonly number[]
}

/** As earlier versions wrote it: by the order in the group's history, of which a conversation of two people can have two. */
interface SeenByOrder {
  readonly order: number
  readonly waiting: readonly number[]
}

export type ReceivedCursor = Readonly<Record<string, Seen | SeenByOrder>>

export interface Incoming {
  readonly chat: ChatView
  readonly message: MessageView
  /** The cursor after this message was printed. */
  readonly cursor: ReceivedCursor
}

const pageMessages = 100
const nothing: Seen = { position: -1, waiting: [] }

/**
 * Messages of others that were not printed yet: within a chat in the order in which they came in, across chats by time. Messages still waiting
 * to be decrypted are passed and come later.
 */
export async function incoming(
  device: Device,
  before: ReceivedCursor,
  /** Where to look; otherwise in all. */
  chats?: readonly ChatView[],
): Promise<{ readonly messages: readonly Incoming[]; readonly rest: ReceivedCursor }> {
  const found: { chat: ChatView; message: MessageView; sortMs: number }[] = []
  const cursor: Record<string, Seen> = {}
  const heads: Record<string, Seen> = {}
  for (const chat of chats ?? (await device.chats())) {
    const seen = await byPosition(device, chat.id, before[chat.id] ?? nothing)
    cursor[chat.id] = seen
    let { position } = seen
    const waiting: number[] = []
    let sortMs = 0
    for (const message of await unseen(device, chat.id, seen)) {
      position = Math.max(position, message.position)
      if (message.content.type === "waiting") waiting.push(message.position)
      else if (!message.sender.own && message.content.type !== "event") {
        sortMs = Math.max(sortMs, message.timeMs)
        found.push({ chat, message, sortMs })
      }
    }
    heads[chat.id] = { position, waiting }
  }
  const messages: Incoming[] = []
  let now: ReceivedCursor = { ...before, ...cursor }
  for (const { chat, message } of found.toSorted((a, b) => a.sortMs - b.sortMs)) {
    const seen = cursor[chat.id] ?? nothing
    const skipped = (heads[chat.id]?.waiting ?? []).filter((place) => place > seen.position && place < message.position)
    const waiting = [...seen.waiting.filter((place) => place !== message.position), ...skipped]
    cursor[chat.id] = { position: Math.max(seen.position, message.position), waiting }
    now = { ...now, ...cursor }
    messages.push({ chat, message, cursor: now })
  }
  return { messages, rest: { ...now, ...heads } }
}

/** Messages above the cursor, and those at places that waited, oldest first. Own ones on their way have no place yet. */
async function unseen(device: Device, chatId: string, { position, waiting }: Seen): Promise<MessageView[]> {
  const oldest = Math.min(position + 1, ...waiting)
  const found: MessageView[] = []
  for await (const message of fromNewest(device, chatId)) {
    if (message.position < oldest) break
    if (message.order !== undefined && (message.position > position || waiting.includes(message.position))) found.push(message)
  }
  return found.toReversed()
}

async function* fromNewest(device: Device, chatId: string): AsyncGenerator<MessageView> {
  let before: number | undefined
  do {
    const page = await device.messages(chatId, { limit: pageMessages, ...(before === undefined ? {} : { before }) })
    yield* page.messages.toReversed()
    before = page.before
  } while (before !== undefined)
}

/**
 * The cursor of an earlier version, which passed over messages of a second history: from where one begins, all count as new, because printed
 * twice is better than not at all.
 */
async function byPosition(device: Device, chatId: string, seen: Seen | SeenByOrder): Promise<Seen> {
  if (!("order" in seen)) return seen
  const all = (await Array.fromAsync(fromNewest(device, chatId))).toReversed()
  let position = nothing.position
  let order = -1
  const waiting: number[] = []
  for (const message of all) {
    if (message.order === undefined) continue
    if (message.order > seen.order || message.order < order) break
    order = message.order
    position = message.position
    if (seen.waiting.includes(order)) waiting.push(position)
  }
  return { position, waiting }
}
