// What both devices show while linking: that something is under way, how far it has come, that it worked or that it did not.

import type { LinkView } from "@nodoor/client"
import type { ComponentChildren, JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
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
    <LinkMoment mark={<Rings size={56} breathing />} title={t.link.connecting.title} words={t.link.connecting.words}>
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
  /** What starting again does here, if it shows a code at once. */
  readonly showsCode?: boolean
  readonly onAgain: () => void
  readonly onLeave: () => void
}): JSX.Element {
  const step = nextStep(props)
  return (
    <LinkMoment
      alert
      mark={
        <span class={css.mark}>
          <Icon name={isOffline(props.failure) ? "wifi-off" : "unplug"} size={30} />
        </span>
      }
      title={failedTitle(props.failure)}
      {...(props.failure !== undefined && { words: props.failure.message })}
    >
      <Button look="primary" icon={step.icon} onClick={props.onAgain}>
        {step.label}
      </Button>
      <Button look="quiet" onClick={props.onLeave}>
        {t.link.failed.back}
      </Button>
    </LinkMoment>
  )
}

function failedTitle(failure: LinkView["failure"]): string {
  return (failure && t.link.failed.titles[failure.code]) ?? t.link.failed.title
}

function isOffline(failure: LinkView["failure"]): boolean {
  return failure?.code === "link_offline" || failure?.code === "unreachable"
}

function nextStep({ failure, showsCode = false }: Pick<Parameters<typeof LinkFailed>[0], "failure" | "showsCode">): {
  readonly icon: IconName
  readonly label: string
} {
  if (isOffline(failure)) return { icon: "refresh-cw", label: t.link.failed.tryAgain }
  return showsCode ? { icon: "qr-code", label: t.link.failed.newCode } : { icon: "refresh-cw", label: t.link.failed.again }
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
