// What the server found when it looked at itself, as `nodoor-server doctor` says it.

import type { FindingLevel, OperatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import { Rings } from "../../part/rings.tsx"
import { Card } from "../part/page.tsx"
import css from "./overview.module.css"

type Finding = OperatorOverview["findings"][number]

const looks: Readonly<Record<FindingLevel, { readonly icon: IconName; readonly word: string }>> = {
  bad: { icon: "shield-alert", word: "Does not work" },
  warn: { icon: "triangle-alert", word: "Look at this" },
  note: { icon: "info", word: "Worth knowing" },
  ok: { icon: "check", word: "Fine" },
}

export function Findings(props: { readonly findings: readonly Finding[] }): JSX.Element {
  const of = (...levels: readonly FindingLevel[]): readonly Finding[] =>
    levels.flatMap((level) => props.findings.filter((one) => one.level === level))
  const wrong = of("bad", "warn")
  const rest = of("note", "ok")
  return (
    <Card>
      <div class={css.verdict}>
        {wrong.length === 0 ? (
          <Rings size={28} class={css.calm} />
        ) : (
          <span class={of("bad").length > 0 ? css.bad : css.warn}>
            <Icon name={of("bad").length > 0 ? "shield-alert" : "triangle-alert"} size={28} />
          </span>
        )}
        <h2 class={css.verdictWords}>{verdict(of("bad").length, of("warn").length)}</h2>
      </div>
      {wrong.length > 0 && <List findings={wrong} />}
      {rest.length > 0 && (
        <details class={css.rest}>
          <summary>{wrong.length === 0 ? `All ${rest.length} checks` : `${rest.length} other checks, all fine`}</summary>
          <List findings={rest} />
        </details>
      )}
    </Card>
  )
}

function verdict(bad: number, warn: number): string {
  if (bad > 0) {
    const others = warn === 0 ? "" : warn === 1 ? " Another should be looked at." : ` ${warn} more should be looked at.`
    return `${bad === 1 ? "One thing does not work." : `${bad} things do not work.`}${others}`
  }
  if (warn > 0) return warn === 1 ? "Running. One thing should be looked at." : `Running. ${warn} things should be looked at.`
  return "Everything runs as it should."
}

function List(props: { readonly findings: readonly Finding[] }): JSX.Element {
  return (
    <ul class={css.findings}>
      {props.findings.map((finding) => (
        <li key={finding.what} class={`${css.finding} ${css[finding.level]}`}>
          <Icon name={looks[finding.level].icon} size={18} />
          <p>
            <strong class={css.what}>{finding.what}</strong>
            <span class="visually-hidden"> ({looks[finding.level].word})</span>: <span dir="auto">{finding.text}</span>
          </p>
        </li>
      ))}
    </ul>
  )
}
