// What people can do with a message: react, reply, copy, edit, delete, see its details.

import type { ChatView, MessageView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { EmojiPicker } from "../emoji/emoji-picker.tsx"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { Confirm } from "../part/dialog.tsx"
import { Menu, type MenuItem, type MenuPlace } from "../part/menu.tsx"
import { useCopy } from "../part/use-copy.ts"
import { shownText } from "../text/markdown.ts"
import { t } from "../text/catalogue.ts"
import { ForwardDialog } from "./select/forward-dialog.tsx"
import { canStar } from "./select/selection.ts"
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
  const asking = useSignal<"for-all" | "for-me" | "emoji" | "forward" | undefined>(undefined)
  const { content } = message
  const own = message.sender.own
  const writable = chat.state === "active"
  const settled = message.order !== undefined
  const isWritten = content.type === "text" || content.type === "file"
  const words = content.type === "text" ? content.markdown : content.type === "file" ? content.caption : ""

  const items: MenuItem[] = []
  if (writable && isWritten && settled)
    items.push({ label: t.message.menu.reply, icon: "reply", run: () => (conversation.replyTo.value = message) })
  if (words !== "") items.push({ label: t.message.menu.copy, icon: "copy", run: () => copy(shownText(words), t.message.menu.copied) })
  if (writable && own && content.type === "text" && settled)
    items.push({ label: t.message.menu.edit, icon: "pencil", run: () => (conversation.editing.value = message) })
  if (content.type === "text" && settled)
    items.push({ label: t.message.menu.forward, icon: "forward", run: () => (asking.value = "forward") })
  if (canStar(message))
    items.push({
      label: message.starred ? t.message.menu.unstar : t.message.menu.star,
      icon: "star",
      run: () => void attempt(t.list.actions.notSaved, () => device.setStarred(chat.id, message.id, !message.starred)),
    })
  if (content.type !== "event" && settled)
    items.push({ label: t.message.menu.select, icon: "square-check", run: () => (conversation.selected.value = new Set([message.id])) })
  items.push({
    label: t.message.menu.details,
    icon: "info",
    run: () => router.go({ at: "chat", chatId: chat.id, sheet: { type: "message", messageId: message.id } }),
  })
  if (writable && own && isWritten && settled)
    items.push({ label: t.message.menu.delete, icon: "trash-2", final: true, run: () => (asking.value = "for-all") })
  if (content.type !== "event" && settled)
    items.push({ label: t.message.menu.deleteForMe, icon: "trash-2", final: true, run: () => (asking.value = "for-me") })

  const react = (emoji: string, on: boolean): void =>
    void attempt(t.message.reactionNotSaved, () => device.react(chat.id, message.id, emoji, on))
  const isOn = (emoji: string): boolean => message.reactions.some((reaction) => reaction.emoji === emoji && reaction.own)

  if (asking.value === "forward") return <ForwardDialog messages={[message]} onClose={onClose} />
  if (asking.value === "emoji") {
    return (
      <EmojiPicker
        place={props.place}
        picked={message.reactions.filter((reaction) => reaction.own).map((reaction) => reaction.emoji)}
        onPick={(emoji) => react(emoji, !isOn(emoji))}
        onClose={onClose}
      />
    )
  }
  if (asking.value) {
    const forAll = asking.value === "for-all"
    return (
      <Confirm
        title={t.message.deletion.title}
        confirm={forAll ? t.message.deletion.confirm : t.message.deletion.confirmForMe}
        final
        onClose={onClose}
        onConfirm={() => {
          onClose()
          void attempt(t.message.deletion.failed, () =>
            forAll ? device.deleteForAll(chat.id, message.id) : device.deleteForMe(chat.id, message.id),
          )
        }}
      >
        <p>{forAll ? t.message.deletion.words : t.message.deletion.wordsForMe}</p>
      </Confirm>
    )
  }
  const header =
    writable && isWritten && settled ? (
      <div class={css.reactions} role="group" aria-label={t.message.menu.react}>
        {reactions.map((emoji) => {
          const on = isOn(emoji)
          return (
            <button
              key={emoji}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={`${css.reaction} ${on ? css.on : ""}`}
              aria-label={on ? t.message.menu.takeBack(emoji) : t.message.menu.reactWith(emoji)}
              onClick={() => {
                onClose()
                react(emoji, !on)
              }}
            >
              {emoji}
            </button>
          )
        })}
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={`${css.reaction} ${css.more}`}
          aria-label={t.message.emoji.more}
          title={t.message.emoji.more}
          onClick={() => (asking.value = "emoji")}
        >
          <Icon name="smile-plus" size={22} />
        </button>
      </div>
    ) : undefined
  // The last item's question replaces the menu, so closing the menu must not close the question.
  const closeMenu = (): void => {
    queueMicrotask(() => {
      if (!asking.peek()) onClose()
    })
  }
  return <Menu label={t.message.menu.label} place={props.place} items={items} header={header} onClose={closeMenu} />
}
