// The result of a closed case: the archive and the letter while they are kept, and who was told.

import { type OperatorCase, operatorCaseArchive } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card } from "../part/page.tsx"
import { saveBytes } from "../part/save-bytes.ts"
import { useAct } from "../part/use-act.ts"
import { dayText, grouped } from "../text/amount.ts"
import { outcomeName } from "../text/words.ts"
import { nextStepId } from "./case-actions.tsx"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"

export function CaseAnswer({ one }: { readonly one: OperatorCase }): JSX.Element {
  const { client, calendar } = useConsole()
  const { role } = usePerson()
  const act = useAct()
  const { caseId, exportSha256, archiveUntilMs } = one
  const download = (what: "archive" | "letter"): Promise<boolean> =>
    act.run(async () => {
      const { archive, letter } = await client.call(operatorCaseArchive, { caseId })
      if (what === "archive") saveBytes(`nodoor-case-${caseId}.json`, archive)
      else saveBytes(`nodoor-case-${caseId}.html`, letter)
    })
  return (
    <Card>
      <div class={css.next}>
        <h2 class={css.nextTitle} id={nextStepId} tabIndex={-1}>
          {outcomeName(one.outcome ?? "")}
          {one.closedAtMs !== undefined && <span class={css.date}>{calendar.day(one.closedAtMs, Date.now())}</span>}
        </h2>
        <p class={css.quiet}>
          {toldWords(one)} {askedWords(one)}
        </p>
        {one.gagUntil !== undefined && !one.noticeOpen && (
          <p class={css.quiet}>{t.cases.answer.gag(<code>nodoor-server desk gag</code>)}</p>
        )}
      </div>
      {exportSha256 !== undefined && (
        <>
          <h3 class={css.subtitle}>{t.cases.answer.digest}</h3>
          <p class={css.digest} dir="ltr">
            {grouped(exportSha256)}
          </p>
        </>
      )}
      <Failure failure={act.failure.value} />
      {archiveUntilMs !== undefined && (
        <>
          {role === "reviewer" ? (
            <p class={css.quiet}>{t.cases.answer.reviewer}</p>
          ) : (
            <div class={css.actions}>
              <Button look="primary" icon="download" busy={act.busy.value} onClick={() => download("archive")}>
                {t.cases.answer.archive}
              </Button>
              <Button icon="download" busy={act.busy.value} onClick={() => download("letter")}>
                {t.cases.answer.letter}
              </Button>
            </div>
          )}
          <p class={css.quiet}>{t.cases.answer.kept(calendar.full(archiveUntilMs), <code>nodoor export --verify FILE</code>)}</p>
        </>
      )}
      {archiveUntilMs === undefined && exportSha256 !== undefined && <p class={css.quiet}>{t.cases.answer.gone}</p>}
    </Card>
  )
}

function toldWords({ told, gagUntil }: OperatorCase): string {
  switch (told) {
    case "told":
      return t.cases.answer.told
    case "later":
      return t.cases.answer.toldLater(gagUntil === undefined ? undefined : dayText(gagUntil))
    case "no":
      return t.cases.answer.notTold
    case "nobody":
      return t.cases.answer.nobodyToTell
    default:
      return t.cases.answer.toldUnknown
  }
}

/** What is known about their devices: the day on which one first asked for it. */
function askedWords({ toldAccounts = [] }: OperatorCase): string {
  if (toldAccounts.length === 0) return ""
  const days = toldAccounts.flatMap(({ fetchedDay }) => fetchedDay ?? []).toSorted()
  const [first] = days
  if (first === undefined) return t.cases.answer.notFetched
  if (toldAccounts.length === 1) return t.cases.answer.fetched(dayText(first))
  return t.cases.answer.fetchedSome(days.length, toldAccounts.length, dayText(first))
}
