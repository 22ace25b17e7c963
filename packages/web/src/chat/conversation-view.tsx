// One chat: its header, a warning if there is one, its messages, and the place to write.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import type { JSX } from "preact"
import type { Conversation } from "../model/conversation.ts"
import { ChatHeader } from "./chat-header.tsx"
import { ChatSearch } from "./chat-search.tsx"
import { Composer } from "./composer.tsx"
import { Viewer } from "../media/in-chat.tsx"
import { MessageList } from "./message-list.tsx"
import { SelectionBar } from "./select/selection-bar.tsx"
import { RequestBar } from "./request-bar.tsx"
import { RemindCard } from "../recovery/remind.tsx"
import { TrustBanner, isLocked } from "./trust-banner.tsx"
import { type Names, useNames } from "./use-names.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { useModel } from "../app/context.ts"
import { isDeleted } from "../model/deleted-account.ts"
import { t } from "../text/catalogue.ts"
import css from "./conversation-view.module.css"

export function ConversationView(props: { readonly chat: ChatView; readonly conversation: Conversation }): JSX.Element {
  const { chat, conversation } = props
  const names = useNames(chat)
  return (
    <section class={css.view} aria-label={t.chat.label(chat.title)}>
      <ChatHeader chat={chat} names={names} searching={conversation.searching} />
      {conversation.searching.value && <ChatSearch chat={chat} conversation={conversation} />}
      <TrustBanner chat={chat} />
      <MessageList chat={chat} conversation={conversation} names={names} />
      <RemindCard />
      <Foot chat={chat} conversation={conversation} names={names} />
      {conversation.viewing.value !== undefined && <Viewer chat={chat} conversation={conversation} />}
    </section>
  )
}

function Foot(props: { readonly chat: ChatView; readonly conversation: Conversation; readonly names: Names }): JSX.Element {
  const { chat } = props
  const { device, attempt, connection } = useModel()
  const peer = chat.peer
  if (isDeleted(connection.value) || peer?.ended !== undefined) {
    return (
      <div class={css.closed}>
        <Icon name="trash-2" size={18} />
        <p>
          {peer?.ended === undefined ? t.chat.closed.ownAccount : endedText(chat.title, peer.ended)} {t.chat.closed.stillReadable}
        </p>
      </div>
    )
  }
  if (chat.state === "request") return <RequestBar chat={chat} />
  if (peer?.blocked === true || chat.state === "blocked") {
    return (
      <div class={css.closed}>
        <Icon name="ban" size={18} />
        <p>{t.chat.closed.blocked(<bdi>{chat.title}</bdi>)}</p>
        {peer !== undefined && (
          <Button onClick={() => void attempt(t.chat.closed.notUnblocked, () => device.setBlocked(peer.accountId, false))}>
            {t.chat.closed.unblock}
          </Button>
        )}
      </div>
    )
  }
  if (chat.state === "left") {
    return (
      <div class={css.closed}>
        <Icon name="log-out" size={18} />
        <p>{t.chat.closed.left}</p>
      </div>
    )
  }
  if (chat.state === "joining") {
    return (
      <div class={css.closed}>
        <Icon name="clock" size={18} />
        <p>{t.chat.closed.joining}</p>
      </div>
    )
  }
  if (isLocked(chat)) {
    return (
      <div class={css.closed}>
        <Icon name="lock" size={18} />
        <p>{t.chat.closed.locked}</p>
      </div>
    )
  }
  if (chat.kind === "group" && chat.rules.post === "admins" && chat.ownRole !== "admin") {
    return (
      <div class={css.closed}>
        <Icon name="shield" size={18} />
        <p>{t.chat.closed.adminsOnly}</p>
      </div>
    )
  }
  if (props.conversation.selected.value !== undefined) return <SelectionBar chat={chat} conversation={props.conversation} />
  return <Composer chat={chat} conversation={props.conversation} members={props.names.members ?? []} />
}

function endedText(name: string, ended: "proven" | "unproven"): string {
  const who = isolated(name)
  return ended === "proven" ? t.chat.closed.deleted(who) : t.chat.closed.unreachable(who)
}
