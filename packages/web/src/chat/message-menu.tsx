// What can be done with a message: react, reply, copy, edit, delete, look at its way.

import type { ChatView, MessageView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import type { Conversation } from "../model/conversation.ts"
import { Confirm } from "../part/dialog.tsx"
import { Menu, type MenuItem, type MenuPlace } from "../part/menu.tsx"
import { useCopy } from "../part/use-copy.ts"
import { shownText } from "../text/markdown.ts"
import css from "./message-menu.module.css"

const reactions = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const

export function MessageMenu(props: {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly message: MessageView
  readonly place: MenuPlace
  readonly onClose: () => void
}): JSX.Element {
  const { chat, conversation, message, onClose } = props
  const { router } = useApp()
  const { device, attempt } = useModel()
  const copy = useCopy()
  const asking = useSignal(false)
  const { content } = message
  const own = message.sender.own
  const writable = chat.state === "active"
  const settled = message.order !== undefined

  const items: MenuItem[] = []
  if (writable && content.type === "text" && settled)
    items.push({ label: "Reply", icon: "reply", run: () => (conversation.replyTo.value = message) })
  if (content.type === "text") items.push({ label: "Copy text", icon: "copy", run: () => copy(shownText(content.markdown), "Copied.") })
  if (writable && own && content.type === "text" && settled)
    items.push({ label: "Edit", icon: "pencil", run: () => (conversation.editing.value = message) })
  items.push({
    label: "Details",
    icon: "info",
    run: () => router.go({ at: "chat", chatId: chat.id, sheet: { type: "message", messageId: message.id } }),
  })
  if (writable && own && content.type === "text" && settled)
    items.push({ label: "Delete for everyone…", icon: "trash-2", final: true, run: () => (asking.value = true) })

  if (asking.value) {
    return (
      <Confirm
        title="Delete this message?"
        confirm="Delete for everyone"
        final
        onClose={onClose}
        onConfirm={() => {
          onClose()
          void attempt("The message was not deleted.", () => device.deleteForAll(chat.id, message.id))
        }}
      >
        <p>It is removed from the devices of everyone in this chat. Somebody may have read or copied it already.</p>
      </Confirm>
    )
  }
  const header =
    writable && content.type === "text" && settled ? (
      <div class={css.reactions} role="group" aria-label="React">
        {reactions.map((emoji) => {
          const on = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.own)
          return (
            <button
              key={emoji}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={`${css.reaction} ${on ? css.on : ""}`}
              aria-label={on ? `Take back ${emoji}` : `React with ${emoji}`}
              onClick={() => {
                onClose()
                void attempt("The reaction was not saved.", () => device.react(chat.id, message.id, emoji, !on))
              }}
            >
              {emoji}
            </button>
          )
        })}
      </div>
    ) : undefined
  // The question of the last item takes the menu's place, so closing the menu alone must not end it.
  const closeMenu = (): void => {
    queueMicrotask(() => {
      if (!asking.peek()) onClose()
    })
  }
  return <Menu label="Message" place={props.place} items={items} header={header} onClose={closeMenu} />
}
