// The last look before something leaves the server.

import { type OperatorCase, operatorCaseExport } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import { counted } from "../text/amount.ts"
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
      say(outcome === "rejected" ? "Refused. The letter with the reasons is ready." : "The archive is ready to be downloaded.")
      props.onDone()
    })
  return (
    <Dialog title={refusal ? "Refuse this request" : "Hand over what exists"} onClose={leave}>
      <div class={css.dialog}>
        <p class={css.quiet}>
          {refusal
            ? `A letter and a signed archive about ${counted(one.accountNames.length, "account")}, with the reasons and nobody’s data. This ends the case and cannot be undone.`
            : `One signed archive about ${counted(one.accountNames.length, "account")}, with a letter. This ends the case and cannot be undone.`}
        </p>
        <Scope one={one} />
        <TellChoice gagUntil={one.gagUntil} tell={tell.value} onChange={(value) => (tell.value = value)} />
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            Cancel
          </Button>
          <Button look="primary" icon="lock" busy={act.busy.value} onClick={run}>
            {refusal ? "Refuse with a passkey" : "Hand over with a passkey"}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
