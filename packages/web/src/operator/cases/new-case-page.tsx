// Records a request. The typed text stays in memory through a sign-out, until it is sent or cleared.

import { type DeskRequest, gagDaysMax, instruments, operatorCaseOpen } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { Field } from "../../part/field.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { DayField, SelectField, TextArea } from "../part/labelled.tsx"
import { Card, Page } from "../part/page.tsx"
import { useAct } from "../part/use-act.ts"
import { type CaseForm, accountsIn, caseErrors, emptyCaseForm, isStarted, requestOf } from "./case-form.ts"
import { t } from "../text/catalogue.ts"
import css from "./cases.module.css"
import { ClassesField } from "./classes-field.tsx"
import { countries } from "./countries.ts"
import form from "./new-case.module.css"

const countryOptions = countries().map(({ code, name }) => ({ value: code, label: name }))
const instrumentOptions = instruments.map((value) => ({ value, label: t.terms.instrumentChoices[value] }))

export function NewCasePage(): JSX.Element {
  const { role } = usePerson()
  return (
    <Page
      title={t.cases.new}
      blind="cases"
      above={
        <a class={css.back} href="#/cases">
          <Icon name="arrow-left" size={18} /> {t.frame.pages.cases}
        </a>
      }
      lead={t.request.lead}
    >
      {role === "reviewer" ? <p class={css.who}>{t.request.reviewer}</p> : <NewCase />}
    </Page>
  )
}

function NewCase(): JSX.Element {
  const { client, draft, places, say } = useConsole()
  const today = currentDay()
  const value = draft.value ?? emptyCaseForm(today)
  const tried = useSignal(false)
  const element = useRef<HTMLFormElement>(null)
  const act = useAct()
  const errors = caseErrors(value, today)
  const shown = tried.value ? errors : {}
  const count = Object.keys(shown).length
  const set = <Name extends keyof CaseForm>(name: Name, next: CaseForm[Name]): void => {
    draft.value = { ...(draft.peek() ?? emptyCaseForm(today)), [name]: next }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    tried.value = true
    const { instrument } = value
    if (Object.keys(errors).length > 0 || instrument === "") {
      // After the form is drawn again, focus the first field with an error.
      setTimeout(() => element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), 0)
      return
    }
    void act.run(async () => {
      const request: DeskRequest = requestOf({ ...value, instrument })
      const { caseId } = await client.call(operatorCaseOpen, { request: JSON.stringify(request) })
      draft.value = undefined
      say(t.request.saved)
      places.go({ at: "case", caseId })
    })
  }
  const { names } = accountsIn(value.accounts)
  return (
    <form class={form.form} ref={element} onSubmit={submit} noValidate>
      <Card title={t.request.who}>
        <Field
          label={t.request.authority}
          value={value.authority}
          onInput={(next) => set("authority", next)}
          error={shown.authority}
          hint={t.request.authorityHint}
        />
        <SelectField
          label={t.request.country}
          value={value.country}
          empty={t.request.countryEmpty}
          options={countryOptions}
          onInput={(next) => set("country", next)}
          error={shown.country}
        />
        <Field
          label={t.request.reference}
          value={value.reference}
          onInput={(next) => set("reference", next)}
          error={shown.reference}
          hint={t.request.referenceHint}
        />
      </Card>
      <Card title={t.request.right}>
        <SelectField
          label={t.request.instrument}
          value={value.instrument}
          empty={t.request.instrumentEmpty}
          options={instrumentOptions}
          onInput={(next) => set("instrument", next)}
          error={shown.instrument}
        />
        <Field
          label={t.request.legalBasis}
          value={value.legalBasis}
          onInput={(next) => set("legalBasis", next)}
          error={shown.legalBasis}
          hint={t.request.legalBasisHint}
        />
        <div class={form.days}>
          <DayField label={t.request.issued} value={value.issued} onInput={(next) => set("issued", next)} error={shown.issued} />
          <DayField label={t.request.received} value={value.received} onInput={(next) => set("received", next)} error={shown.received} />
        </div>
      </Card>
      <Card title={t.request.about}>
        <TextArea
          label={t.request.accounts}
          value={value.accounts}
          rows={3}
          mono
          placeholder={t.request.accountsExample}
          onInput={(next) => set("accounts", next)}
          error={shown.accounts}
          hint={t.request.accountsHint(names.length)}
        />
        {(names.length > 10 || value.bulkReason !== "") && (
          <TextArea
            label={t.request.bulkReason}
            value={value.bulkReason}
            rows={2}
            onInput={(next) => set("bulkReason", next)}
            error={shown.bulkReason}
            hint={t.request.bulkReasonHint}
          />
        )}
      </Card>
      <Card title={t.request.asks}>
        <ClassesField
          instrument={value.instrument}
          chosen={value.classes}
          error={shown.classes}
          onChange={(next) => set("classes", next)}
        />
      </Card>
      <Card title={t.request.silence}>
        <DayField
          label={t.request.gagUntil}
          optional
          value={value.gagUntil}
          onInput={(next) => set("gagUntil", next)}
          error={shown.gagUntil}
          hint={t.request.gagHint(gagDaysMax)}
        />
      </Card>
      <Failure failure={act.failure.value} />
      {count > 0 && (
        <p class={form.count} role="status">
          {t.request.toCheck(count)}
        </p>
      )}
      <div class={form.actions}>
        <Button look="primary" type="submit" busy={act.busy.value}>
          {t.request.save}
        </Button>
        {isStarted(value, today) && (
          <Button
            look="quiet"
            onClick={() => {
              draft.value = undefined
              tried.value = false
            }}
          >
            {t.request.clear}
          </Button>
        )}
      </div>
    </form>
  )
}

/** The later of the local day and the UTC day: one of them is the day on the letter. */
function currentDay(): string {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
  return [now, local].map((moment) => moment.toISOString().slice(0, 10)).toSorted()[1] ?? ""
}
