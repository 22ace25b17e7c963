// Ends a case with nothing handed over, and says how.

import { type OperatorCase, operatorCaseClose } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useConsole } from "../context.ts"
import { RadioGroup } from "../part/choice.tsx"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"
import { TellChoice } from "./tell-choice.tsx"

type EmptyOutcome = "rejected" | "challenged" | "withdrawn"

export function CloseDialog(props: { readonly one: OperatorCase; readonly onDone: () => void; readonly onClose: () => void }): JSX.Element {
  const { one } = props
  const { client, say } = useConsole()
  const proof = useProof()
  const act = useAct()
  const outcome = useSignal<EmptyOutcome>("rejected")
  const tell = useSignal(true)
  const run = (): Promise<boolean> =>
    act.run(async () => {
      const { caseId } = one
      await client.call(operatorCaseClose, { caseId, outcome: outcome.value, tell: tell.value, proof: await proof("close", caseId) })
      say(t.cases.closing.done)
      props.onDone()
    })
  return (
    <ActDialog
      title={t.cases.closing.title}
      act={act}
      confirm={t.cases.closing.confirm}
      icon="lock"
      onConfirm={run}
      onClose={props.onClose}
    >
      <RadioGroup<EmptyOutcome>
        legend={t.cases.closing.legend}
        value={outcome.value}
        onChange={(value) => (outcome.value = value)}
        options={[
          { value: "rejected", label: t.cases.closing.rejected, hint: t.cases.closing.rejectedHint },
          { value: "challenged", label: t.cases.closing.challenged, hint: t.cases.closing.challengedHint },
          { value: "withdrawn", label: t.cases.closing.withdrawn, hint: t.cases.closing.withdrawnHint },
        ]}
      />
      <TellChoice gagUntil={one.gagUntil} tell={tell.value} onChange={(value) => (tell.value = value)} />
      <p class={css.quiet}>{t.cases.closing.note}</p>
    </ActDialog>
  )
}
