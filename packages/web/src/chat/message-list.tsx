// The window of messages. Where the reader is, stays: one anchor is taken whenever they scroll, and put back whenever the content changes
// its height, for whatever reason. The browser's own scroll anchoring is off, so that two do not correct the same thing.

import type { ChatView, Hex } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { useRoving } from "../list/use-roving.ts"
import type { Conversation } from "../model/conversation.ts"
import { IconButton } from "../part/button.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { type Anchor, type RowPlace, endSlackPx, scrollTopFor, takeAnchor } from "./anchor.ts"
import { ChatStart } from "./chat-start.tsx"
import { groupByDay } from "./grouping.ts"
import { EventLine, MessageRow } from "./message-row.tsx"
import type { Names } from "./use-names.ts"
import { useMarkRead } from "./use-mark-read.ts"
import css from "./message-list.module.css"

/** How near an end of the window asks for the next page. */
const loadAheadPx = 900
const spotlightMs = 1600
/** Rows are measured when they come into view; after this long they have been. */
const settleMs = 300

export function MessageList(props: { readonly chat: ChatView; readonly conversation: Conversation; readonly names: Names }): JSX.Element {
  const { chat, conversation, names } = props
  const { calendar } = useApp()
  const view = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const anchor = useRef<Anchor>({ type: "end" })
  const placed = useRef(false)
  /** Where this list scrolled itself: the event of it is no movement of the reader. */
  const own = useRef<number | undefined>(undefined)
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const atEnd = useSignal(true)
  const messages = conversation.messages.value
  const roving = useRoving(content)
  const markRead = useMarkRead(chat, conversation, view)

  const restore = (): void => {
    const box = view.current
    if (box === null || !placed.current) return
    const top = scrollTopFor(
      anchor.current,
      { height: box.clientHeight, contentHeight: box.scrollHeight },
      (id) => rowOf(content.current, id)?.offsetTop,
    )
    if (top === undefined || Math.abs(top - box.scrollTop) < 1) return
    box.scrollTop = top
    // May be less than was wanted while rows below have not been measured; the anchor still says where to go.
    own.current = box.scrollTop
  }
  const onScroll = (): void => {
    const box = view.current
    if (box === null || !placed.current) return
    if (own.current !== undefined && Math.abs(own.current - box.scrollTop) < 1) {
      own.current = undefined
      clearTimeout(settling.current)
      settling.current = setTimeout(settle, settleMs)
    } else
      anchor.current = takeAnchor(
        { scrollTop: box.scrollTop, height: box.clientHeight, contentHeight: box.scrollHeight, hasNewer: conversation.hasNewer.peek() },
        places(content.current),
      )
    atEnd.value = anchor.current.type === "end"
    if (box.scrollTop < loadAheadPx && conversation.hasOlder.peek()) void load("older")
    if (box.scrollHeight - box.scrollTop - box.clientHeight < loadAheadPx && conversation.hasNewer.peek()) void load("newer")
    markRead()
  }
  /** A row that cannot be brought higher because the chat ends: from then on the reader follows the end. */
  const settle = (): void => {
    const box = view.current
    if (box === null || conversation.hasNewer.peek() || box.scrollHeight - box.scrollTop - box.clientHeight > endSlackPx) return
    anchor.current = { type: "end" }
    atEnd.value = true
  }
  const loading = useRef(false)
  const load = async (which: "older" | "newer"): Promise<void> => {
    if (loading.current) return
    loading.current = true
    await (which === "older" ? conversation.loadOlder() : conversation.loadNewer())
    loading.current = false
  }
  const jumpToEnd = async (): Promise<void> => {
    anchor.current = { type: "end" }
    if (conversation.hasNewer.peek()) await conversation.showEnd()
    view.current?.scrollTo({ top: view.current.scrollHeight, behavior: "smooth" })
  }

  useLayoutEffect(() => {
    if (messages === undefined) return
    if (!placed.current) {
      placed.current = true
      const divider = conversation.dividerId.peek()
      if (divider !== undefined && view.current !== null)
        anchor.current = { type: "row", id: "unread", offset: Math.round(view.current.clientHeight * 0.22) }
    }
    restore()
    markRead()
  }, [messages])
  useEffect(() => {
    const observer = new ResizeObserver(restore)
    if (view.current !== null) observer.observe(view.current)
    if (content.current !== null) observer.observe(content.current)
    return () => observer.disconnect()
  }, [messages === undefined])
  const spotlight = conversation.spotlight.value
  useLayoutEffect(() => {
    const row = spotlight === undefined ? null : rowOf(content.current, spotlight)
    if (row === null || view.current === null || spotlight === undefined) return undefined
    anchor.current = { type: "row", id: spotlight, offset: Math.round(view.current.clientHeight * 0.35) }
    restore()
    row.focus({ preventScroll: true })
    const timer = setTimeout(() => (conversation.spotlight.value = undefined), spotlightMs)
    return () => clearTimeout(timer)
  }, [spotlight, messages])

  if (messages === undefined) {
    const failure = conversation.failure.value
    return (
      <div class={css.frame}>
        {failure === undefined ? (
          <Skeleton rows={6} look="messages" />
        ) : (
          <FailedState title="These messages could not be read" failure={failure} onRetry={() => void conversation.showEnd()} />
        )}
      </div>
    )
  }
  const days = groupByDay(messages, { firstUnreadId: conversation.dividerId.value, dayKey: calendar.dayKey })
  const last = messages.at(-1)?.id
  return (
    <div class={css.frame}>
      <div ref={view} class={css.view} onScroll={onScroll} tabIndex={-1}>
        <div ref={content} class={css.content} {...roving}>
          {!conversation.hasOlder.value && <ChatStart chat={chat} empty={messages.length === 0} />}
          {days.map((day) => (
            <section key={day.key} class={css.day} aria-label={calendar.day(day.timeMs, Date.now())}>
              <h3 class={css.date}>
                <span>{calendar.day(day.timeMs, Date.now())}</span>
              </h3>
              <ol class={css.rows}>
                {day.rows.map((row) =>
                  row.type === "unread" ? (
                    <li key="unread" data-row="unread" class={css.unread}>
                      <span>New messages</span>
                    </li>
                  ) : row.type === "event" ? (
                    <EventLine key={row.message.id} message={row.message} names={names} />
                  ) : (
                    <MessageRow
                      key={row.message.id}
                      chat={chat}
                      conversation={conversation}
                      names={names}
                      message={row.message}
                      first={row.first}
                      last={row.last}
                      lit={row.message.id === spotlight}
                      tabbable={row.message.id === last}
                    />
                  ),
                )}
              </ol>
            </section>
          ))}
        </div>
      </div>
      {(!atEnd.value || conversation.hasNewer.value) && (
        <div class={css.jump}>
          <IconButton
            icon="arrow-down"
            label={chat.unreadCount > 0 ? `Jump to the newest, ${chat.unreadCount} unread` : "Jump to the newest"}
            class={css.jumpButton}
            onClick={() => void jumpToEnd()}
          />
          {chat.unreadCount > 0 && (
            <span class={css.jumpCount} aria-hidden="true">
              {chat.unreadCount}
            </span>
          )}
        </div>
      )}
    </div>
  )
}

function rowOf(content: HTMLElement | null, id: Hex): HTMLElement | null {
  return content?.querySelector<HTMLElement>(`[data-row="${id}"]`) ?? null
}

function* places(content: HTMLElement | null): Generator<RowPlace> {
  for (const row of content?.querySelectorAll<HTMLElement>("[data-row]") ?? [])
    yield { id: row.dataset["row"] ?? "", top: row.offsetTop, height: row.offsetHeight }
}
