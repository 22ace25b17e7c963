// A sentence that a person should not miss: why something was not done, or what they should know before they go on.

import type { ComponentChildren, JSX } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./caution.module.css"

/** `alert`: it is about what was just tried, and read out at once. */
export function Caution(props: {
  readonly role: "alert" | "note"
  readonly icon?: IconName
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <p class={css.caution} role={props.role}>
      <Icon name={props.icon ?? "triangle-alert"} size={18} />
      <span>{props.children}</span>
    </p>
  )
}
