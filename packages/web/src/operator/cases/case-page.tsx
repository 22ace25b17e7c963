// One case: where it stands, what it asks for, what belongs to it, and the next step.

import { type OperatorCase, operatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import { Facts } from "../part/facts.tsx"
import { Card, Page, Reading } from "../part/page.tsx"
import { counted, dayText } from "../text/amount.ts"
import { instrumentName } from "../text/words.ts"
import { ApprovalsCard } from "./approvals-card.tsx"
import { CaseActions, nextStepId } from "./case-actions.tsx"
import { CaseAnswer } from "./case-answer.tsx"
import { CaseCourse } from "./case-course.tsx"
import css from "./case-page.module.css"
import cases from "./cases.module.css"
import { CaseTag } from "./cases-page.tsx"
import { countryName } from "./countries.ts"
import { DocumentsCard } from "./documents-card.tsx"
import { ScopeCard } from "./scope-card.tsx"

/** From so many accounts on, their list scrolls by itself, and the keys must reach it. */
const scrollingFrom = 20

export function CasePage(props: { readonly caseId: string }): JSX.Element {
  const { client } = useConsole()
  const loaded = useLoad(() => client.call(operatorCase, { caseId: props.caseId }), [props.caseId])
  const one = loaded.value
  return (
    <Page
      title={one?.authority ?? "Case"}
      blind="cases"
      above={
        <a class={cases.back} href="#/cases">
          <Icon name="arrow-left" size={18} /> Cases
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
      <Reading of={loaded} failed="The case could not be read">
        {(value) => <Body one={value} onChange={loaded.reload} />}
      </Reading>
    </Page>
  )
}

function Body({ one, onChange }: { readonly one: OperatorCase; readonly onChange: () => void }): JSX.Element {
  const open = one.outcome === undefined
  const step = `${one.approvals} ${one.outcome}`
  const before = useRef(step)
  // The button of a step that was just done is gone: the focus goes on to what can be done now.
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
        <Card title={counted(one.accountNames.length, "account")}>
          <ul class={css.accounts} tabIndex={one.accountNames.length > scrollingFrom ? 0 : undefined}>
            {one.accountNames.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
          {one.bulkReason !== undefined && (
            <p class={css.quiet} dir="auto">
              Why so many: {one.bulkReason}
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
    <Card title="The request">
      <Facts
        facts={[
          { name: "Legal basis", value: one.legalBasis },
          { name: "Issued", value: dayText(one.issued) },
          { name: "Received", value: dayText(one.received) },
          { name: "Gag until", value: one.gagUntil === undefined ? "none" : dayText(one.gagUntil) },
          { name: "Written down", value: calendar.full(one.openedAtMs) },
          one.closedAtMs === undefined ? undefined : { name: "Closed", value: calendar.full(one.closedAtMs) },
          { name: "Case", value: <code>{one.caseId}</code> },
        ]}
      />
    </Card>
  )
}
