// What a request asks for. What the chosen instrument reaches is said beside each class while it is chosen; what nobody can hand over can
// be written down as well, because authorities ask for it.

import { type Instrument, type SoughtClass, allowedBy, heldClasses, impossibleClasses, scopeOf } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useId } from "preact/hooks"
import { CheckGroup } from "../part/choice.tsx"
import { FieldError } from "../part/labelled.tsx"
import { t } from "../text/catalogue.ts"
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
        aria-label={t.request.asks}
      >
        <p class={form.reachWords} role="status">
          {reachWords(instrument)}
        </p>
        <FieldError id={`${id}-error`} error={props.error} />
      </div>
      <CheckGroup<SoughtClass>
        legend={t.request.held}
        options={heldClasses.map((value) => ({
          value,
          label: t.terms.classes[value],
          hint: reached === undefined || reached.includes(value) ? undefined : <span class={form.beyond}>{t.request.notCovered}</span>,
        }))}
        chosen={chosen}
        onChange={props.onChange}
      />
      <CheckGroup<SoughtClass>
        legend={t.request.impossible}
        options={impossibleClasses.map((value) => ({
          value,
          label: t.terms.classes[value],
          hint: t.request.impossibleHint(t.terms.impossible[value]),
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
  return `${t.request.selectAll} ${covered(instrument)}`
}

function covered(instrument: Instrument | ""): string {
  if (instrument === "") return t.request.coversUnknown
  const reach = allowedBy[instrument].length
  if (reach === heldClasses.length) return t.request.coversAll
  return reach === 0 ? t.request.coversNothing : t.request.covers(reach, heldClasses.length)
}

function summary(instrument: Instrument, classes: readonly SoughtClass[]): string {
  const { granted, beyond, impossible } = scopeOf({ instrument, classes })
  return t.request.summary(granted.length, beyond.length, impossible.length)
}
