// One case: its progress, what it asks for, its documents, and the next step.

import { type OperatorCase, operatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import { Facts } from "../part/facts.tsx"
import { Card, Page, Reading } from "../part/page.tsx"
import { dayText } from "../text/amount.ts"
import { instrumentName } from "../text/words.ts"
import { ApprovalsCard } from "./approvals-card.tsx"
import { CaseActions, nextStepId } from "./case-actions.tsx"
import { CaseAnswer } from "./case-answer.tsx"
import { CaseCourse } from "./case-course.tsx"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"
import cases from "./cases.module.css"
import { CaseTag } from "./cases-page.tsx"
import { countryName } from "./countries.ts"
import { DocumentsCard } from "./documents-card.tsx"
import { ScopeCard } from "./scope-card.tsx"

/** A list of this many accounts scrolls on its own, so the keyboard must be able to reach it. */
const scrollingFrom = 20

export function CasePage(props: { readonly caseId: string }): JSX.Element {
  const { client } = useConsole()
  const loaded = useLoad(() => client.call(operatorCase, { caseId: props.caseId }), [props.caseId])
  const one = loaded.value
  return (
    <Page
      title={one?.authority ?? t.cases.one.title}
      blind="cases"
      above={
        <a class={cases.back} href="#/cases">
          <Icon name="arrow-left" size={18} /> {t.frame.pages.cases}
        </a>
      }
      lead={
        one && (
          <>
            {instrumentName(one.instrument)}, {countryName(one.country)} · <bdi>{one.reference}</bdi>
          </>
        )
      }
      actions={one && <CaseTag line={one} />}
    >
      <Reading of={loaded} failed={t.cases.one.notLoaded}>
        {(value) => <Body one={value} onChange={loaded.reload} />}
      </Reading>
    </Page>
  )
}

function Body({ one, onChange }: { readonly one: OperatorCase; readonly onChange: () => void }): JSX.Element {
  const open = one.outcome === undefined
  const step = `${one.approvals} ${one.outcome}`
  const before = useRef(step)
  // The button of a finished step disappears, so the focus moves to the next step.
  useEffect(() => {
    if (before.current !== step) document.getElementById(nextStepId)?.focus()
    before.current = step
  }, [step])
  return (
    <>
      <CaseCourse one={one} />
      {open ? <CaseActions one={one} onChange={onChange} /> : <CaseAnswer one={one} />}
      <div class={css.columns}>
        <ScopeCard one={one} />
        <ApprovalsCard one={one} />
        <Card title={t.amounts.accounts(one.accountNames.length)}>
          <ul class={css.accounts} tabIndex={one.accountNames.length > scrollingFrom ? 0 : undefined}>
            {one.accountNames.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
          {one.bulkReason !== undefined && (
            <p class={css.quiet} dir="auto">
              {t.cases.one.whySoMany(one.bulkReason)}
            </p>
          )}
        </Card>
        <DocumentsCard one={one} onChange={onChange} />
        <RequestCard one={one} />
      </div>
    </>
  )
}

function RequestCard({ one }: { readonly one: OperatorCase }): JSX.Element {
  const { calendar } = useConsole()
  return (
    <Card title={t.cases.one.request}>
      <Facts
        facts={[
          { name: t.cases.one.legalBasis, value: one.legalBasis },
          { name: t.cases.one.issued, value: dayText(one.issued) },
          { name: t.cases.one.received, value: dayText(one.received) },
          { name: t.cases.one.gagUntil, value: one.gagUntil === undefined ? t.cases.one.noGag : dayText(one.gagUntil) },
          { name: t.cases.one.recorded, value: calendar.full(one.openedAtMs) },
          one.closedAtMs === undefined ? undefined : { name: t.cases.one.closed, value: calendar.full(one.closedAtMs) },
          { name: t.cases.one.id, value: <code>{one.caseId}</code> },
        ]}
      />
    </Card>
  )
}
