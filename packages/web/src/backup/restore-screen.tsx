// What a backup holds, before anything of it is applied: how many messages in which chats, from when to when. Then bringing it back.

import type { ArchivePreview } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { LinkMoment } from "../link/link-parts.tsx"
import { Button } from "../part/button.tsx"
import { FullPage } from "../part/full-page.tsx"
import { ProgressRing, partOf, percentOf } from "../part/progress-ring.tsx"
import { Rings } from "../part/rings.tsx"
import { Tile } from "../part/tile.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import { ChatChoice } from "./chat-choice.tsx"
import css from "./restore-screen.module.css"

type Stage =
  | { readonly at: "looking" }
  | { readonly at: "none" }
  | { readonly at: "preview"; readonly preview: ArchivePreview }
  | { readonly at: "running" }
  | { readonly at: "done"; readonly chosen: Chosen }
  /** `chosen`: it could be read, and bringing it back did not come to its end. */
  | { readonly at: "failed"; readonly failure: HostError; readonly chosen?: Chosen }

interface Chosen {
  /** Undefined: all of them. */
  readonly chats: readonly string[] | undefined
  readonly messages: number
}

export function RestoreScreen(): JSX.Element {
  const { host, router } = useApp()
  const { device, backup } = useModel()
  const stage = useSignal<Stage>({ at: "looking" })
  /** Undefined: the one on the server. */
  const file = useSignal<Blob | undefined>(undefined)
  const picker = useRef<HTMLInputElement>(null)
  const leave = (): void => router.go({ at: "chats" }, { replace: true })
  const look = async (): Promise<void> => {
    stage.value = { at: "looking" }
    try {
      const chosen = file.peek()
      const preview = chosen === undefined ? await device.previewBackup() : await host.previewFile(chosen)
      stage.value = preview === undefined ? { at: "none" } : { at: "preview", preview }
    } catch (error) {
      stage.value = { at: "failed", failure: asHostError(error) }
    }
  }
  const bring = async (chosen: Chosen): Promise<void> => {
    stage.value = { at: "running" }
    try {
      const [from, { chats }] = [file.peek(), chosen]
      const options = chats === undefined ? {} : { chats }
      await (from === undefined ? device.restoreBackup(options) : host.restoreFile(from, options))
      stage.value = { at: "done", chosen }
    } catch (error) {
      stage.value = { at: "failed", failure: asHostError(error), chosen }
    }
  }
  useEffect(() => void look(), [])

  const openFile = (
    <>
      <input
        ref={picker}
        type="file"
        class="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0]
          if (chosen === undefined) return
          file.value = chosen
          void look()
        }}
      />
      <Button look="link" icon="file-up" onClick={() => picker.current?.click()}>
        {stage.value.at === "none" ? t.backup.restore.open : t.backup.restore.another}
      </Button>
    </>
  )
  const now = stage.value
  switch (now.at) {
    case "looking":
      return (
        <FullPage onBack={leave}>
          <LinkMoment mark={<Rings size={56} breathing />} title={t.backup.restore.looking} />
        </FullPage>
      )
    case "none":
      return (
        <FullPage onBack={leave}>
          <LinkMoment
            mark={<Tile icon="hard-drive" tint="grey" size={76} />}
            title={t.backup.restore.none}
            words={t.backup.restore.noneWords}
          >
            {openFile}
            <Button look="primary" onClick={leave}>
              {t.backup.restore.startEmpty}
            </Button>
          </LinkMoment>
        </FullPage>
      )
    case "preview":
      return (
        <FullPage onBack={leave}>
          <Preview preview={now.preview} onBring={(chosen) => void bring(chosen)} onLeave={leave} other={openFile} />
        </FullPage>
      )
    case "running": {
      const part = partOf(backup.value?.restoring)
      return (
        <FullPage>
          <LinkMoment
            mark={
              <ProgressRing part={part} label={t.link.transfer.progress}>
                {part !== undefined && <span>{t.link.transfer.percent(percentOf(part))}</span>}
              </ProgressRing>
            }
            title={t.backup.restore.running}
            words={t.backup.restore.runningWords}
          >
            <Button look="link" onClick={leave}>
              {t.link.transfer.start}
            </Button>
          </LinkMoment>
        </FullPage>
      )
    }
    case "done":
      return (
        <FullPage>
          <LinkMoment
            mark={<Rings size={64} closing class={css.rings} />}
            title={t.backup.restore.done}
            words={t.backup.restore.doneWords(now.chosen.messages)}
          >
            <Button look="primary" onClick={leave}>
              {t.backup.restore.close}
            </Button>
          </LinkMoment>
        </FullPage>
      )
    case "failed": {
      const { chosen } = now
      return (
        <FullPage onBack={leave}>
          <LinkMoment
            alert
            mark={<Tile icon="triangle-alert" tint="caution" size={76} />}
            title={chosen === undefined ? t.backup.restore.notOpened : t.backup.restore.notRestored}
            words={now.failure.message}
          >
            <Button look="primary" icon="refresh-cw" onClick={() => void (chosen === undefined ? look() : bring(chosen))}>
              {t.backup.restore.goOn}
            </Button>
            {openFile}
          </LinkMoment>
        </FullPage>
      )
    }
  }
}

