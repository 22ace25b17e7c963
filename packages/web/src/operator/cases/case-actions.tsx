// The next step of an open case: approve it, answer it, or close it with nothing handed over.

import { type OperatorCase, operatorCaseApprove } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card } from "../part/page.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { grouped } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"
import { CloseDialog } from "./close-dialog.tsx"
import { ExportDialog } from "./export-dialog.tsx"
import { requireShown } from "./signed-digest.ts"

/** The heading of what can be done now, or of what was done. */
export const nextStepId = "next-step"

/** Whether it is this person's turn to approve. */
export function maySign(one: OperatorCase): boolean {
  return one.outcome === undefined && !one.approvedByMe && one.approvals < one.approvalsNeeded
}

export function CaseActions({ one, onChange }: { readonly one: OperatorCase; readonly onChange: () => void }): JSX.Element {
  const { client, say } = useConsole()
  const { role } = usePerson()
  const proof = useProof()
  const act = useAct()
  const asking = useSignal<"export" | "close" | undefined>(undefined)
  const approved = one.approvals >= one.approvalsNeeded
  const mayHandle = role !== "reviewer"
  const refusal = one.granted.length === 0
  const signs = maySign(one)
  const approve = (): Promise<boolean> =>
    act.run(async () => {
      const { caseId, digest } = one
      const signed = await proof("approve", caseId, (options) => requireShown(options, digest))
      const { approvals } = await client.call(operatorCaseApprove, { caseId, proof: signed })
      say(approvals >= one.approvalsNeeded ? t.cases.next.approvedEnough : t.cases.next.approvedMore)
      onChange()
    })
  const done = (): void => {
    asking.value = undefined
    onChange()
  }
  return (
    <Card>
      <div class={css.next}>
        <h2 class={css.nextTitle} id={nextStepId} tabIndex={-1}>
          {title()}
        </h2>
        <p class={css.quiet}>{words()}</p>
      </div>
      {signs && (
        <div class={css.group}>
          <h3 class={css.subtitle}>{t.cases.next.digest}</h3>
          <p class={css.digest} dir="ltr">
            {grouped(one.digest)}
          </p>
        </div>
      )}
      <Failure failure={act.failure.value} />
      <div class={css.actions}>
        {signs && (
          <Button look="primary" icon="lock" busy={act.busy.value} onClick={approve}>
            {t.cases.next.approve}
          </Button>
        )}
        {approved && mayHandle && (
          <Button look="primary" onClick={() => (asking.value = "export")}>
            {refusal ? t.cases.next.makeRefusal : t.cases.next.makeAnswer}
          </Button>
        )}
        {mayHandle && (
          <Button look="quiet" onClick={() => (asking.value = "close")}>
            {t.cases.next.close}
          </Button>
        )}
      </div>
      {asking.value === "export" && <ExportDialog one={one} onDone={done} onClose={() => (asking.value = undefined)} />}
      {asking.value === "close" && <CloseDialog one={one} onDone={done} onClose={() => (asking.value = undefined)} />}
    </Card>
  )

  function title(): string {
    if (approved && mayHandle) return refusal ? t.cases.next.refuse : t.cases.next.answer
    if (approved) return refusal ? t.cases.next.refuseReviewer : t.cases.next.answerReviewer
    return one.approvedByMe ? t.cases.next.approvedByMe : t.cases.next.read
  }

  function words(): string {
    if (approved) return mayHandle ? t.cases.next.answerWords : t.cases.next.answerWordsReviewer
    if (one.approvedByMe) return t.cases.next.approvedByMeWords
    return mayHandle ? t.cases.next.readWords : t.cases.next.readWordsReviewer
  }
}
