// A person is a circle and a group a rounded square, so people can tell them apart without reading. The tint comes from the id and never changes.

import type { Hex } from "@nodoor/client"
import type { JSX } from "preact"
import { hueOf } from "../text/hue.ts"
import { initials } from "../text/initials.ts"
import css from "./avatar.module.css"

export function Avatar(props: { readonly id: Hex; readonly name: string; readonly group?: boolean; readonly size?: number }): JSX.Element {
  const size = props.size ?? 44
  return (
    <span
      class={`${css.avatar} ${props.group === true ? css.group : ""}`}
      style={{ "--size": `${size}px`, "--hue": `${hueOf(props.id)}` }}
      aria-hidden="true"
    >
      {initials(props.name)}
    </span>
  )
}
