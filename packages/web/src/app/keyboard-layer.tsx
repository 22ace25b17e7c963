// The keyboard shortcuts that work everywhere, and the dialog that lists them.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { isComposing } from "../part/composing.ts"
import { Dialog } from "../part/dialog.tsx"
import { searchFieldId } from "../list/chat-list.tsx"
import { Palette } from "../list/palette.tsx"
import { filterChats } from "../model/chat-order.ts"
import { useApp, useModel } from "./context.ts"
import { openChatOf } from "./route.ts"
import { t } from "../text/catalogue.ts"
import css from "./keyboard-layer.module.css"

export function KeyboardLayer(): JSX.Element | null {
  const { router } = useApp()
  const model = useModel()
  const shown = useSignal<"palette" | "keys" | undefined>(undefined)

  useEffect(() => {
    const step = (by: number): void => {
      const route = router.route.peek()
      const chats = filterChats(model.sections.peek()?.main ?? [], model.filter.peek(), openChatOf(route))
      const at = chats.findIndex((chat) => route.at === "chat" && chat.id === route.chatId)
      const next = chats[at < 0 ? (by > 0 ? 0 : chats.length - 1) : at + by]
      if (next !== undefined) router.go({ at: "chat", chatId: next.id, sheet: undefined })
    }
    const search = (): void => {
      if (router.route.peek().at !== "chat" || window.innerWidth < 720) router.go({ at: "chats" })
      const field = document.getElementById(searchFieldId)
      // On a phone, or when another pane is shown, the field must be drawn first.
      if (field?.checkVisibility() === true) field.focus()
      else requestAnimationFrame(() => document.getElementById(searchFieldId)?.focus())
    }
    const searchHere = (): void => {
      const conversation = model.conversation.peek()
      if (conversation !== undefined) conversation.searching.value = true
    }
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isComposing(event)) return
      const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      const inDialog = document.querySelector("dialog[open]") !== null
      const done = ((): boolean => {
        if (command && event.key === "k") shown.value = shown.peek() === "palette" ? undefined : "palette"
        else if (command && event.key === "/") shown.value = shown.peek() === "keys" ? undefined : "keys"
        else if (inDialog) return false
        else if (command && event.key === "n") router.go({ at: "new" })
        else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "f") searchHere()
        else if (command && event.key === "f") search()
        else if (event.altKey && !event.ctrlKey && event.key === "ArrowDown") step(1)
        else if (event.altKey && !event.ctrlKey && event.key === "ArrowUp") step(-1)
        else if (event.key === "Escape" && !event.defaultPrevented) router.up()
        else return false
        return true
      })()
      if (done) event.preventDefault()
    }
    window.addEventListener("keydown", onKeyDown)
    return () => window.removeEventListener("keydown", onKeyDown)
  }, [])

  const close = (): void => {
    shown.value = undefined
  }
  if (shown.value === "palette") return <Palette onClose={close} onShowKeys={() => (shown.value = "keys")} />
  if (shown.value !== "keys") return null
  return (
    <Dialog title={t.app.shortcuts.title} onClose={close}>
      <dl class={css.keys}>
        {t.app.shortcuts.keys.map(([key, what]) => (
          <div key={key} class={css.row}>
            <dt>
              <kbd class={css.key}>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
