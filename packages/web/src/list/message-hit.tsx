// One message of a list of messages: its chat, its time, who wrote it and its words. A click shows it in its chat.

import type { MessageView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import type { ComponentChildren, JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Avatar } from "../part/avatar.tsx"
import { t } from "../text/catalogue.ts"
import css from "./search-results.module.css"

export function MessageHit(props: {
  readonly message: MessageView
  readonly first: boolean
  readonly children: ComponentChildren
}): JSX.Element {
  const { message } = props
  const { router, calendar, today } = useApp()
  const model = useModel()
  const chat = model.chats.value?.get(message.chatId)
  return (
    <button
      type="button"
      class={css.hit}
      data-roving
      tabIndex={props.first ? 0 : -1}
      onClick={() => {
        router.go({ at: "chat", chatId: message.chatId, sheet: undefined })
        model.open(message.chatId)
        void model.conversation.peek()?.showMessage(message.id)
      }}
    >
      <Avatar id={chat?.peer?.accountId ?? message.chatId} name={chat?.title ?? "?"} group={chat?.kind === "group"} size={36} />
      <span class={css.words}>
        <span class={css.line}>
          <bdi class={css.title}>{chat?.title}</bdi>
          <time class={css.time}>{calendar.brief(message.timeMs, today.value)}</time>
        </span>
        <span class={css.text} dir="auto">
          {message.sender.own ? t.list.search.own : chat?.kind === "group" ? t.list.search.sender(isolated(message.sender.name)) : ""}
          {props.children}
        </span>
      </span>
    </button>
  )
}
