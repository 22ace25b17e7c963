import type { ChatView } from "@nodoor/client"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { Avatar } from "../part/avatar.tsx"
import { t } from "../text/catalogue.ts"
import css from "./chat-start.module.css"

/** The first rung of the trust ladder: one calm line where a chat begins. */
export function ChatStart(props: { readonly chat: ChatView; readonly empty: boolean }): JSX.Element {
  const { router } = useApp()
  const { chat } = props
  const peer = chat.peer
  return (
    <div class={css.start}>
      <Avatar id={peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} size={72} />
      <h2 class={css.title} dir="auto">
        {chat.title}
      </h2>
      {peer !== undefined ? (
        <p class={css.words}>
          {t.chat.start.onlyYou(<bdi>{peer.name}</bdi>)}{" "}
          {peer.verified && peer.identityChange === undefined ? (
            t.chat.start.compared
          ) : (
            <button type="button" class={css.link} onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: { type: "info" } })}>
              {t.chat.start.makeSure(<bdi>{peer.name}</bdi>)}
            </button>
          )}
        </p>
      ) : (
        <p class={css.words}>{chat.history === undefined ? t.chat.start.group : t.chat.start.groupSharing}</p>
      )}
      {props.empty && chat.state === "active" && <p class={css.first}>{t.chat.start.first}</p>}
    </div>
  )
}
