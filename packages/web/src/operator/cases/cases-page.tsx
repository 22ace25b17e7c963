// The cases: open ones first, then answered ones.

import { type OperatorCaseLine, operatorCases } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import type { IconName } from "../../icon/names.ts"
import { Button } from "../../part/button.tsx"
import { EmptyState } from "../../part/states.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card, Page, Reading } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { useAct } from "../part/use-act.ts"
import { formatPlace } from "../place.ts"
import { instrumentName } from "../text/words.ts"
import { t } from "../text/catalogue.ts"
import css from "./cases.module.css"
import { countryName } from "./countries.ts"
import { caseState } from "./course.ts"

export function CasesPage(): JSX.Element {
  const { client, places } = useConsole()
  const { role } = usePerson()
  const first = useLoad(() => client.call(operatorCases, {}), [])
  const later = useSignal<readonly OperatorCaseLine[]>([])
  const laterEnds = useSignal(false)
  const act = useAct()
  const all = [...(first.value?.cases ?? []), ...later.value]
  const more = later.value.length === 0 ? first.value?.more === true : !laterEnds.value
  const readMore = (): Promise<boolean> =>
    act.run(async () => {
      const before = all.at(-1)?.caseId
      const next = await client.call(operatorCases, { before })
      later.value = [...later.value, ...next.cases]
      laterEnds.value = !next.more
    })
  const mayOpen = role !== "reviewer"
  const newCase = mayOpen && (
    <Button look="primary" icon="plus" onClick={() => places.go({ at: "new-case" })}>
      {t.cases.new}
    </Button>
  )
  return (
    <Page title={t.frame.pages.cases} blind="cases" lead={t.cases.lead} actions={all.length > 0 && newCase}>
      {!mayOpen && <p class={css.who}>{t.cases.reviewer}</p>}
      <Reading of={first} failed={t.cases.notLoaded}>
        {() =>
          all.length === 0 ? (
            <Card>
              <EmptyState title={t.cases.none} icon="inbox" action={newCase}>
                {t.cases.noneWords}
              </EmptyState>
            </Card>
          ) : (
            <>
              <CaseList title={t.cases.open} cases={all.filter(({ outcome }) => outcome === undefined)} none={t.cases.noneOpen} />
              <CaseList title={t.cases.answered} cases={all.filter(({ outcome }) => outcome !== undefined)} none={t.cases.noneAnswered} />
              <Failure failure={act.failure.value} />
              {more && (
                <Button look="plain" busy={act.busy.value} onClick={readMore}>
                  {t.cases.more}
                </Button>
              )}
            </>
          )
        }
      </Reading>
    </Page>
  )
}

function CaseList(props: { readonly title: string; readonly cases: readonly OperatorCaseLine[]; readonly none: string }): JSX.Element {
  return (
    <Card title={props.title}>
      {props.cases.length === 0 ? (
        <p class={css.quiet}>{props.none}</p>
      ) : (
        <ul class={css.list}>
          {props.cases.map((one) => (
            <li key={one.caseId}>
              <CaseRow line={one} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function CaseRow({ line }: { readonly line: OperatorCaseLine }): JSX.Element {
  const { calendar } = useConsole()
  return (
    <a class={css.row} href={formatPlace({ at: "case", caseId: line.caseId })}>
      <span class={css.rowWords}>
        <span class={css.authority}>
          <bdi>{line.authority}</bdi>
        </span>
        <span class={css.quiet}>
          {countryName(line.country)} · {instrumentName(line.instrument)} · <bdi>{line.reference}</bdi>
        </span>
        <span class={css.quiet}>{t.cases.recorded(line.accounts, calendar.brief(line.openedAtMs, Date.now()))}</span>
      </span>
      <CaseTag line={line} />
    </a>
  )
}

const outcomeIcons: Readonly<Record<string, IconName>> = { rejected: "ban", challenged: "shield", withdrawn: "x" }

export function CaseTag({ line }: { readonly line: Pick<OperatorCaseLine, "outcome" | "approvals" | "approvalsNeeded"> }): JSX.Element {
  const words = caseState(line)
  if (line.outcome !== undefined) return <Tag icon={outcomeIcons[line.outcome] ?? "check"}>{words}</Tag>
  return line.approvals >= line.approvalsNeeded ? (
    <Tag look="accent" icon="check-check">
      {words}
    </Tag>
  ) : (
    <Tag look="caution" icon="hourglass">
      {t.cases.approvalsOf(words, line.approvals, line.approvalsNeeded)}
    </Tag>
  )
}
