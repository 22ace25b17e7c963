import type { OperatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import { Card } from "../part/page.tsx"
import { t } from "../text/catalogue.ts"
import css from "./case-course.module.css"
import { type Step, courseOf } from "./course.ts"

const icons: Readonly<Record<Step["state"], IconName | undefined>> = {
  done: "check",
  now: "hourglass",
  ahead: undefined,
  skipped: "x",
}

export function CaseCourse({ one }: { readonly one: OperatorCase }): JSX.Element {
  return (
    <Card>
      <h2 class="visually-hidden">{t.cases.course.title}</h2>
      <ol class={css.course}>
        {courseOf(one).map((step) => {
          const icon = icons[step.state]
          return (
            <li key={step.name} class={`${css.step} ${css[step.state]}`} aria-current={step.state === "now" ? "step" : undefined}>
              <span class={css.mark}>{icon !== undefined && <Icon name={icon} size={16} />}</span>
              <span class={css.words}>
                <span class={css.name}>{step.name}</span>
                <span class="visually-hidden"> ({t.cases.course.states[step.state]})</span>
                <span class={css.text} dir="auto">
                  {step.text}
                </span>
              </span>
            </li>
          )
        })}
      </ol>
    </Card>
  )
}
