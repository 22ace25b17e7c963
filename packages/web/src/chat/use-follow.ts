// Where the list of messages stands, and where it goes. One anchor is taken whenever the reader scrolls, and put back whenever the content
// changes its height, for whatever reason. Whoever had the end in view follows it; whoever sends is taken there.

import type { Hex, MessageView } from "@nodoor/client"
import { type ReadonlySignal, useSignal } from "@preact/signals"
import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import type { Conversation } from "../model/conversation.ts"
import { type Anchor, type ListView, type RowPlace, endInView, scrollTopFor, takeAnchor } from "./anchor.ts"

/** How near an end of the window asks for the next page. */
const loadAheadPx = 900
/** Rows are measured when they come into view; after this long they have been. */
const settleMs = 300
const glideMs = 180
/** How far below the top of the view the first unread message stands. */
const unreadShare = 0.22

export interface Follow {
  readonly atEnd: ReadonlySignal<boolean>
  onScroll(): void
  jumpToEnd(): Promise<void>
  /** Brings a row into view. */
  show(id: Hex): void
}

export function useFollow(list: {
  readonly view: RefObject<HTMLDivElement | null>
  readonly content: RefObject<HTMLDivElement | null>
  readonly conversation: Conversation
  /** Called whenever what is visible may have changed. */
  readonly look: () => void
}): Follow {
  const { view, content, conversation, look } = list
  const messages = conversation.messages.value
  const anchor = useRef<Anchor>({ type: "end" })
  const placed = useRef(false)
  /** Where this list scrolled itself: the event of it is no movement of the reader. */
  const own = useRef<number | undefined>(undefined)
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  /** The newest message so far, and whether the end was in view with it: by that is judged what comes next. */
  const newest = useRef<Hex | undefined>(undefined)
  const sawEnd = useRef(true)
  /** Where the list stood: when the content shrinks, the browser moves it before it can be asked. */
  const stood = useRef(0)
  const away = useRef(false)
  const atEnd = useSignal(true)

  const measure = (): ListView | undefined => {
    const box = view.current
    const inner = content.current
    // Behind another pane nothing has a height: where it stood is kept.
    if (box === null || inner === null || !placed.current || box.clientHeight === 0) return undefined
    // Not scrollHeight: while the content glides, that is more than there is.
    return {
      scrollTop: box.scrollTop,
      height: box.clientHeight,
      contentHeight: inner.offsetHeight,
      hasNewer: conversation.hasNewer.peek(),
    }
  }
  const note = (): void => {
    const now = measure()
    if (now === undefined) return
    stood.current = now.scrollTop
    sawEnd.current = endInView(now)
    atEnd.value = sawEnd.current
    look()
  }
  const restore = (): void => {
    const box = view.current
    const now = measure()
    if (box === null || now === undefined) return
    const top = scrollTopFor(anchor.current, now, (id) => rowOf(content.current, id)?.offsetTop)
    if (top !== undefined && Math.abs(top - box.scrollTop) >= 1) {
      box.scrollTop = top
      // May be less than was wanted while rows below have not been measured; the anchor still says where to go.
      own.current = box.scrollTop
    }
    note()
  }
  /** A row that cannot be brought higher because the chat ends: from then on the reader follows the end. */
  const settle = (): void => {
    const now = measure()
    if (now !== undefined && endInView(now)) anchor.current = { type: "end" }
    note()
  }
  const settleSoon = (): void => {
    clearTimeout(settling.current)
    settling.current = setTimeout(settle, settleMs)
  }
  const loading = useRef(false)
  const load = async (which: "older" | "newer"): Promise<void> => {
    if (loading.current) return
    loading.current = true
    await (which === "older" ? conversation.loadOlder() : conversation.loadNewer())
    loading.current = false
  }
  const onScroll = (): void => {
    const now = measure()
    if (now === undefined) return
    if (own.current !== undefined && Math.abs(own.current - now.scrollTop) < 1) {
      own.current = undefined
      settleSoon()
    } else anchor.current = takeAnchor(now, places(content.current))
    note()
    if (now.scrollTop < loadAheadPx && conversation.hasOlder.peek()) void load("older")
    if (now.contentHeight - now.scrollTop - now.height < loadAheadPx && conversation.hasNewer.peek()) void load("newer")
  }
  /** Also upwards: the newest page may be shorter than all that was read before. */
  const moveTo = (next: Anchor): void => {
    const from = stood.current
    anchor.current = next
    restore()
    if (next.type === "end") glide(content.current, Math.abs(stood.current - from), view.current?.clientHeight ?? 0)
  }
  const jumpToEnd = async (): Promise<void> => {
    anchor.current = { type: "end" }
    if (conversation.hasNewer.peek()) await conversation.showEnd()
    moveTo({ type: "end" })
  }
  const atUnread = (): Anchor => ({ type: "row", id: "unread", offset: Math.round((view.current?.clientHeight ?? 0) * unreadShare) })

  useLayoutEffect(() => {
    if (messages === undefined) return
    const before = newest.current
    newest.current = messages.at(-1)?.id
    if (!placed.current) {
      placed.current = true
      if (conversation.dividerId.peek() !== undefined) anchor.current = atUnread()
      restore()
      // Nothing may be left to scroll, and then no event tells where the list came to stand.
      settleSoon()
      return
    }
    if (before === newest.current) return restore()
    if (document.hidden && sawEnd.current && !away.current) {
      away.current = true
      conversation.dividerId.value = firstAfter(messages, before)?.id
    }
    moveTo(sawEnd.current ? { type: "end" } : anchor.current)
  }, [messages])

  const wish = conversation.toEnd.value
  const heard = useRef(wish)
  useLayoutEffect(() => {
    if (heard.current === wish) return
    heard.current = wish
    void jumpToEnd()
  }, [wish])

  useEffect(() => {
    const observer = new ResizeObserver(restore)
    if (view.current !== null) observer.observe(view.current)
    if (content.current !== null) observer.observe(content.current)
    return () => observer.disconnect()
  }, [messages === undefined])

  useEffect(() => {
    const onVisible = (): void => {
      if (document.hidden) return
      const row = rowOf(content.current, "unread")
      const now = measure()
      // More came meanwhile than fits: reading goes on where it stopped.
      if (away.current && row !== null && now !== undefined && anchor.current.type === "end") {
        if (row.offsetTop < now.contentHeight - now.height) anchor.current = atUnread()
      }
      away.current = false
      restore()
    }
    document.addEventListener("visibilitychange", onVisible)
    return () => {
      document.removeEventListener("visibilitychange", onVisible)
      clearTimeout(settling.current)
    }
  }, [])

  return {
    atEnd,
    onScroll,
    jumpToEnd,
    show(id) {
      anchor.current = { type: "row", id, offset: Math.round((view.current?.clientHeight ?? 0) * 0.35) }
      restore()
      settleSoon()
    },
  }
}

export function rowOf(content: HTMLElement | null, id: Hex): HTMLElement | null {
  return content?.querySelector<HTMLElement>(`[data-row="${id}"]`) ?? null
}

function* places(content: HTMLElement | null): Generator<RowPlace> {
  for (const row of content?.querySelectorAll<HTMLElement>("[data-row]") ?? [])
    yield { id: row.dataset["row"] ?? "", top: row.offsetTop, height: row.offsetHeight }
}

function firstAfter(messages: readonly MessageView[], id: Hex | undefined): MessageView | undefined {
  const at = messages.findIndex((message) => message.id === id)
  return at < 0 ? undefined : messages.slice(at + 1).find((message) => !message.sender.own && message.content.type !== "event")
}

/** The list is at its new place already; only the eye is led there. */
function glide(content: HTMLElement | null, by: number, height: number): void {
  if (content === null || by < 1 || document.hidden || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return
  content.animate([{ transform: `translateY(${Math.min(by, height / 2)}px)` }, { transform: "none" }], {
    duration: glideMs,
    easing: "cubic-bezier(0.2, 0, 0, 1)",
  })
}
