// The messages of one open chat: a window of at most 150 that moves over the history in pages. Changes arrive with the device's events and
// are put in place. Nothing is read again.

import type { ChatChanged, Device, Hex, MessagePage, MessageView } from "@nodoor/client"
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
  /** The photo that is shown over the window. */
  readonly viewing: Signal<Hex | undefined>
  readonly searching: Signal<boolean>
  /** Undefined while messages are not being selected. */
  readonly selected: Signal<ReadonlySet<Hex> | undefined>
  /** A message to bring into view and mark for a moment. */
  readonly spotlight: Signal<Hex | undefined>
  /** Grows with every own message, because people want to see what they wrote. */
  readonly toEnd: Signal<number>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** The newest page, whatever is shown now. */
  showEnd(): Promise<void>
  showMessage(id: Hex): Promise<void>
  /** Messages of this chat are new, changed or gone. */
  take(change: Change): void
  /** Reads the window again: changes may have been missed. */
  refresh(): Promise<void>
}

type Change = Pick<ChatChanged, "messages" | "removed">
type Messages = Pick<Device, "messages">

export function createConversation(device: Messages, chatId: Hex, options: { readonly firstUnreadId: Hex | undefined }): Conversation {
  const shown = signal<MessagePage | undefined>(undefined)
  const failure = signal<HostError | undefined>(undefined)
  const messages = computed(() => shown.value?.messages)
  const hasOlder = computed(() => shown.value?.before !== undefined)
  const hasNewer = computed(() => shown.value?.after !== undefined)
  const spotlight = signal<Hex | undefined>(undefined)
  const replyTo = signal<MessageView | undefined>(undefined)
  const editing = signal<MessageView | undefined>(undefined)
  /** A reply or an edit ends when its message is deleted meanwhile. */
  const letGo = (changed: readonly MessageView[], removed: readonly Hex[]): void => {
    for (const about of [replyTo, editing]) {
      const id = about.peek()?.id
      const now = changed.find((message) => message.id === id)
      if (now?.content.type === "deleted" || (id !== undefined && removed.includes(id))) about.value = undefined
    }
  }
  /** Changes that arrived while a page was being read: the page may be older than they are. */
  let during: Change[] | undefined
  const show = (next: MessagePage): void => {
    shown.value = (during ?? []).reduce(withChange, next)
    letGo(shown.value.messages, [])
  }
  /** One page at a time. */
  let queue: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(async () => {
      during = []
      try {
        await work()
        failure.value = undefined
      } catch (error) {
        failure.value = error instanceof HostError ? error : new HostError("unexpected", t.chat.messages.notLoadedSentence)
      } finally {
        during = undefined
      }
    })
    return queue
  }

  const showEnd = (): Promise<void> => inTurn(async () => show(await device.messages(chatId, { limit: pageSize })))

  return {
    chatId,
    messages,
    failure,
    hasOlder,
    hasNewer,
    dividerId: signal(options.firstUnreadId),
    replyTo,
    editing,
    viewing: signal(undefined),
    searching: signal(false),
    selected: signal<ReadonlySet<Hex> | undefined>(undefined),
    spotlight,
    toEnd: signal(0),
    showEnd,
    loadOlder: () =>
      inTurn(async () => {
        const before = shown.peek()?.before
        if (before === undefined) return
        const page = await device.messages(chatId, { before, limit: pageSize })
        const { messages: newer = [], after } = shown.peek() ?? {}
        show(cut({ messages: merged(page.messages, newer), before: page.before, after }, "newest"))
      }),
    loadNewer: () =>
      inTurn(async () => {
        const after = shown.peek()?.after
        if (after === undefined) return
        const page = await device.messages(chatId, { after, limit: pageSize })
        const { messages: older = [], before } = shown.peek() ?? {}
        show(cut({ messages: merged(older, page.messages), before, after: page.after }, "oldest"))
      }),
    showMessage: (id) =>
      inTurn(async () => {
        const isShown = messages.peek()?.some((message) => message.id === id) === true
        const page = isShown ? undefined : await device.messages(chatId, { around: id, limit: pageSize })
        batch(() => {
          if (page !== undefined) show(page)
          spotlight.value = id
        })
      }),
    take(change) {
      during?.push(change)
      letGo(change.messages, change.removed)
      const window = shown.peek()
      if (window !== undefined) shown.value = withChange(window, change)
    },
    refresh: () =>
      inTurn(async () => {
        const window = shown.peek()
        if (window === undefined) return
        const [first] = window.messages
        const limit = Math.max(pageSize, window.messages.length)
        const isEnd = window.after === undefined || first === undefined
        show(await device.messages(chatId, isEnd ? { limit } : { after: first.position - 1, limit }))
      }),
  }
}

/** The window, with its messages as they are now. Messages beyond its ends come with their page. */
function withChange(window: MessagePage, { messages: changed, removed }: Change): MessagePage {
  const [first] = window.messages
  const last = window.messages.at(-1)
  const gone = new Set([...removed, ...changed.map((message) => message.id)])
  const within = changed.filter(
    ({ position }) =>
      (window.before === undefined || first === undefined || position >= first.position) &&
      (window.after === undefined || last === undefined || position <= last.position),
  )
  const messages = [...window.messages.filter((message) => !gone.has(message.id)), ...within].toSorted((a, b) => a.position - b.position)
  return cut({ ...window, messages }, window.after === undefined ? "oldest" : "newest")
}

function merged(older: readonly MessageView[], newer: readonly MessageView[]): readonly MessageView[] {
  const later = new Set(newer.map((message) => message.id))
  return [...older.filter((message) => !later.has(message.id)), ...newer].toSorted((a, b) => a.position - b.position)
}

/** Drops messages at one end until the window fits. The cursor there leads back to them. */
function cut(window: MessagePage, from: "oldest" | "newest"): MessagePage {
  if (window.messages.length <= windowSize) return window
  if (from === "newest") {
    const messages = window.messages.slice(0, windowSize)
    return { ...window, messages, after: messages.at(-1)?.position }
  }
  const messages = window.messages.slice(-windowSize)
  return { ...window, messages, before: messages[0]?.position }
}
