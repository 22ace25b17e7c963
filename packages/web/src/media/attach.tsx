// Photos and files on their way into a message: chosen, pasted, or dropped onto the chat.

import type { ChatView } from "@nodoor/client"
import { type Signal, useSignal } from "@preact/signals"
import type { JSX, RefObject } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { IconButton } from "../part/button.tsx"
import { later } from "../part/later.tsx"
import { t } from "../text/catalogue.ts"
import css from "./attach.module.css"

export type Chosen = Signal<readonly File[] | undefined>

const SendDialog = later<{
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly files: readonly File[]
  readonly onClose: () => void
}>(async () => (await import("./send-dialog.tsx")).SendDialog)

export function AttachButton(props: { readonly chosen: Chosen }): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton icon="plus" label={t.file.attach} size={22} class={css.attach} onClick={() => field.current?.click()} />
      <input
        ref={field}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          choose(props.chosen, event.currentTarget.files)
          // The same file can be chosen again.
          event.currentTarget.value = ""
        }}
      />
    </>
  )
}

/** Takes what is dropped anywhere onto the chat that `within` is in, and asks before it is sent. */
export function Attaching(props: {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly chosen: Chosen
  readonly within: RefObject<HTMLElement | null>
  readonly onClose: () => void
}): JSX.Element {
  const { chosen, within } = props
  const isOver = useSignal(false)
  useEffect(() => {
    const place = within.current?.closest("section")
    if (place == null) return undefined
    /** Moving over what is in the chat leaves and enters again and again. */
    let depth = 0
    const hasFiles = (event: DragEvent): boolean => [...(event.dataTransfer?.items ?? [])].some(({ kind }) => kind === "file")
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      depth++
      isOver.value = true
    }
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "copy"
    }
    const leave = (event: DragEvent): void => {
      if (hasFiles(event) && --depth <= 0) end()
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      end()
      choose(chosen, event.dataTransfer?.files)
    }
    const end = (): void => {
      depth = 0
      isOver.value = false
    }
    place.addEventListener("dragenter", enter)
    place.addEventListener("dragover", over)
    place.addEventListener("dragleave", leave)
    place.addEventListener("drop", drop)
    return () => {
      place.removeEventListener("dragenter", enter)
      place.removeEventListener("dragover", over)
      place.removeEventListener("dragleave", leave)
      place.removeEventListener("drop", drop)
    }
  }, [])
  return (
    <>
      {isOver.value && (
        <div class={css.target}>
          <p class={css.words}>
            <Icon name="file-up" size={28} />
            {t.file.drop}
          </p>
        </div>
      )}
      {chosen.value !== undefined && (
        <SendDialog chat={props.chat} conversation={props.conversation} files={chosen.value} onClose={props.onClose} />
      )}
    </>
  )
}

export function choose(chosen: Chosen, files: FileList | null | undefined): boolean {
  if (files == null || files.length === 0) return false
  chosen.value = [...files]
  return true
}
