// A named alarm in a conversation, in red, with what a person can do.

import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import css from "./trust-banner.module.css"

export function AlarmBox(props: { readonly title: string; readonly children: JSX.Element; readonly actions?: JSX.Element }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div class={`${css.banner} ${css.alarm}`} role="alertdialog" aria-labelledby="alarm-title" aria-describedby="alarm-text">
      <Icon name="shield-alert" size={24} />
      <div class={css.text}>
        <h2 id="alarm-title" class={css.title} ref={heading} tabIndex={-1}>
          {props.title}
        </h2>
        <div id="alarm-text" class={css.words}>
          {props.children}
        </div>
        {props.actions !== undefined && <div class={css.actions}>{props.actions}</div>}
      </div>
    </div>
  )
}
