// The messages of one open chat: a window of at most 150 that moves over the history in pages.

import type { Device, Hex, MessagePage, MessageView } from "@nodoor/client"
import { type ReadonlySignal, type Signal, batch, computed, signal } from "@preact/signals"
import { HostError } from "../host/host.ts"
import { t } from "../text/catalogue.ts"

export const pageSize = 60
export const windowSize = 150

export interface Conversation {
  readonly chatId: Hex
  /** Oldest first; undefined until the first page is there. */
  readonly messages: ReadonlySignal<readonly MessageView[] | undefined>
  readonly failure: ReadonlySignal<HostError | undefined>
  readonly hasOlder: ReadonlySignal<boolean>
  readonly hasNewer: ReadonlySignal<boolean>
  /** First unread message when the chat was opened; stays until the chat is left. */
  readonly dividerId: Signal<Hex | undefined>
  readonly replyTo: Signal<MessageView | undefined>
  readonly editing: Signal<MessageView | undefined>
  /** A message to bring into view and mark for a moment. */
  readonly spotlight: Signal<Hex | undefined>
  /** Grows with every own message: whoever writes wants to see what they wrote. */
  readonly toEnd: Signal<number>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** The newest page, whatever is shown now. */
  showEnd(): Promise<void>
  showMessage(id: Hex): Promise<void>
  /** Messages of this chat are new or changed. */
  refresh(ids: readonly Hex[]): Promise<void>
}

type Messages = Pick<Device, "messages" | "messagesById">

export function createConversation(device: Messages, chatId: Hex, options: { readonly firstUnreadId: Hex | undefined }): Conversation {
  const pages = signal<readonly MessagePage[] | undefined>(undefined)
  const failure = signal<HostError | undefined>(undefined)
  const messages = computed(() => pages.value?.flatMap((page) => page.messages))
  const hasOlder = computed(() => pages.value?.[0]?.before !== undefined)
  const hasNewer = computed(() => pages.value?.at(-1)?.after !== undefined)
  const spotlight = signal<Hex | undefined>(undefined)
  const replyTo = signal<MessageView | undefined>(undefined)
  const editing = signal<MessageView | undefined>(undefined)
  /** Nobody answers or changes words that were taken back meanwhile. */
  const letGo = (): void => {
    for (const about of [replyTo, editing]) {
      const now = messages.peek()?.find((message) => message.id === about.peek()?.id)
      if (now?.content.type === "deleted") about.value = undefined
    }
  }
  /** One thing at a time, so that a refresh never overwrites a page that was asked for after it. */
  let queue: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(async () => {
      try {
        await work()
        failure.value = undefined
      } catch (error) {
        failure.value = error instanceof HostError ? error : new HostError("unexpected", t.chat.messages.notLoadedSentence)
      }
    })
    return queue
  }

  const showEnd = (): Promise<void> =>
    inTurn(async () => {
      pages.value = [await device.messages(chatId, { limit: pageSize })]
    })

  return {
    chatId,
    messages,
    failure,
    hasOlder,
    hasNewer,
    dividerId: signal(options.firstUnreadId),
    replyTo,
    editing,
    spotlight,
    toEnd: signal(0),
    showEnd,
    loadOlder: () =>
      inTurn(async () => {
        const before = pages.value?.[0]?.before
        if (before === undefined) return
        const page = await device.messages(chatId, { before, limit: pageSize })
        pages.value = trim([page, ...(pages.value ?? [])], "newest")
      }),
    loadNewer: () =>
      inTurn(async () => {
        const after = pages.value?.at(-1)?.after
        if (after === undefined) return
        const page = await device.messages(chatId, { after, limit: pageSize })
        pages.value = trim([...(pages.value ?? []), page], "oldest")
      }),
    showMessage: (id) =>
      inTurn(async () => {
        const shown = messages.peek()?.some((message) => message.id === id) === true
        const page = shown ? undefined : await device.messages(chatId, { around: id, limit: pageSize })
        batch(() => {
          if (page !== undefined) pages.value = [page]
          spotlight.value = id
        })
      }),
    refresh: (ids) =>
      inTurn(async () => {
        if (pages.value === undefined) return
        if (!hasNewer.peek()) {
          // At the end the newest page is read again as a whole: a message that the server has placed may have moved.
          const limit = Math.min(windowSize, Math.max(pageSize, (messages.peek()?.length ?? 0) + ids.length))
          pages.value = [await device.messages(chatId, { limit })]
          letGo()
          return
        }
        const known = new Set(messages.peek()?.map((message) => message.id))
        const changed = await device.messagesById(
          chatId,
          ids.filter((id) => known.has(id)),
        )
        const byId = new Map(changed.map((message) => [message.id, message]))
        pages.value = pages.value.map((page) => ({ ...page, messages: page.messages.map((message) => byId.get(message.id) ?? message) }))
        letGo()
      }),
  }
}

/** Drops whole pages from one end until the window fits; the neighbouring page's cursor then leads back to them. */
function trim(pages: readonly MessagePage[], from: "oldest" | "newest"): readonly MessagePage[] {
  const kept = [...pages]
  const count = (): number => kept.reduce((sum, page) => sum + page.messages.length, 0)
  while (kept.length > 1 && count() > windowSize) from === "newest" ? kept.pop() : kept.shift()
  return kept
}
