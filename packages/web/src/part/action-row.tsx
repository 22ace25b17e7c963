import type { JSX } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./action-row.module.css"

/** A row of a sheet that does something. `final`: it cannot be undone. */
export function ActionRow(props: {
  readonly icon: IconName
  readonly label: string
  readonly hint?: string
  readonly final?: boolean
  readonly onClick: () => void
}): JSX.Element {
  return (
    <button type="button" class={`${css.row} ${props.final === true ? css.final : ""}`} onClick={props.onClick}>
      <Icon name={props.icon} />
      <span class={css.words}>
        {props.label}
        {props.hint !== undefined && <span class={css.hint}>{props.hint}</span>}
      </span>
    </button>
  )
}
