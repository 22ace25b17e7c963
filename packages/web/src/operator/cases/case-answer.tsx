// What became of a closed case: the archive and the letter while they are kept, and who was told.

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
          <p class={css.quiet}>
            If the gag was extended or lifted, write that down at the machine: <code>nodoor-server desk gag</code>.
          </p>
        )}
      </div>
      {exportSha256 !== undefined && (
        <>
          <h3 class={css.subtitle}>SHA-256 of the archive, as in the public notice</h3>
          <p class={css.digest} dir="ltr">
            {grouped(exportSha256)}
          </p>
        </>
      )}
      <Failure failure={act.failure.value} />
      {archiveUntilMs !== undefined && (
        <>
          {role === "reviewer" ? (
            <p class={css.quiet}>Operators and owners download the archive. You are a reviewer.</p>
          ) : (
            <div class={css.actions}>
              <Button look="primary" icon="download" busy={act.busy.value} onClick={() => download("archive")}>
                Download the archive
              </Button>
              <Button icon="download" busy={act.busy.value} onClick={() => download("letter")}>
                Download the letter
              </Button>
            </div>
          )}
          <p class={css.quiet}>
            Kept here until {calendar.full(archiveUntilMs)}. Each download is a line in the log. Anybody checks the archive with{" "}
            <code>nodoor export --verify FILE</code>.
          </p>
        </>
      )}
      {archiveUntilMs === undefined && exportSha256 !== undefined && <p class={css.quiet}>The archive is not kept here any more.</p>}
    </Card>
  )
}

function toldWords({ told, gagUntil }: OperatorCase): string {
  switch (told) {
    case "told":
      return "The people named were told."
    case "later":
      return `The people named are told ${gagUntil === undefined ? "later" : `after ${dayText(gagUntil)}, when the gag ends`}.`
    case "no":
      return "The people named were not told, and the notice says so."
    case "nobody":
      return "There was nobody to tell: none of the accounts named exists."
    default:
      return "Whether the people named were told is not noted."
  }
}

/** What is known of their devices: the day on which one first asked for it. */
function askedWords({ toldAccounts = [] }: OperatorCase): string {
  if (toldAccounts.length === 0) return ""
  const days = toldAccounts.flatMap(({ fetchedDay }) => fetchedDay ?? []).toSorted()
  const [first] = days
  if (first === undefined) return "No device of theirs has asked for it yet."
  if (toldAccounts.length === 1) return `Their device first asked for it on ${dayText(first)}.`
  return `Devices of ${days.length} of the ${toldAccounts.length} have asked for it, the first on ${dayText(first)}.`
}
