// One chat of the list: its name, the last message and its time, and unread messages. 64 px high, 48 in the compact list.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { openChatOf } from "../app/route.ts"
import { StatusMark } from "../chat/status-mark.tsx"
import { Icon } from "../icon/icon.tsx"
import { Avatar } from "../part/avatar.tsx"
import { Menu, type MenuPlace, placeBelow } from "../part/menu.tsx"
import { Rings } from "../part/rings.tsx"
import { messageWords } from "../text/message-words.ts"
import { useChatActions } from "./use-chat-actions.tsx"
import { t } from "../text/catalogue.ts"
import css from "./chat-row.module.css"

export function ChatRow(props: { readonly chat: ChatView; readonly open: boolean; readonly tabbable: boolean }): JSX.Element {
  const { router, calendar, today } = useApp()
  const { chat } = props
  const menu = useSignal<MenuPlace | undefined>(undefined)
  const actions = useChatActions(chat)
  const unread = chat.unreadCount
  const isMarked = unread === 0 && chat.markedUnread
  return (
    <li class={css.item}>
      <button
        type="button"
        class={`${css.row} ${props.open ? css.open : ""} ${unread > 0 || isMarked ? css.unread : ""}`}
        data-roving
        data-chat={chat.id}
        tabIndex={props.tabbable ? 0 : -1}
        aria-current={props.open ? "page" : undefined}
        onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: undefined })}
        onContextMenu={(event) => {
          event.preventDefault()
          menu.value = event.clientX > 0 ? { x: event.clientX, y: event.clientY, align: "start" } : placeBelow(event.currentTarget, "start")
        }}
      >
        <Avatar id={chat.peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} />
        <span class={css.words}>
          <span class={css.line}>
            <span class={css.title} dir="auto">
              {chat.title}
            </span>
            {chat.peer?.verified === true && chat.peer.identityChange === undefined && (
              <Rings size={11} class={css.verified} label={t.chat.verified} />
            )}
            {chat.muted && <Icon name="bell-off" size={13} class={css.faint} />}
            <time class={css.time}>{calendar.brief(chat.activityMs, today.value)}</time>
          </span>
          <span class={css.line}>
            <Preview chat={chat} />
            {chat.pinned && <Icon name="pin" size={14} class={css.faint} />}
            {chat.alarm?.level === "red" ? (
              <Icon name="shield-alert" size={18} class={css.alarm} />
            ) : (
              (unread > 0 || isMarked) && (
                <>
                  {chat.unreadMentions > 0 && (
                    <span class={css.mention}>
                      <Icon name="at-sign" size={18} />
                      <span class="visually-hidden">{t.list.row.mentioned}</span>
                    </span>
                  )}
                  <span class={`${css.badge} ${isMarked ? css.dot : ""} ${chat.muted ? css.mutedBadge : ""}`}>
                    {isMarked ? "" : unread > 999 ? "999+" : unread}
                    <span class="visually-hidden"> {t.list.row.unread}</span>
                  </span>
                </>
              )
            )}
          </span>
        </span>
      </button>
      {menu.value !== undefined && (
        <Menu
          label={t.chat.header.actions(isolated(chat.title))}
          place={menu.value}
          items={actions.items}
          onClose={() => (menu.value = undefined)}
        />
      )}
      {actions.dialog}
    </li>
  )
}

function Preview(props: { readonly chat: ChatView }): JSX.Element {
  const { chat } = props
  const model = useModel()
  const { router } = useApp()
  const openId = openChatOf(router.route.value)
  const typing = model.typing.value.get(chat.id)
  if (chat.alarm?.level === "red") return <span class={`${css.preview} ${css.alarm}`}>{chat.alarm.text}</span>
  if (typing !== undefined && typing.length > 0)
    return <span class={`${css.preview} ${css.typing}`}>{typing.length > 1 ? t.list.row.severalTyping : t.list.row.typing}</span>
  if (chat.draft !== "" && openId !== chat.id) {
    return (
      <span class={css.preview}>
        <span class={css.draft}>{t.list.row.draft} </span>
        <bdi>{chat.draft}</bdi>
      </span>
    )
  }
  const { last } = chat
  if (last === undefined) return <span class={css.preview}>{chat.kind === "group" ? t.list.row.emptyGroup : t.list.row.emptyChat}</span>
  return (
    <span class={css.preview}>
      {last.status !== undefined && <StatusMark status={last.status} class={css.status} />}
      {last.status === "failed" && <span class={css.failed}>{t.list.row.notSent} </span>}
      {chat.kind === "group" && last.senderName !== "" && !last.own && <bdi>{last.senderName}: </bdi>}
      <bdi>{messageWords(last)}</bdi>
    </span>
  )
}
