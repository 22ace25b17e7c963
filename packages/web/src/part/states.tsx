// What is shown in place of content: a skeleton while it loads, an invitation when there is none, a retry when loading failed.

import type { ComponentChildren, JSX } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Button } from "./button.tsx"
import { partText } from "../text/part-text.ts"
import css from "./states.module.css"

const skeletonDelayMs = 300

/** Shows nothing for 300 ms: most things have loaded by then, and a flash of grey looks slower than a pause. */
export function Skeleton(props: { readonly rows: number; readonly look: "chats" | "messages" | "lines" }): JSX.Element | null {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), skeletonDelayMs)
    return () => clearTimeout(timer)
  }, [])
  if (!shown) return null
  return (
    <div class={`${css.skeleton} ${css[props.look]}`} role="status" aria-label={partText.loading}>
      {Array.from({ length: props.rows }, (_, index) => (
        <span key={index} class={css.bone} style={{ "--length": `${[72, 54, 88, 63, 45][index % 5]}%` }} />
      ))}
    </div>
  )
}

export function EmptyState(props: {
  readonly title: string
  readonly children?: ComponentChildren
  readonly icon?: IconName
  readonly action?: ComponentChildren
}): JSX.Element {
  return (
    <div class={css.empty}>
      {props.icon !== undefined && (
        <span class={css.mark}>
          <Icon name={props.icon} size={26} />
        </span>
      )}
      <h2 class={css.title}>{props.title}</h2>
      {props.children !== undefined && <p class={css.words}>{props.children}</p>}
      {props.action}
    </div>
  )
}

export function FailedState(props: { readonly title: string; readonly failure: HostError; readonly onRetry: () => void }): JSX.Element {
  return (
    <div class={css.empty} role="alert">
      <h2 class={css.title}>{props.title}</h2>
      <p class={css.words}>{props.failure.message}</p>
      <p class={css.code}>{props.failure.code}</p>
      <Button icon="refresh-cw" onClick={props.onRetry}>
        {partText.tryAgain}
      </Button>
    </div>
  )
}
