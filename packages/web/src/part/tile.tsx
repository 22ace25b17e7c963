// An icon on a tinted square: what stands before a row, and over a page's title.

import type { JSX } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./tile.module.css"

export type TileTint = "lagoon" | "iris" | "leaf" | "honey" | "grey" | "positive" | "caution" | "alarm"

export function Tile(props: { readonly icon: IconName; readonly tint?: TileTint; readonly size?: number }): JSX.Element {
  const size = props.size ?? 44
  return (
    <span class={`${css.tile} ${css[props.tint ?? "lagoon"]}`} style={{ "--size": `${size}px` }} aria-hidden="true">
      <Icon name={props.icon} size={Math.round(size * 0.48)} />
    </span>
  )
}
