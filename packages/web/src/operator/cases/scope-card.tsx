// What a case asks for: what can be handed over, what the instrument does not cover, and what nobody can hand over.

import type { OperatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import { Card } from "../part/page.tsx"
import { className, impossibleReason } from "../text/words.ts"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"

export function ScopeCard({ one }: { readonly one: OperatorCase }): JSX.Element {
  return (
    <Card title={t.cases.scope.title}>
      <Scope one={one} />
    </Card>
  )
}

export function Scope({ one }: { readonly one: Pick<OperatorCase, "granted" | "beyond" | "impossible" | "outcome"> }): JSX.Element {
  const ahead = one.outcome === undefined
  return (
    <div>
      <Group
        title={ahead ? t.cases.scope.inArchive : t.cases.scope.covered}
        icon="check"
        look={css.granted}
        names={one.granted}
        none={t.cases.scope.nothing}
      />
      <Group title={t.cases.scope.beyond} icon="ban" names={one.beyond} />
      <Group title={ahead ? t.cases.scope.impossibleAhead : t.cases.scope.impossible} icon="lock" names={one.impossible} reasons />
    </div>
  )
}

function Group(props: {
  readonly title: string
  readonly icon: IconName
  readonly look?: string | undefined
  readonly names: readonly string[]
  readonly none?: string
  readonly reasons?: boolean
}): JSX.Element | null {
  if (props.names.length === 0 && props.none === undefined) return null
  return (
    <div class={css.group}>
      <h3 class={css.subtitle}>{props.title}</h3>
      {props.names.length === 0 ? (
        <p>{props.none}</p>
      ) : (
        <ul class={css.classes}>
          {props.names.map((name) => (
            <li key={name} class={`${css.class} ${props.look ?? ""}`}>
              <Icon name={props.icon} size={18} />
              <span class={css.classWords}>
                {className(name)}
                {props.reasons === true && <span class={css.quiet}>{impossibleReason(name)}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
