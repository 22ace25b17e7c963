// A labelled text field that says who will see the text.

import type { ComponentChildren, JSX } from "preact"
import { useEffect, useId, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import { partText } from "../text/part-text.ts"
import css from "./field.module.css"

export interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly seenBy?: ComponentChildren
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
  readonly prefix?: string
  readonly optional?: boolean
  readonly autoComplete?: string
  readonly inputMode?: "text" | "email" | "numeric"
  readonly maxLength?: number
  readonly autoFocus?: boolean
  readonly placeholder?: string
  readonly mono?: boolean
  readonly spellCheck?: boolean
  readonly disabled?: boolean
  readonly end?: ComponentChildren
}

export function Field(props: FieldProps): JSX.Element {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  // The browser itself looks at `autofocus` only while the page loads and when a dialog opens.
  useEffect(() => {
    if (props.autoFocus === true) input.current?.focus()
  }, [])
  return (
    <div class={css.field}>
      <label class={css.label} for={id}>
        {props.label}
        {props.optional === true && <span class={css.optional}> {partText.optional}</span>}
      </label>
      <div class={`${css.box} ${props.error === undefined ? "" : css.wrong}`}>
        {props.prefix !== undefined && (
          <span class={css.prefix} aria-hidden="true">
            {props.prefix}
          </span>
        )}
        <input
          ref={input}
          id={id}
          class={`${css.input} ${props.mono === true ? css.mono : ""}`}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          autoComplete={props.autoComplete ?? "off"}
          autoCapitalize={props.prefix === "@" ? "none" : undefined}
          inputMode={props.inputMode ?? "text"}
          maxLength={props.maxLength}
          autoFocus={props.autoFocus ?? false}
          placeholder={props.placeholder}
          spellcheck={props.spellCheck ?? false}
          disabled={props.disabled ?? false}
          dir="auto"
          aria-invalid={props.error !== undefined}
          aria-describedby={`${id}-error ${id}-seen ${id}-hint`}
        />
        {props.end}
      </div>
      {props.error !== undefined && (
        <p class={css.error} id={`${id}-error`}>
          <Icon name="triangle-alert" size={15} />
          {props.error}
        </p>
      )}
      {props.hint !== undefined && (
        <p class={css.hint} id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.seenBy !== undefined && (
        <p class={css.hint} id={`${id}-seen`}>
          <Icon name="eye" size={15} />
          <span>{props.seenBy}</span>
        </p>
      )}
    </div>
  )
}
