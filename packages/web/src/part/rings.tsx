// Two linked rings: Nodoor's logo, the sign of a verified contact, and the animation when a verification succeeds.

import type { JSX } from "preact"
import { partText } from "../text/part-text.ts"
import css from "./rings.module.css"

/** `closing` plays the animation once: the rings come together and close. `breathing`: something is waited for. */
export function Rings(props: {
  readonly size: number
  readonly closing?: boolean
  readonly breathing?: boolean
  readonly class?: string | undefined
  readonly label?: string
}): JSX.Element {
  const labelled = props.label === undefined ? { "aria-hidden": "true" as const } : { role: "img" as const, "aria-label": props.label }
  return (
    <svg
      class={`${css.rings} ${props.closing === true ? css.closing : ""} ${props.breathing === true ? css.breathing : ""} ${props.class ?? ""}`}
      width={props.size * 1.5}
      height={props.size}
      viewBox="2.5 1.6 31 20.67"
      fill="none"
      stroke="currentColor"
      {...labelled}
    >
      {/* Each ring passes over the other once, so that neither can be lifted off: the gaps are where it passes under. */}
      <path class={css.left} d="M16.04 20.47A9 9 0 1 1 19.66 18.05" />
      <path class={css.right} d="M19.96 3.53A9 9 0 1 1 16.34 5.95" />
    </svg>
  )
}

/** The name, with the rings as its two o's. */
export function Wordmark(props: { readonly class?: string | undefined }): JSX.Element {
  return (
    <span class={`${css.wordmark} ${props.class ?? ""}`} dir="ltr" role="img" aria-label={partText.product}>
      <span aria-hidden="true">N</span>
      <span aria-hidden="true">o</span>
      <span aria-hidden="true">d</span>
      <Rings size={20} class={css.wordRings} />
      <span aria-hidden="true">r</span>
    </span>
  )
}
