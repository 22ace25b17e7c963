// What the server found when it checked itself, as in `nodoor-server doctor`.

import type { FindingLevel, OperatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import type { IconName } from "../../icon/names.ts"
import { Rings } from "../../part/rings.tsx"
import { Card } from "../part/page.tsx"
import { t } from "../text/catalogue.ts"
import css from "./overview.module.css"

type Finding = OperatorOverview["findings"][number]

const looks: Readonly<Record<FindingLevel, { readonly icon: IconName; readonly word: string }>> = {
  bad: { icon: "shield-alert", word: t.overview.checks.levels.bad },
  warn: { icon: "triangle-alert", word: t.overview.checks.levels.warn },
  note: { icon: "info", word: t.overview.checks.levels.note },
  ok: { icon: "check", word: t.overview.checks.levels.ok },
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
          <summary>{wrong.length === 0 ? t.overview.checks.all(rest.length) : t.overview.checks.others(rest.length)}</summary>
          <List findings={rest} />
        </details>
      )}
    </Card>
  )
}

function verdict(bad: number, warn: number): string {
  if (bad > 0) return t.overview.checks.bad(bad, warn)
  return warn > 0 ? t.overview.checks.warn(warn) : t.overview.checks.ok
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
