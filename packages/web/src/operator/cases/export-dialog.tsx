// The last check before data leaves the server.

import { type OperatorCase, operatorCaseExport } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useConsole } from "../context.ts"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"
import { Scope } from "./scope-card.tsx"
import { TellChoice } from "./tell-choice.tsx"

export function ExportDialog(props: {
  readonly one: OperatorCase
  readonly onDone: () => void
  readonly onClose: () => void
}): JSX.Element {
  const { one } = props
  const { client, say } = useConsole()
  const proof = useProof()
  const act = useAct()
  const tell = useSignal(true)
  const refusal = one.granted.length === 0
  const run = (): Promise<boolean> =>
    act.run(async () => {
      const { caseId } = one
      const { outcome } = await client.call(operatorCaseExport, { caseId, tell: tell.value, proof: await proof("export", caseId) })
      say(outcome === "rejected" ? t.cases.exporting.refused : t.cases.exporting.handedOver)
      props.onDone()
    })
  return (
    <ActDialog
      title={refusal ? t.cases.exporting.refuse : t.cases.exporting.handOver}
      act={act}
      confirm={refusal ? t.cases.exporting.confirmRefuse : t.cases.exporting.confirmHandOver}
      icon="lock"
      onConfirm={run}
      onClose={props.onClose}
    >
      <p class={css.quiet}>
        {refusal ? t.cases.exporting.refuseWords(one.accountNames.length) : t.cases.exporting.handOverWords(one.accountNames.length)}
      </p>
      <Scope one={one} />
      <TellChoice gagUntil={one.gagUntil} tell={tell.value} onChange={(value) => (tell.value = value)} />
    </ActDialog>
  )
}
