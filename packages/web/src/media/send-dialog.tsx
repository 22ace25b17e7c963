// Before photos and files are sent: what goes, how large it is, and a caption.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useId } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import type { OutgoingFile } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { Button, IconButton } from "../part/button.tsx"
import { isComposing } from "../part/composing.ts"
import { Dialog } from "../part/dialog.tsx"
import { t } from "../text/catalogue.ts"
import { fileSize } from "../text/file-size.ts"
import { markdownOf } from "../text/markdown.ts"
import { excessOf, excessText } from "../text/message-length.ts"
import { preparePicture } from "./prepare-picture.ts"
import css from "./send-dialog.module.css"

const atOnce = 10

interface Chosen {
  readonly key: number
  readonly original: OutgoingFile
  /** Undefined while it is looked at, and null for what is no picture. */
  readonly picture: (OutgoingFile & { readonly url: string }) | null | undefined
}

export function SendDialog(props: {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly files: readonly File[]
  readonly onClose: () => void
}): JSX.Element {
  const { chat, conversation, files, onClose } = props
  const { host } = useApp()
  const { attempt, notify } = useModel()
  const chosen = useSignal<readonly Chosen[]>(
    files
      .slice(0, atOnce)
      .map((file, key) => ({ key, original: { content: file, name: file.name, mediaType: file.type }, picture: undefined })),
  )
  const asOriginal = useSignal(false)
  const caption = useSignal("")
  const isSending = useSignal(false)
  const captionId = useId()
  const excess = excessOf(caption.value)

  useEffect(() => {
    if (files.length > atOnce) notify(t.file.send.tooMany(atOnce))
    let isOpen = true
    const urls: string[] = []
    const look = async (): Promise<void> => {
      for (const { key, original } of chosen.peek()) {
        const made = await preparePicture(original.content).catch(() => undefined)
        if (!isOpen) return
        const picture = made === undefined ? null : { ...made, url: URL.createObjectURL(made.content) }
        if (picture !== null) urls.push(picture.url)
        chosen.value = chosen.peek().map((one) => (one.key === key ? { ...one, picture } : one))
      }
    }
    void look()
    return () => {
      isOpen = false
      for (const url of urls) URL.revokeObjectURL(url)
    }
  }, [])

  const goesOut = ({ original, picture }: Chosen): OutgoingFile => (picture == null || asOriginal.value ? original : picture)
  const isReady = chosen.value.every(({ picture }) => picture !== undefined)
  const hasPictures = chosen.value.some(({ picture }) => picture != null)
  const remove = (key: number): void => {
    chosen.value = chosen.peek().filter((one) => one.key !== key)
    if (chosen.peek().length === 0) onClose()
  }
  const send = async (): Promise<void> => {
    if (!isReady || isSending.peek() || excess > 0) return
    isSending.value = true
    const words = markdownOf(caption.peek())
    const replying = conversation.replyTo.peek()
    conversation.replyTo.value = undefined
    conversation.dividerId.value = undefined
    const all = await attempt(t.file.send.notSent, async () => {
      for (const [at, one] of chosen.peek().entries()) {
        const isFirst = at === 0
        const { content, name, mediaType, preview } = goesOut(one)
        await host.sendFile(chat.id, {
          content,
          name,
          mediaType,
          preview,
          caption: isFirst ? words : "",
          inReplyTo: isFirst ? replying?.id : undefined,
        })
        conversation.toEnd.value++
      }
    })
    isSending.value = false
    if (all) onClose()
  }
  return (
    <Dialog title={t.file.send.title(chosen.value.length)} onClose={onClose}>
      <ul class={css.files}>
        {chosen.value.map((one) => {
          const out = goesOut(one)
          const { picture } = one
          return (
            <li key={one.key} class={`${css.file} ${picture != null && chosen.value.length === 1 ? css.alone : ""}`}>
              {picture == null ? (
                <span class={css.page} aria-hidden="true">
                  <Icon name={picture === undefined ? "hourglass" : "file-up"} size={22} />
                </span>
              ) : (
                <img class={css.picture} src={picture.url} alt="" />
              )}
              <span class={css.what}>
                <bdi class={css.name}>{out.name}</bdi>
                <span class={css.size}>{picture === undefined ? t.file.send.preparing : fileSize(out.content.size)}</span>
              </span>
              {chosen.value.length > 1 && (
                <IconButton icon="x" label={t.file.send.remove(one.original.name)} size={18} onClick={() => remove(one.key)} />
              )}
            </li>
          )
        })}
      </ul>
      {hasPictures && (
        <label class={css.choice}>
          <input type="checkbox" checked={asOriginal.value} onChange={(event) => (asOriginal.value = event.currentTarget.checked)} />
          <span>
            {t.file.send.original}
            <span class={css.note}>{asOriginal.value ? t.file.send.originalNote : t.file.send.cleaned}</span>
          </span>
        </label>
      )}
      <label class={css.label} for={captionId}>
        {t.file.send.caption}
      </label>
      <textarea
        id={captionId}
        class={css.caption}
        rows={1}
        dir="auto"
        autoFocus
        value={caption.value}
        placeholder={t.chat.composer.label(isolated(chat.title))}
        onInput={(event) => (caption.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || isComposing(event) || window.matchMedia("(pointer: coarse)").matches) return
          event.preventDefault()
          void send()
        }}
      />
      <p class={css.note} role="status">
        {excessText(excess, caption.value)}
      </p>
      <div class={css.actions}>
        <Button look="quiet" onClick={onClose}>
          {t.part.cancel}
        </Button>
        <Button look="primary" busy={isSending.value} disabled={!isReady || excess > 0} onClick={() => void send()}>
          {t.file.send.confirm}
        </Button>
      </div>
    </Dialog>
  )
}
