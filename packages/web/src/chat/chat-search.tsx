// Searching in one chat: how many messages were found, one after the other, and any day of it. What was found is marked where it stands.

import type { ChatView, MessageView } from "@nodoor/client"
import { findFolded } from "@nodoor/wire/folded-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { IconButton } from "../part/button.tsx"
import { isComposing } from "../part/composing.ts"
import { t } from "../text/catalogue.ts"
import css from "./chat-search.module.css"

const foundMax = 500
const settleMs = 150
const highlightName = "nodoor-found"

export function ChatSearch(props: { readonly chat: ChatView; readonly conversation: Conversation }): JSX.Element {
  const { chat, conversation } = props
  const { device, attempt } = useModel()
  const field = useRef<HTMLInputElement>(null)
  const day = useRef<HTMLInputElement>(null)
  const text = useSignal("")
  const found = useSignal<readonly MessageView[] | undefined>(undefined)
  const at = useSignal(0)
  const wanted = text.value.trim()

  const show = (index: number): void => {
    const message = found.peek()?.[index]
    if (message === undefined) return
    at.value = index
    void conversation.showMessage(message.id).then(() => field.current?.focus({ preventScroll: true }))
  }
  /** Older with each step. */
  const step = (by: 1 | -1): void => {
    const count = found.peek()?.length ?? 0
    if (count > 0) show((at.peek() + by + count) % count)
  }
  const end = (): void => {
    conversation.searching.value = false
  }
  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    found.value = undefined
    if (wanted === "") return undefined
    let isOver = false
    const timer = setTimeout(() => {
      void attempt(t.list.search.failed, async () => {
        const messages = await device.search(wanted, foundMax, chat.id)
        if (isOver) return
        found.value = messages
        show(0)
      })
    }, settleMs)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [wanted])
  useEffect(() => mark(wanted), [wanted, found.value, at.value, conversation.messages.value])
  useEffect(() => () => mark(""), [])

  const jump = async (chosen: string): Promise<void> => {
    // The beginning of the day where the reader is.
    const ms = new Date(`${chosen}T00:00`).getTime()
    if (!Number.isFinite(ms) || ms < 0) return
    const message = await device.messageFrom(chat.id, ms)
    if (message !== undefined) await conversation.showMessage(message.id)
  }
  const count = found.value?.length ?? 0
  return (
    <search class={css.bar}>
      <Icon name="search" size={17} class={css.icon} />
      <input
        ref={field}
        type="search"
        class={css.field}
        placeholder={t.chat.search.label}
        aria-label={t.chat.search.label}
        autoComplete="off"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isComposing(event)) return
          if (event.key === "Escape") end()
          else if (event.key === "Enter") step(event.shiftKey ? -1 : 1)
          else if (event.key === "ArrowUp") step(1)
          else if (event.key === "ArrowDown") step(-1)
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <p class={css.count} role="status">
        {found.value === undefined ? "" : count === 0 ? t.chat.search.none : t.chat.search.place(at.value + 1, count)}
      </p>
      <IconButton icon="chevron-up" label={t.chat.search.older} disabled={count === 0} onClick={() => step(1)} />
      <IconButton icon="chevron-down" label={t.chat.search.newer} disabled={count === 0} onClick={() => step(-1)} />
      <span class={css.day}>
        <IconButton icon="calendar" label={t.chat.search.day} onClick={() => day.current?.showPicker()} />
        <input
          ref={day}
          type="date"
          class={css.date}
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const chosen = event.currentTarget.value
            void attempt(t.chat.search.notShown, () => jump(chosen))
          }}
        />
      </span>
      <IconButton icon="x" label={t.chat.search.end} onClick={end} />
    </search>
  )
}

/** Marks the words in the messages that are shown, where the browser can (CSS Custom Highlight). */
function mark(wanted: string): void {
  if (!("highlights" in CSS)) return
  CSS.highlights.delete(highlightName)
  if (wanted === "") return
  const ranges: Range[] = []
  for (const bubble of document.querySelectorAll("[data-bubble]")) {
    const nodes = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT)
    for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
      for (const { start, end } of findFolded(node.nodeValue ?? "", wanted)) {
        const range = new Range()
        range.setStart(node, start)
        range.setEnd(node, end)
        ranges.push(range)
      }
    }
  }
  if (ranges.length > 0) CSS.highlights.set(highlightName, new Highlight(...ranges))
}
