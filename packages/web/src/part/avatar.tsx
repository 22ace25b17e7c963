// A person is a circle, a group a rounded square: told apart without reading. The tint comes from the id, so it never changes.

import type { Hex } from "@nodoor/client"
import type { JSX } from "preact"
import { initials } from "../text/initials.ts"
import css from "./avatar.module.css"

const hues = [196, 150, 235, 275, 320, 40, 85, 120] as const

export function Avatar(props: { readonly id: Hex; readonly name: string; readonly group?: boolean; readonly size?: number }): JSX.Element {
  const size = props.size ?? 44
  const hue = hues[Number.parseInt(props.id.slice(0, 4), 16) % hues.length] ?? hues[0]
  return (
    <span class={`${css.avatar} ${props.group === true ? css.group : ""}`} style={{ "--size": `${size}px`, "--hue": `${hue}` }} aria-hidden="true">
      {initials(props.name)}
    </span>
  )
}
