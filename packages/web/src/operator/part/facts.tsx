import type { ComponentChildren, JSX } from "preact"
import css from "./facts.module.css"

export interface Fact {
  readonly name: string
  readonly value: ComponentChildren
}

/** Names and values, one per line. */
export function Facts(props: { readonly facts: readonly (Fact | undefined)[] }): JSX.Element {
  return (
    <dl class={css.facts}>
      {props.facts
        .filter((fact) => fact !== undefined)
        .map((fact) => (
          <div key={fact.name} class={css.fact}>
            <dt>{fact.name}</dt>
            <dd dir="auto">{fact.value}</dd>
          </div>
        ))}
    </dl>
  )
}
