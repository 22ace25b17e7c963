// The window of messages, by day. Where it stands is the business of `use-follow.ts`; the browser's own scroll anchoring is off, so that two
// do not correct the same thing.

import type { ChatView } from "@nodoor/client"
import type { JSX } from "preact"
import { useLayoutEffect, useRef } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { useRoving } from "../list/use-roving.ts"
import type { Conversation } from "../model/conversation.ts"
import { IconButton } from "../part/button.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { ChatStart } from "./chat-start.tsx"
import { groupByDay } from "./grouping.ts"
import { EventLine, MessageRow } from "./message-row.tsx"
import { rowOf, useFollow } from "./use-follow.ts"
import type { Names } from "./use-names.ts"
import { useMarkRead } from "./use-mark-read.ts"
import { t } from "../text/catalogue.ts"
import css from "./message-list.module.css"

const spotlightMs = 1600

export function MessageList(props: { readonly chat: ChatView; readonly conversation: Conversation; readonly names: Names }): JSX.Element {
  const { chat, conversation, names } = props
  const { calendar, today } = useApp()
  const view = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const messages = conversation.messages.value
  const roving = useRoving(content)
  const markRead = useMarkRead(chat, conversation, view)
  const { atEnd, onScroll, jumpToEnd, show } = useFollow({ view, content, conversation, look: markRead })
  const spotlight = conversation.spotlight.value
  useLayoutEffect(() => {
    const row = spotlight === undefined ? null : rowOf(content.current, spotlight)
    if (row === null || view.current === null || spotlight === undefined) return undefined
    show(spotlight)
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
          <FailedState title={t.chat.messages.notLoaded} failure={failure} onRetry={() => void conversation.showEnd()} />
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
            <section key={day.key} class={css.day} aria-label={calendar.day(day.timeMs, today.value)}>
              <h3 class={css.date}>
                <span>{calendar.day(day.timeMs, today.value)}</span>
              </h3>
              <ol class={css.rows}>
                {day.rows.map((row) =>
                  row.type === "unread" ? (
                    <li key="unread" data-row="unread" class={css.unread}>
                      <span>{t.chat.messages.unreadLine}</span>
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
            label={t.chat.messages.jump(chat.unreadCount)}
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