function Preview(props: {
  readonly preview: ArchivePreview
  readonly onBring: (chosen: Chosen) => void
  readonly onLeave: () => void
  readonly other: JSX.Element
}): JSX.Element {
  const { preview } = props
  const { calendar, today } = useApp()
  const leftOut = useSignal<ReadonlySet<string>>(new Set())
  const words = t.backup.restore
  const when = t.backup.when(calendar.day(preview.madeAtMs, today.value), calendar.clock(preview.madeAtMs))
  const chosen = preview.chats.filter(({ id }) => !leftOut.value.has(id))
  const isAll = chosen.length === preview.chats.length
  const bring = (): void =>
    props.onBring(
      isAll
        ? { chats: undefined, messages: preview.messages }
        : { chats: chosen.map(({ id }) => id), messages: chosen.reduce((sum, { messages }) => sum + messages, 0) },
    )
  const { from, to } = preview
  return (
    <div class={css.both}>
      <div class={css.intro}>
        <Tile icon="key-round" size={66} />
        <h1 class={css.title}>{words.welcome(preview.accountHandle)}</h1>
        <p class={css.words}>{words.openedHere(when)}</p>
        <dl class={css.counts}>
          <div class={css.count}>
            <dd>{t.backup.numeral(preview.messages)}</dd>
            <dt>{words.messages(preview.messages)}</dt>
          </div>
          <div class={css.count}>
            <dd>{t.backup.numeral(preview.chats.length)}</dd>
            <dt>{words.chats(preview.chats.length)}</dt>
          </div>
        </dl>
        {from !== undefined && to !== undefined && (
          <p class={css.span}>
            <Icon name="clock" size={16} />
            <span>{words.span(calendar.utcDay(calendar.dayKey(from)), calendar.utcDay(calendar.dayKey(to)))}</span>
          </p>
        )}
        <p class={css.span}>
          <Icon name="lock" size={16} />
          <span>{words.locked}</span>
        </p>
      </div>
      <div class={css.list}>
        {preview.chats.length > 0 && (
          <ChatChoice chats={preview.chats} leftOut={leftOut.value} onChange={(next) => (leftOut.value = next)} />
        )}
        <p class={css.note}>{isAll ? words.merges : words.staysInBackup}</p>
        <div class={css.actions}>
          {props.other}
          <Button look="link" onClick={props.onLeave}>
            {words.startEmpty}
          </Button>
          <Button look="primary" disabled={preview.chats.length > 0 && chosen.length === 0} onClick={bring}>
            {preview.chats.length === 0 ? words.bringAll : words.bring(chosen.length)}
          </Button>
        </div>
      </div>
    </div>
  )
}

function asHostError(error: unknown): HostError {
  return error instanceof HostError ? error : new HostError("unexpected", partText.unexpected)
}
