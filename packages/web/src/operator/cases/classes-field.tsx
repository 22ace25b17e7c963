// What a request asks for. What the chosen instrument reaches is said beside each class while it is chosen; what nobody can hand over can
// be written down as well, because authorities ask for it.

import { type Instrument, type SoughtClass, allowedBy, heldClasses, impossibleClasses, scopeOf } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useId } from "preact/hooks"
import { CheckGroup } from "../part/choice.tsx"
import { FieldError } from "../part/labelled.tsx"
import { counted } from "../text/amount.ts"
import { classWords, impossibleWords } from "../text/words.ts"
import form from "./new-case.module.css"

export function ClassesField(props: {
  readonly instrument: Instrument | ""
  readonly chosen: readonly SoughtClass[]
  readonly error: string | undefined
  readonly onChange: (chosen: readonly SoughtClass[]) => void
}): JSX.Element {
  const { instrument, chosen } = props
  const id = useId()
  const reached = instrument === "" ? undefined : allowedBy[instrument]
  return (
    <div class={form.reach}>
      <div
        class={form.error}
        tabIndex={-1}
        aria-invalid={props.error !== undefined}
        aria-describedby={`${id}-error`}
        role="group"
        aria-label="What it asks for"
      >
        <p class={form.reachWords} role="status">
          {reachWords(instrument)}
        </p>
        <FieldError id={`${id}-error`} error={props.error} />
      </div>
      <CheckGroup<SoughtClass>
        legend="What this server holds"
        options={heldClasses.map((value) => ({
          value,
          label: classWords[value],
          hint:
            reached === undefined || reached.includes(value) ? undefined : (
              <span class={form.beyond}>This instrument does not reach it: it will not be handed over.</span>
            ),
        }))}
        chosen={chosen}
        onChange={props.onChange}
      />
      <CheckGroup<SoughtClass>
        legend="What does not exist here"
        options={impossibleClasses.map((value) => ({
          value,
          label: classWords[value],
          hint: <>{impossibleWords[value]} Will be answered with the technical statement.</>,
        }))}
        chosen={chosen}
        onChange={props.onChange}
      />
      <p class={form.reachWords} role="status">
        {instrument !== "" && chosen.length > 0 && summary(instrument, chosen)}
      </p>
    </div>
  )
}

function reachWords(instrument: Instrument | ""): string {
  const all = "Tick everything the request asks for."
  if (instrument === "") return `${all} What an instrument reaches is said here once you have chosen it.`
  const reach = allowedBy[instrument].length
  if (reach === heldClasses.length) return `${all} By the rules of this desk, the instrument reaches all that this server holds.`
  if (reach === 0) return `${all} By the rules of this desk, the instrument reaches nothing: the request will be answered, and refused.`
  return `${all} By the rules of this desk, the instrument reaches ${reach} of the ${heldClasses.length} kinds that this server holds.`
}

function summary(instrument: Instrument, classes: readonly SoughtClass[]): string {
  const { granted, beyond, impossible } = scopeOf({ instrument, classes })
  const parts = [
    granted.length > 0 ? `${counted(granted.length, "kind")} can be handed over` : "Nothing can be handed over",
    beyond.length > 0 && `${counted(beyond.length, "kind")} beyond the instrument`,
    impossible.length > 0 && `${impossible.length} answered with the technical statement`,
  ]
  return `${parts.filter((part) => part !== false).join(", ")}.`
}
