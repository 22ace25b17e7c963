// Controls besides `Field`: a choice of many, a day, a longer text. They look the same and keep its order of label, control, error, hint.

import type { ComponentChildren, JSX } from "preact"
import { useId } from "preact/hooks"
import { Icon } from "../../icon/icon.tsx"
import { partText } from "../../text/part-text.ts"
import field from "../../part/field.module.css"
import css from "./labelled.module.css"

interface LabelledProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
  readonly optional?: boolean
}
interface ControlProps extends LabelledProps {
  readonly value: string
  readonly onInput: (value: string) => void
}

export function SelectField<T extends string>(
  props: Omit<ControlProps, "onInput"> & {
    readonly options: readonly { readonly value: T; readonly label: string }[]
    /** Shown while nothing is chosen. */
    readonly empty?: string
    readonly onInput: (value: T) => void
  },
): JSX.Element {
  return (
    <Labelled {...props}>
      {(control) => (
        <div class={`${field.box} ${props.error === undefined ? "" : field.wrong} ${css.select}`}>
          <select {...control} class={field.input} value={props.value} onChange={(event) => props.onInput(event.currentTarget.value as T)}>
            {props.empty !== undefined && <option value="">{props.empty}</option>}
            {props.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" size={18} />
        </div>
      )}
    </Labelled>
  )
}

export function DayField(props: ControlProps): JSX.Element {
  return (
    <Labelled {...props}>
      {(control) => (
        <div class={`${field.box} ${props.error === undefined ? "" : field.wrong}`}>
          <input
            {...control}
            type="date"
            class={field.input}
            value={props.value}
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        </div>
      )}
    </Labelled>
  )
}

export function TextArea(
  props: ControlProps & { readonly rows: number; readonly mono?: boolean; readonly placeholder?: string },
): JSX.Element {
  return (
    <Labelled {...props}>
      {(control) => (
        <div class={`${field.box} ${props.error === undefined ? "" : field.wrong}`}>
          <textarea
            {...control}
            class={`${field.input} ${css.area} ${props.mono === true ? css.mono : ""}`}
            rows={props.rows}
            value={props.value}
            placeholder={props.placeholder}
            spellcheck={false}
            dir="auto"
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        </div>
      )}
    </Labelled>
  )
}

interface Control {
  readonly id: string
  readonly "aria-invalid": boolean
  readonly "aria-describedby": string
}

function Labelled(props: LabelledProps & { readonly children: (control: Control) => JSX.Element }): JSX.Element {
  const id = useId()
  return (
    <div class={`${field.field} ${css.labelled}`}>
      <label class={field.label} for={id}>
        {props.label}
        {props.optional === true && <span class={field.optional}> {partText.optional}</span>}
      </label>
      {props.children({ id, "aria-invalid": props.error !== undefined, "aria-describedby": `${id}-error ${id}-hint` })}
      <FieldError id={`${id}-error`} error={props.error} />
      {props.hint !== undefined && (
        <p class={field.hint} id={`${id}-hint`}>
          <span>{props.hint}</span>
        </p>
      )}
    </div>
  )
}

export function FieldError(props: { readonly id: string; readonly error: string | undefined }): JSX.Element | null {
  if (props.error === undefined) return null
  return (
    <p class={field.error} id={props.id}>
      <Icon name="triangle-alert" size={15} />
      <span dir="auto">{props.error}</span>
    </p>
  )
}
