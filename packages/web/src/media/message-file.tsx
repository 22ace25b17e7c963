// A photo or a file in its bubble: the picture, or a row with name, size and what can be done with it.

import type { ChatView, FileContent, MessageView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useMemo } from "preact/hooks"
import { thumbHashToDataURL } from "thumbhash"
import { useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { IconButton } from "../part/button.tsx"
import { MarkdownView } from "../part/markdown-view.tsx"
import { ProgressBar, ProgressRing } from "../part/progress-ring.tsx"
import { saveBlob } from "../part/save-file.ts"
import { t } from "../text/catalogue.ts"
import { fileSize } from "../text/file-size.ts"
import css from "./message-file.module.css"
import box from "./picture-box.module.css"
import { pictureBox } from "./picture-box.ts"
import { type UsedFile, useFile } from "./use-file.ts"

/** Larger pictures wait until somebody asks for them. */
const unaskedBytes = 20_000_000
const goneCodes: readonly string[] = ["file_expired", "file_missing"]

interface Props {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly message: MessageView
  readonly content: FileContent
}

export function MessageFile(props: Props): JSX.Element {
  const { chat, message, content } = props
  // What a stranger sends is not opened before the request is accepted.
  const isWanted = content.preview !== undefined && content.sizeBytes <= unaskedBytes && chat.state !== "request"
  const used = useFile(message, { isWanted })
  const isPicture = content.preview !== undefined && !(used.state.status === "here" && used.state.file.picture === undefined)
  const { width, height } = content.preview ?? { width: 1, height: 1 }
  return (
    <div class={`${css.file} ${isPicture ? box.framed : ""}`} style={isPicture ? pictureBox(width, height) : undefined}>
      {isPicture ? <Picture {...props} used={used} /> : <FileRow {...props} used={used} />}
      <Gone {...props} used={used} />
      {content.caption !== "" && (
        <div class={css.caption}>
          <MarkdownView source={content.caption} />
        </div>
      )}
    </div>
  )
}

type Using = Props & { readonly used: UsedFile }

function Picture({ message, content, conversation, used }: Using): JSX.Element {
  const { state, transfer, load } = used
  const isBroken = useSignal(false)
  const blurred = useMemo(() => thumbnail(content.preview?.thumbhash ?? ""), [content.preview?.thumbhash])
  const picture = state.status === "here" ? state.file.picture : undefined
  const label = message.sender.own ? t.file.photo : t.file.photoBy(isolated(message.sender.name))
  const open = (): void => {
    if (picture === undefined) void load()
    else conversation.viewing.value = message.id
  }
  return (
    <div class={box.picture}>
      <button
        type="button"
        class={css.open}
        aria-label={picture === undefined ? `${label}. ${t.file.loadPhoto(fileSize(content.sizeBytes))}` : `${label}. ${t.file.open}`}
        disabled={state.status === "loading"}
        onClick={open}
      >
        {blurred !== undefined && <img class={css.thumb} src={blurred} alt="" draggable={false} />}
        {picture !== undefined && !isBroken.value && (
          <img class={css.full} src={picture.url} alt="" draggable={false} decoding="async" onError={() => (isBroken.value = true)} />
        )}
        {state.status === "away" && transfer?.direction !== "up" && (
          <span class={css.ask}>
            <Icon name="download" size={18} />
            {fileSize(content.sizeBytes)}
          </span>
        )}
        {isBroken.value && <span class={css.ask}>{t.file.notShown}</span>}
      </button>
      <Moving message={message} content={content} used={used} look="ring" />
    </div>
  )
}

function FileRow({ chat, message, content, used }: Using): JSX.Element {
  const { attempt } = useModel()
  const { state, load } = used
  const size = fileSize(content.sizeBytes)
  const save = (): Promise<unknown> =>
    attempt(t.file.notSaved, async () => {
      const file = state.status === "here" ? state.file : await load()
      if (file !== undefined) saveBlob(file.name, file.content)
    })
  const isGone = state.status === "failed" && goneCodes.includes(state.code)
  const isMoving = state.status === "loading" || (message.sender.own && message.status === "queued")
  return (
    <div class={box.row} role="group" aria-label={t.file.fileCalled(content.name, size)}>
      <span class={css.page} aria-hidden="true">
        <Icon name="file-down" size={22} />
      </span>
      <span class={css.what}>
        <bdi class={css.name}>{content.name}</bdi>
        <span class={css.size}>{size}</span>
        <Moving message={message} content={content} used={used} look="bar" />
      </span>
      {!isMoving && !isGone && chat.state !== "joining" && (
        <IconButton icon="download" label={t.file.saveNamed(content.name)} size={20} tabIndex={-1} onClick={() => void save()} />
      )}
    </div>
  )
}

/** How far it is on its way, and what ends it. */
function Moving(props: {
  readonly message: MessageView
  readonly content: FileContent
  readonly used: UsedFile
  readonly look: "ring" | "bar"
}): JSX.Element | null {
  const { message, content, used, look } = props
  const { device, attempt } = useModel()
  const { state, transfer, stop } = used
  const goesUp = message.sender.own && message.status === "queued"
  if (!goesUp && state.status !== "loading") return null
  const part = transfer === undefined || transfer.totalBytes === 0 ? undefined : transfer.doneBytes / transfer.totalBytes
  const label = goesUp ? t.file.sending(content.name) : t.file.loading(content.name)
  const end = (): void => {
    if (goesUp) void attempt(t.file.notStopped, () => device.discard(message.chatId, message.id))
    else stop()
  }
  const button = (
    <IconButton icon="x" label={goesUp ? t.file.cancelSending : t.file.stop} size={18} class={css.stop} tabIndex={-1} onClick={end} />
  )
  if (goesUp && transfer === undefined)
    return look === "ring" ? (
      <div class={css.over}>{button}</div>
    ) : (
      <span class={css.moving}>
        <span class={css.size}>{t.file.waiting}</span>
        {button}
      </span>
    )
  if (look === "ring")
    return (
      <div class={css.over}>
        <ProgressRing part={part} label={label} size={52}>
          {button}
        </ProgressRing>
      </div>
    )
  return (
    <span class={css.moving}>
      <ProgressBar part={part} label={label} />
      {button}
    </span>
  )
}

/** What came of it when it is not there. */
function Gone({ chat, message, used }: Using): JSX.Element | null {
  const { device, attempt } = useModel()
  const hasAsked = useSignal(false)
  const { state, load } = used
  if (state.status !== "failed") return null
  const name = isolated(message.sender.name)
  if (!goneCodes.includes(state.code))
    return (
      <p class={css.gone} role="status">
        <span>{state.message}</span>
        <button type="button" class={css.action} onClick={() => void load()}>
          {t.file.tryAgain}
        </button>
      </p>
    )
  const ask = async (): Promise<void> => {
    hasAsked.value = await attempt(t.file.gone.notAsked, () => device.askForFile(chat.id, message.id))
  }
  return (
    <p class={css.gone} role="status">
      <span>
        {message.sender.own
          ? t.file.gone.own
          : hasAsked.value
            ? t.file.gone.asked(name)
            : state.code === "file_expired"
              ? t.file.gone.expired
              : t.file.gone.missing}
      </span>
      {!message.sender.own && !hasAsked.value && chat.state === "active" && (
        <button type="button" class={css.action} onClick={() => void ask()}>
          {t.file.gone.ask(name)}
        </button>
      )}
    </p>
  )
}

/** Undefined for bytes that are no thumbhash: they are a sender's word. */
function thumbnail(hex: string): string | undefined {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  if (bytes.length < 5) return undefined
  try {
    return thumbHashToDataURL(bytes)
  } catch {
    return undefined
  }
}
