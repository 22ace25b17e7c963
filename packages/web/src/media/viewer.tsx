// A photo over the whole window, always dark: zoomed by wheel, keys, fingers or a double click, moved by dragging; arrow keys lead to the others of the
// chat that are loaded.

import type { ChatView, MessageView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import type { Conversation } from "../model/conversation.ts"
import { Avatar } from "../part/avatar.tsx"
import { IconButton } from "../part/button.tsx"
import { saveBlob } from "../part/save-file.ts"
import { t } from "../text/catalogue.ts"
import { plainText } from "../text/markdown.ts"
import { useFile } from "./use-file.ts"
import { useZoom } from "./use-zoom.ts"
import css from "./viewer.module.css"

export function Viewer(props: { readonly chat: ChatView; readonly conversation: Conversation }): JSX.Element | null {
  const { conversation } = props
  const pictures = (conversation.messages.value ?? []).filter(({ content }) => content.type === "file" && content.preview !== undefined)
  const at = pictures.findIndex(({ id }) => id === conversation.viewing.value)
  const message = pictures[at]
  // It was deleted meanwhile.
  useEffect(() => {
    if (message === undefined) conversation.viewing.value = undefined
  }, [message === undefined])
  if (message === undefined) return null
  const go = (step: number): void => {
    const next = pictures[at + step]
    if (next !== undefined) conversation.viewing.value = next.id
  }
  return <Shown {...props} message={message} at={at} count={pictures.length} go={go} />
}

function Shown(props: {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly message: MessageView
  readonly at: number
  readonly count: number
  readonly go: (step: number) => void
}): JSX.Element {
  const { chat, conversation, message, at, count, go } = props
  const { calendar, today } = useApp()
  const { attempt } = useModel()
  const dialog = useRef<HTMLDialogElement>(null)
  const { state, load } = useFile(message, { isWanted: true })
  const isBroken = useSignal(false)
  const zoom = useZoom(message.id)
  const content = message.content.type === "file" ? message.content : undefined
  const picture = state.status === "here" ? state.file.picture : undefined
  const close = (): void => {
    conversation.viewing.value = undefined
  }
  const save = (): Promise<unknown> =>
    attempt(t.file.notSaved, async () => {
      const file = state.status === "here" ? state.file : await load()
      if (file !== undefined) saveBlob(file.name, file.content)
    })
  useLayoutEffect(() => {
    const element = dialog.current
    if (element === null || element.open) return undefined
    const before = document.activeElement
    element.showModal()
    return () => {
      element.close()
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "ArrowLeft") go(isRightToLeft() ? 1 : -1)
    else if (event.key === "ArrowRight") go(isRightToLeft() ? -1 : 1)
    else if (event.key === "+" || event.key === "=") zoom.by(1.5)
    else if (event.key === "-") zoom.by(1 / 1.5)
    else if (event.key === "0") zoom.reset()
    else if (event.key === "s") void save()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <dialog
      ref={dialog}
      class={css.viewer}
      aria-label={t.file.viewer.title}
      aria-description={t.file.viewer.keys}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      <header class={css.head}>
        <Avatar id={message.sender.accountId} name={message.sender.name} size={40} />
        <p class={css.who}>
          <bdi class={css.name}>{message.sender.own ? t.chat.you : message.sender.name}</bdi>
          <span class={css.when}>
            <bdi>{chat.title}</bdi> · {calendar.day(message.timeMs, today.value)}, {calendar.clock(message.timeMs)}
          </span>
        </p>
        <span class={css.place} aria-live="polite">
          {count > 1 && t.file.viewer.place(at + 1, count)}
        </span>
        <IconButton icon="download" label={t.file.save} class={css.tool} onClick={() => void save()} />
        <IconButton icon="x" label={t.file.viewer.close} class={css.tool} onClick={close} />
      </header>
      <div
        class={`${css.stage} ${zoom.isIn ? css.zoomed : ""}`}
        ref={zoom.stage}
        onClick={(event) => {
          if (event.target === event.currentTarget && !zoom.isIn) close()
        }}
      >
        {picture !== undefined && !isBroken.value ? (
          <img
            key={message.id}
            class={css.picture}
            src={picture.url}
            alt={content === undefined || content.caption === "" ? t.file.photo : plainText(content.caption)}
            style={{ transform: zoom.transform }}
            draggable={false}
            onError={() => (isBroken.value = true)}
          />
        ) : (
          <p class={css.words} role="status">
            {state.status === "failed" ? state.message : state.status === "here" ? t.file.notShown : t.file.loading(content?.name ?? "")}
          </p>
        )}
      </div>
      {at > 0 && (
        <IconButton icon="arrow-left" label={t.file.viewer.earlier} class={`${css.arrow} ${css.earlier}`} onClick={() => go(-1)} />
      )}
      {at < count - 1 && (
        <IconButton icon="arrow-right" label={t.file.viewer.later} class={`${css.arrow} ${css.later}`} onClick={() => go(1)} />
      )}
      <footer class={css.foot}>
        {content !== undefined && content.caption !== "" && (
          <p class={css.caption} dir="auto">
            {plainText(content.caption)}
          </p>
        )}
        <span class={css.zoom}>
          <IconButton
            icon="search"
            label={zoom.isIn ? t.file.viewer.zoomOut : t.file.viewer.zoomIn}
            class={css.tool}
            pressed={zoom.isIn}
            onClick={zoom.toggle}
          />
        </span>
      </footer>
    </dialog>
  )
}

function isRightToLeft(): boolean {
  return document.documentElement.dir === "rtl"
}
