// How far something long has come: a ring that closes, with the percent in it. Without an amount it turns.

import type { ComponentChildren, JSX } from "preact"
import css from "./progress-ring.module.css"

const radius = 46
const length = 2 * Math.PI * radius

export function ProgressRing(props: {
  /** 0 to 1. Undefined while it is not known. */
  readonly part: number | undefined
  readonly label: string
  readonly size?: number
  readonly children?: ComponentChildren
}): JSX.Element {
  const { part } = props
  return (
    <div
      class={css.frame}
      style={{ "--size": `${props.size ?? 176}px` }}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={part === undefined ? undefined : percentOf(part)}
    >
      <svg class={`${css.ring} ${part === undefined ? css.turning : ""}`} viewBox="0 0 100 100" fill="none" aria-hidden="true">
        <circle class={css.track} cx="50" cy="50" r={radius} />
        <circle class={css.part} cx="50" cy="50" r={radius} stroke-dasharray={`${length * (part ?? 0.22)} ${length}`} />
      </svg>
      {props.children !== undefined && <div class={css.inside}>{props.children}</div>}
    </div>
  )
}

/** A bar for where a ring is too much. */
export function ProgressBar(props: { readonly part: number | undefined; readonly label: string }): JSX.Element {
  const percent = props.part === undefined ? undefined : percentOf(props.part)
  return (
    <div class={css.bar} role="progressbar" aria-label={props.label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <span class={props.part === undefined ? css.running : css.filled} style={{ "--part": String(props.part ?? 0) }} />
    </div>
  )
}

/** 100 only when all of it is done. */
export function percentOf(part: number): number {
  return Math.max(0, Math.min(100, Math.floor(part * 100)))
}

/** Undefined if nothing is known of the total. */
export function partOf(progress: { readonly done: number; readonly total: number } | undefined): number | undefined {
  return progress === undefined || progress.total <= 0 ? undefined : Math.min(1, progress.done / progress.total)
}
