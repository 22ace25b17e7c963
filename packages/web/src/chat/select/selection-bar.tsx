// Stands in the place of the field while messages are being selected: how many, and what can be done with them.

import type { ChatView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useModel } from "../../app/context.ts"
import type { Conversation } from "../../model/conversation.ts"
import { IconButton } from "../../part/button.tsx"
import { Confirm } from "../../part/dialog.tsx"
import { useCopy } from "../../part/use-copy.ts"
import { ForwardDialog } from "./forward-dialog.tsx"
import { canStar, copied, hasWords, selectedIn } from "./selection.ts"
import { t } from "../../text/catalogue.ts"
import css from "./selection-bar.module.css"

export function SelectionBar(props: { readonly chat: ChatView; readonly conversation: Conversation }): JSX.Element {
  const { chat, conversation } = props
  const { device, attempt } = useModel()
  const copy = useCopy()
  const bar = useRef<HTMLDivElement>(null)
  const asking = useSignal<"forward" | "delete" | undefined>(undefined)
  const selected = conversation.selected.value ?? new Set()
  const messages = selectedIn(conversation.messages.value ?? [], selected)
  const withWords = messages.filter(hasWords)
  const isStarred = messages.length > 0 && messages.every((message) => message.starred)
  const end = (): void => {
    conversation.selected.value = undefined
  }
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]") !== null) return
      event.preventDefault()
      end()
    }
    window.addEventListener("keydown", onKeyDown, true)
    return () => window.removeEventListener("keydown", onKeyDown, true)
  }, [])
  const all = async (work: (messageId: string) => Promise<void>): Promise<void> => {
    for (const message of messages) await work(message.id)
  }
  const star = async (): Promise<void> => {
    end()
    await attempt(t.list.actions.notSaved, () => all((messageId) => device.setStarred(chat.id, messageId, !isStarred)))
  }
  const erase = async (): Promise<void> => {
    end()
    await attempt(t.message.deletion.failed, () => all((messageId) => device.deleteForMe(chat.id, messageId)))
  }
  return (
    <div class={css.bar} ref={bar} role="toolbar" aria-label={t.message.selection.label}>
      <IconButton icon="x" label={t.message.selection.end} onClick={end} />
      <p class={css.count} role="status">
        {t.message.selection.count(messages.length)}
      </p>
      <IconButton
        icon="copy"
        label={t.message.menu.copy}
        disabled={withWords.length === 0}
        onClick={() => {
          copy(copied(withWords), t.message.menu.copied)
          end()
        }}
      />
      <IconButton
        icon="star"
        label={isStarred ? t.message.menu.unstar : t.message.menu.star}
        disabled={messages.length === 0 || !messages.every(canStar)}
        onClick={() => void star()}
      />
      <IconButton
        icon="forward"
        label={t.message.menu.forward}
        disabled={withWords.length === 0}
        onClick={() => (asking.value = "forward")}
      />
      <IconButton
        icon="trash-2"
        label={t.message.menu.deleteForMe}
        disabled={messages.length === 0}
        onClick={() => (asking.value = "delete")}
      />
      {asking.value === "forward" && (
        <ForwardDialog
          messages={withWords}
          onClose={() => {
            asking.value = undefined
            end()
          }}
        />
      )}
      {asking.value === "delete" && (
        <Confirm
          title={t.message.selection.deleteTitle(messages.length)}
          confirm={t.message.deletion.confirmForMe}
          final
          onClose={() => (asking.value = undefined)}
          onConfirm={() => void erase()}
        >
          <p>{t.message.selection.deleteWords}</p>
        </Confirm>
      )}
    </div>
  )
}
