import type { OperatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import { Card } from "../part/page.tsx"
import css from "./case-course.module.css"
import { type Step, courseOf } from "./course.ts"

const marks: Readonly<Record<Step["state"], { readonly icon: IconName | undefined; readonly word: string }>> = {
  done: { icon: "check", word: "done" },
  now: { icon: "hourglass", word: "now" },
  ahead: { icon: undefined, word: "ahead" },
  skipped: { icon: "x", word: "left out" },
}

export function CaseCourse({ one }: { readonly one: OperatorCase }): JSX.Element {
  return (
    <Card>
      <h2 class="visually-hidden">Course of the case</h2>
      <ol class={css.course}>
        {courseOf(one).map((step) => {
          const { icon, word } = marks[step.state]
          return (
            <li key={step.name} class={`${css.step} ${css[step.state]}`} aria-current={step.state === "now" ? "step" : undefined}>
              <span class={css.mark}>{icon !== undefined && <Icon name={icon} size={16} />}</span>
              <span class={css.words}>
                <span class={css.name}>{step.name}</span>
                <span class="visually-hidden"> ({word})</span>
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
