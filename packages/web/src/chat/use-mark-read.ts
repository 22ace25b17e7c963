// Messages count as read once they were on the screen while somebody looked at it.

import type { ChatView } from "@nodoor/client"
import type { RefObject } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import type { Conversation } from "../model/conversation.ts"

const settleMs = 250

/** Call what it returns whenever the visible messages may have changed. */
export function useMarkRead(chat: ChatView, conversation: Conversation, view: RefObject<HTMLElement | null>): () => void {
  const { device } = useModel()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const marked = useRef<string | undefined>(undefined)
  const unread = useRef(chat.unreadCount)
  unread.current = chat.unreadCount

  const look = (): void => {
    const box = view.current
    const messages = conversation.messages.peek()
    // Behind another pane nothing has a height, and nothing is seen.
    if (box === null || box.clientHeight === 0 || messages === undefined || document.visibilityState !== "visible" || !document.hasFocus())
      return
    const bottom = box.scrollTop + box.clientHeight
    const rows = [...box.querySelectorAll<HTMLElement>("[data-row]")]
    const lastSeen = rows.findLast((row) => row.offsetTop + Math.min(row.offsetHeight, 40) <= bottom && row.dataset["row"] !== "unread")
      ?.dataset["row"]
    const index = messages.findIndex((message) => message.id === lastSeen)
    const before = messages.findIndex((message) => message.id === marked.current)
    if (lastSeen === undefined || index < 0 || (index <= before && unread.current === 0)) return
    marked.current = lastSeen
    // Read marks are repeated by the next thing that is seen; a failed one needs no notice.
    if (unread.current > 0) device.markRead(chat.id, lastSeen).catch(() => {})
  }
  const soon = (): void => {
    clearTimeout(timer.current)
    timer.current = setTimeout(look, settleMs)
  }
  useEffect(() => {
    window.addEventListener("focus", soon)
    document.addEventListener("visibilitychange", soon)
    return () => {
      clearTimeout(timer.current)
      window.removeEventListener("focus", soon)
      document.removeEventListener("visibilitychange", soon)
    }
  }, [])
  useEffect(soon, [chat.unreadCount])
  // Opening it is what ends the mark, not what is read in it.
  useEffect(() => {
    if (chat.markedUnread) device.setChatOptions(chat.id, { unread: false }).catch(() => {})
  }, [])
  return soon
}
