import type { ChatView, ConnectionStatus } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { isolated } from "@nodoor/wire/shown-text"
import { type Signal, useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Avatar } from "../part/avatar.tsx"
import { IconButton } from "../part/button.tsx"
import { Menu, type MenuPlace, placeBelow } from "../part/menu.tsx"
import { Rings } from "../part/rings.tsx"
import type { Names } from "./use-names.ts"
import { t } from "../text/catalogue.ts"
import css from "./chat-header.module.css"

export function ChatHeader(props: { readonly chat: ChatView; readonly names: Names; readonly searching: Signal<boolean> }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const { chat, names } = props
  const route = router.route.value
  const menu = useSignal<MenuPlace | undefined>(undefined)
  const actions = useChatActions(chat)
  const sheetOpen = route.at === "chat" && route.sheet !== undefined
  const toggleInfo = (): void => router.go({ at: "chat", chatId: chat.id, sheet: sheetOpen ? undefined : { type: "info" } })
  const typing = (model.typing.value.get(chat.id) ?? []).map((id) => isolated(names.name(id)))
  return (
    <header class={css.header}>
      <IconButton icon="arrow-left" label={t.chat.header.back} class={css.back} onClick={() => router.go({ at: "chats" })} />
      <button type="button" class={css.who} onClick={toggleInfo} aria-expanded={sheetOpen}>
        <Avatar id={chat.peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} size={40} />
        <span class={css.words}>
          <span class={css.title}>
            <bdi role="heading" aria-level={1}>
              {chat.title}
            </bdi>
            {chat.peer?.verified === true && chat.peer.identityChange === undefined && (
              <Rings size={12} class={css.verified} label={t.chat.verified} />
            )}
          </span>
          <span class={`${css.sub} ${typing.length > 0 ? css.typing : ""}`}>{subtitle(chat, typing, model.connection.value, names)}</span>
        </span>
      </button>
      <IconButton
        icon="search"
        label={t.chat.search.label}
        pressed={props.searching.value}
        onClick={() => (props.searching.value = !props.searching.peek())}
      />
      <IconButton
        icon="info"
        label={chat.kind === "group" ? t.chat.header.groupInfo : t.chat.header.contactInfo}
        pressed={sheetOpen}
        class={css.info}
        onClick={toggleInfo}
      />
      <IconButton
        icon="ellipsis"
        label={t.chat.header.more}
        expanded={menu.value !== undefined}
        onClick={(event) => (menu.value = placeBelow(event.currentTarget, "end"))}
      />
      {menu.value !== undefined && (
        <Menu
          label={t.chat.header.actions(isolated(chat.title))}
          place={menu.value}
          items={actions.items}
          onClose={() => (menu.value = undefined)}
        />
      )}
      {actions.dialog}
    </header>
  )
}

function subtitle(chat: ChatView, typing: readonly string[], connection: ConnectionStatus, names: Names): string {
  if (typing.length > 0) return chat.kind === "dm" ? t.chat.header.typing : t.chat.header.typingNames(typing)
  if (connection.status === "offline") return t.chat.header.offline
  if (chat.kind === "dm" && chat.peer !== undefined) return addressOf(chat.peer)
  const others = (names.members ?? []).filter((member) => !member.own).map((member) => isolated(member.name))
  return t.chat.header.members(chat.memberCount, others.length <= 4 ? others : [])
}
