// A calm line above the chats that leads to more to read. It is not an alarm: nothing stops and nothing is locked.

import type { ComponentChildren, JSX } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./list-banner.module.css"

export function ListBanner(props: {
  readonly icon: IconName
  readonly children: ComponentChildren
  /** What the link says: "Read what it says". */
  readonly more: string
  readonly onClick: () => void
  /** Nothing is wrong: without the colour of caution. */
  readonly quiet?: boolean
}): JSX.Element {
  return (
    <button type="button" class={`${css.banner} ${props.quiet === true ? css.quiet : ""}`} onClick={props.onClick}>
      <Icon name={props.icon} size={18} />
      <span class={css.words}>
        {props.children} <span class={css.more}>{props.more}</span>
      </span>
      <Icon name="chevron-right" size={16} class={css.chevron} />
    </button>
  )
}
