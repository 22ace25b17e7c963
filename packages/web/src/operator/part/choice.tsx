// Checkboxes and radio buttons, each with a hint of its own.

import type { ComponentChildren, JSX } from "preact"
import { useId } from "preact/hooks"
import css from "./choice.module.css"

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly hint?: ComponentChildren
}

export function CheckGroup<T extends string>(props: {
  readonly legend: string
  readonly options: readonly Choice<T>[]
  readonly chosen: readonly T[]
  readonly onChange: (chosen: readonly T[]) => void
}): JSX.Element {
  return (
    <fieldset class={css.group}>
      <legend class={css.legend}>{props.legend}</legend>
      {props.options.map((option) => (
        <Line
          key={option.value}
          type="checkbox"
          choice={option}
          checked={props.chosen.includes(option.value)}
          onChange={(on) => props.onChange(on ? [...props.chosen, option.value] : props.chosen.filter((one) => one !== option.value))}
        />
      ))}
    </fieldset>
  )
}

export function RadioGroup<T extends string>(props: {
  readonly legend: string
  readonly options: readonly Choice<T>[]
  readonly value: T
  readonly onChange: (value: T) => void
}): JSX.Element {
  const name = useId()
  return (
    <fieldset class={css.group}>
      <legend class={css.legend}>{props.legend}</legend>
      {props.options.map((option) => (
        <Line
          key={option.value}
          type="radio"
          name={name}
          choice={option}
          checked={props.value === option.value}
          onChange={() => props.onChange(option.value)}
        />
      ))}
    </fieldset>
  )
}

function Line<T extends string>(props: {
  readonly type: "checkbox" | "radio"
  readonly name?: string
  readonly choice: Choice<T>
  readonly checked: boolean
  readonly onChange: (on: boolean) => void
}): JSX.Element {
  const id = useId()
  return (
    <div class={css.line}>
      <input
        id={id}
        type={props.type}
        name={props.name}
        class={css.box}
        checked={props.checked}
        aria-describedby={props.choice.hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label class={css.words} for={id}>
        <span>{props.choice.label}</span>
        {props.choice.hint !== undefined && (
          <span class={css.hint} id={`${id}-hint`}>
            {props.choice.hint}
          </span>
        )}
      </label>
    </div>
  )
}
