// Rows on a card: a tile, a title with a line below, and what stands at the end. A row that leads somewhere is one button.

import type { ComponentChildren, JSX } from "preact"
import { useId } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import css from "./rows.module.css"

export function RowCard(props: {
  readonly title?: string
  readonly children: ComponentChildren
  readonly foot?: ComponentChildren
}): JSX.Element {
  const id = useId()
  return (
    <section class={css.group} aria-labelledby={props.title === undefined ? undefined : id}>
      {props.title !== undefined && (
        <h3 class={css.heading} id={id}>
          {props.title}
        </h3>
      )}
      <ul class={css.card}>{props.children}</ul>
      {props.foot}
    </section>
  )
}

export interface RowProps {
  readonly lead?: ComponentChildren
  readonly title: ComponentChildren
  readonly sub?: ComponentChildren
  readonly end?: ComponentChildren
  /** Makes a button of the whole row. */
  readonly onClick?: () => void
  /** For people who do not see the row: what the button does, if the title does not say it. */
  readonly label?: string
  readonly strong?: boolean
  readonly children?: ComponentChildren
}

export function Row(props: RowProps): JSX.Element {
  const inside = (
    <>
      {props.lead}
      <span class={css.words}>
        <span class={props.strong === true ? css.strong : css.title}>{props.title}</span>
        {props.sub !== undefined && <span class={css.sub}>{props.sub}</span>}
      </span>
      {props.end}
      {props.onClick !== undefined && <Icon name="chevron-right" size={16} class={css.chevron} />}
    </>
  )
  return (
    <li class={css.item}>
      {props.onClick === undefined ? (
        <div class={css.row}>{inside}</div>
      ) : (
        <button type="button" class={`${css.row} ${css.button}`} aria-label={props.label} onClick={props.onClick}>
          {inside}
        </button>
      )}
      {props.children}
    </li>
  )
}
