// What both devices show while linking: that something is under way, how far it has come, that it worked or that it did not.

import type { LinkView } from "@nodoor/client"
import type { ComponentChildren, JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { ProgressRing, partOf, percentOf } from "../part/progress-ring.tsx"
import { Rings } from "../part/rings.tsx"
import { twoDigits } from "./link-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./link-screen.module.css"

/** A title in the middle with words below it. */
export function LinkMoment(props: {
  readonly mark: ComponentChildren
  readonly title: string
  readonly words?: string
  readonly children?: ComponentChildren
  readonly alert?: boolean
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  // What had the focus went with the step before.
  useEffect(() => heading.current?.focus(), [props.title])
  return (
    <div class={css.moment} role={props.alert === true ? "alert" : "status"}>
      {props.mark}
      <h2 class={css.momentTitle} ref={heading} tabIndex={-1}>
        {props.title}
      </h2>
      {props.words !== undefined && <p class={css.momentWords}>{props.words}</p>}
      {props.children !== undefined && <div class={css.momentActions}>{props.children}</div>}
    </div>
  )
}

export function Connecting(props: { readonly onCancel: () => void; readonly cancel: string }): JSX.Element {
  return (
    <LinkMoment mark={<Rings size={56} class={css.breathing} />} title={t.link.connecting.title} words={t.link.connecting.words}>
      <Button look="quiet" onClick={props.onCancel}>
        {props.cancel}
      </Button>
    </LinkMoment>
  )
}

export function OwnNumber(props: { readonly number: number; readonly children?: ComponentChildren }): JSX.Element {
  const digits = twoDigits(props.number)
  return (
    <LinkMoment
      mark={
        <p class={css.bigNumber} aria-label={t.link.number.label(digits)} dir="ltr">
          {digits}
        </p>
      }
      title={t.link.number.title}
      words={t.link.number.words}
    >
      {props.children}
    </LinkMoment>
  )
}

/** Adding and transferring: the same ring, so that one goes over into the other. */
export function LinkProgress(props: { readonly link: LinkView; readonly children?: ComponentChildren }): JSX.Element {
  const { link } = props
  const part = partOf(link.progress)
  const moving = link.step === "transferring"
  const isOld = link.role === "old"
  return (
    <LinkMoment
      mark={
        <ProgressRing part={part} label={t.link.transfer.progress}>
          {part !== undefined && <span>{t.link.transfer.percent(percentOf(part))}</span>}
        </ProgressRing>
      }
      title={moving ? t.link.transfer.title : isOld ? t.link.adding.title : t.link.adding.titleNew}
      words={moving ? (isOld ? t.link.transfer.wordsOld : t.link.transfer.words) : t.link.adding.words}
    >
      {props.children}
    </LinkMoment>
  )
}

export function LinkFailed(props: {
  readonly failure: LinkView["failure"]
  readonly onAgain: () => void
  readonly onLeave: () => void
}): JSX.Element {
  return (
    <LinkMoment
      alert
      mark={
        <span class={css.mark}>
          <Icon name="unplug" size={30} />
        </span>
      }
      title={t.link.failed.title}
      {...(props.failure !== undefined && { words: props.failure.message })}
    >
      <Button look="primary" icon="refresh-cw" onClick={props.onAgain}>
        {t.link.failed.again}
      </Button>
      <Button look="quiet" onClick={props.onLeave}>
        {t.link.failed.back}
      </Button>
    </LinkMoment>
  )
}

export function LinkDone(props: { readonly name: string | undefined; readonly onClose: () => void }): JSX.Element {
  return (
    <LinkMoment
      mark={<Rings size={64} closing class={css.done} />}
      title={t.link.done.title}
      words={props.name === undefined ? t.link.done.wordsAny : t.link.done.words(props.name)}
    >
      <Button look="primary" onClick={props.onClose}>
        {t.link.done.close}
      </Button>
    </LinkMoment>
  )
}
