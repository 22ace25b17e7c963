// The last check before data leaves the server.

import { type OperatorCase, operatorCaseExport } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
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
  const leave = useLeave(act, props.onClose)
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
    <Dialog title={refusal ? t.cases.exporting.refuse : t.cases.exporting.handOver} onClose={leave}>
      <div class={css.dialog}>
        <p class={css.quiet}>
          {refusal ? t.cases.exporting.refuseWords(one.accountNames.length) : t.cases.exporting.handOverWords(one.accountNames.length)}
        </p>
        <Scope one={one} />
        <TellChoice gagUntil={one.gagUntil} tell={tell.value} onChange={(value) => (tell.value = value)} />
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            {partText.cancel}
          </Button>
          <Button look="primary" icon="lock" busy={act.busy.value} onClick={run}>
            {refusal ? t.cases.exporting.confirmRefuse : t.cases.exporting.confirmHandOver}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
