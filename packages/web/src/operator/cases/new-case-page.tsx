// Writes a request down. What was typed stays in memory through a sign-out, until it was sent or thrown away.

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
import { counted } from "../text/amount.ts"
import { instrumentWords } from "../text/words.ts"
import { type CaseForm, accountsIn, caseErrors, emptyCaseForm, isStarted, requestOf } from "./case-form.ts"
import css from "./cases.module.css"
import { ClassesField } from "./classes-field.tsx"
import { countries } from "./countries.ts"
import form from "./new-case.module.css"

const countryOptions = countries().map(({ code, name }) => ({ value: code, label: name }))
const instrumentOptions = instruments.map((value) => ({ value, label: instrumentWords[value] }))

export function NewCasePage(): JSX.Element {
  const { role } = usePerson()
  return (
    <Page
      title="New case"
      blind="cases"
      above={
        <a class={css.back} href="#/cases">
          <Icon name="arrow-left" size={18} /> Cases
        </a>
      }
      lead="As the request says it, whatever it asks for. Its place in the public log is taken when you save."
    >
      {role === "reviewer" ? <p class={css.who}>Cases are opened by operators and owners. You are a reviewer.</p> : <NewCase />}
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
      // After it was drawn again: the first field that needs a look.
      setTimeout(() => element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), 0)
      return
    }
    void act.run(async () => {
      const request: DeskRequest = requestOf({ ...value, instrument })
      const { caseId } = await client.call(operatorCaseOpen, { request: JSON.stringify(request) })
      draft.value = undefined
      say("Written down. Two people must approve it.")
      places.go({ at: "case", caseId })
    })
  }
  const { names } = accountsIn(value.accounts)
  return (
    <form class={form.form} ref={element} onSubmit={submit} noValidate>
      <Card title="Who asks">
        <Field
          label="Authority"
          value={value.authority}
          onInput={(next) => set("authority", next)}
          error={shown.authority}
          hint="Its full name, as on the document."
        />
        <SelectField
          label="Country"
          value={value.country}
          empty="Choose a country"
          options={countryOptions}
          onInput={(next) => set("country", next)}
          error={shown.country}
        />
        <Field
          label="Reference"
          value={value.reference}
          onInput={(next) => set("reference", next)}
          error={shown.reference}
          hint="As it stands on the document."
        />
      </Card>
      <Card title="By what right">
        <SelectField
          label="Instrument"
          value={value.instrument}
          empty="Choose what it is"
          options={instrumentOptions}
          onInput={(next) => set("instrument", next)}
          error={shown.instrument}
        />
        <Field
          label="Legal basis"
          value={value.legalBasis}
          onInput={(next) => set("legalBasis", next)}
          error={shown.legalBasis}
          hint="The law and section that it names."
        />
        <div class={form.days}>
          <DayField label="Issued" value={value.issued} onInput={(next) => set("issued", next)} error={shown.issued} />
          <DayField label="Received" value={value.received} onInput={(next) => set("received", next)} error={shown.received} />
        </div>
      </Card>
      <Card title="About whom">
        <TextArea
          label="Accounts"
          value={value.accounts}
          rows={3}
          mono
          placeholder="@handle"
          onInput={(next) => set("accounts", next)}
          error={shown.accounts}
          hint={`${names.length === 0 ? "None named yet" : `${counted(names.length, "account")} named`}. Handles with their @, or account ids; a search is not possible.`}
        />
        {(names.length > 10 || value.bulkReason !== "") && (
          <TextArea
            label="Why so many"
            value={value.bulkReason}
            rows={2}
            onInput={(next) => set("bulkReason", next)}
            error={shown.bulkReason}
            hint="More than ten accounts in one request need a reason. It stays with the case."
          />
        )}
      </Card>
      <Card title="What it asks for">
        <ClassesField
          instrument={value.instrument}
          chosen={value.classes}
          error={shown.classes}
          onChange={(next) => set("classes", next)}
        />
      </Card>
      <Card title="Silence">
        <DayField
          label="The people named must not be told until"
          optional
          value={value.gagUntil}
          onInput={(next) => set("gagUntil", next)}
          error={shown.gagUntil}
          hint={`The last day of the gag, if the document orders one; at most ${gagDaysMax} days. They are told the day after, and the notice opens then.`}
        />
      </Card>
      <Failure failure={act.failure.value} />
      {count > 0 && (
        <p class={form.count} role="status">
          {count === 1 ? "One field needs" : `${count} fields need`} another look.
        </p>
      )}
      <div class={form.actions}>
        <Button look="primary" type="submit" busy={act.busy.value}>
          Save the case
        </Button>
        {isStarted(value, today) && (
          <Button
            look="quiet"
            onClick={() => {
              draft.value = undefined
              tried.value = false
            }}
          >
            Empty the form
          </Button>
        )}
      </div>
    </form>
  )
}

/** The later of the day here and the day in UTC: one of them is the day on the letter. */
function currentDay(): string {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000)
  return [now, local].map((moment) => moment.toISOString().slice(0, 10)).toSorted()[1] ?? ""
}
