import type { ComponentChildren, JSX } from "preact"
import { useId } from "preact/hooks"
import css from "./switch.module.css"

export function Switch(props: {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly on: boolean
  readonly disabled?: boolean
  readonly onChange: (on: boolean) => void
}): JSX.Element {
  const id = useId()
  return (
    <div class={css.row}>
      <label class={css.words} for={id}>
        <span>{props.label}</span>
        {props.hint !== undefined && <span class={css.hint}>{props.hint}</span>}
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class={css.switch}
        checked={props.on}
        disabled={props.disabled ?? false}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </div>
  )
}

/** A choice of a few, side by side. */
export function Segmented<T extends string>(props: {
  readonly legend: string
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly value: T
  readonly disabled?: boolean
  readonly onChange: (value: T) => void
}): JSX.Element {
  const name = useId()
  return (
    <fieldset class={css.segmented} disabled={props.disabled ?? false}>
      <legend class={css.legend}>{props.legend}</legend>
      <div class={css.segments}>
        {props.options.map((option) => (
          <label key={option.value} class={css.segment}>
            <input
              type="radio"
              name={name}
              class="visually-hidden"
              checked={props.value === option.value}
              onChange={() => props.onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
