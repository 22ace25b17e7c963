import type { ComponentChildren, JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import css from "./tag.module.css"

export type TagLook = "plain" | "accent" | "positive" | "caution" | "alarm"

/** A state in a word or two: with an icon, so that colour is never the only sign. */
export function Tag(props: { readonly look?: TagLook; readonly icon?: IconName; readonly children: ComponentChildren }): JSX.Element {
  return (
    <span class={`${css.tag} ${css[props.look ?? "plain"]}`}>
      {props.icon !== undefined && <Icon name={props.icon} size={14} />}
      <span>{props.children}</span>
    </span>
  )
}
