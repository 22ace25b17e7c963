// One pane: a bar with a back button, a title and actions, and a body that scrolls.

import type { ComponentChildren, JSX } from "preact"
import { useApp } from "../app/context.ts"
import { IconButton } from "./button.tsx"
import { partText } from "../text/part-text.ts"
import css from "./pane.module.css"

export interface PaneProps {
  readonly title: string
  readonly children: ComponentChildren
  /** `close` for a pane beside another, `back` for one that covers it. */
  readonly leave?: "back" | "close"
  readonly onLeave?: () => void
  /** The back button is needed on a phone only. */
  readonly leaveOnPhone?: boolean
  readonly actions?: ComponentChildren
  readonly foot?: ComponentChildren
  readonly level?: "h1" | "h2"
  /** Mostly text: the body takes the focus, so that the keys can scroll it. */
  readonly reading?: boolean
}

export function Pane(props: PaneProps): JSX.Element {
  const { router } = useApp()
  const Heading = props.level ?? "h2"
  const leave = props.onLeave ?? router.up
  return (
    <section class={css.pane} aria-label={props.title}>
      <header class={`${css.bar} ${props.leave === "back" ? css.withBack : ""}`}>
        {props.leave === "back" && (
          <IconButton
            icon="arrow-left"
            label={partText.back}
            class={`${css.back} ${props.leaveOnPhone === true ? css.phoneOnly : ""}`}
            onClick={leave}
          />
        )}
        <Heading class={css.title}>{props.title}</Heading>
        {props.actions}
        {props.leave === "close" && <IconButton icon="x" label={partText.close} onClick={leave} />}
      </header>
      <div class={css.body} tabIndex={props.reading === true ? 0 : undefined}>
        {props.children}
      </div>
      {props.foot}
    </section>
  )
}
