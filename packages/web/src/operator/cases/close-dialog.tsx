// Ends a case with nothing handed over, and says how.

import { type OperatorCase, operatorCaseClose } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { useConsole } from "../context.ts"
import { RadioGroup } from "../part/choice.tsx"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import css from "./case-page.module.css"
import { TellChoice } from "./tell-choice.tsx"

type EmptyOutcome = "rejected" | "challenged" | "withdrawn"

export function CloseDialog(props: { readonly one: OperatorCase; readonly onDone: () => void; readonly onClose: () => void }): JSX.Element {
  const { one } = props
  const { client, say } = useConsole()
  const proof = useProof()
  const act = useAct()
  const leave = useLeave(act, props.onClose)
  const outcome = useSignal<EmptyOutcome>("rejected")
  const tell = useSignal(true)
  const run = (): Promise<boolean> =>
    act.run(async () => {
      const { caseId } = one
      await client.call(operatorCaseClose, { caseId, outcome: outcome.value, tell: tell.value, proof: await proof("close", caseId) })
      say("Closed. Nothing was handed over.")
      props.onDone()
    })
  return (
    <Dialog title="Close with nothing handed over" onClose={leave}>
      <div class={css.dialog}>
        <RadioGroup<EmptyOutcome>
          legend="How it ends"
          value={outcome.value}
          onChange={(value) => (outcome.value = value)}
          options={[
            { value: "rejected", label: "Rejected", hint: "It is not valid, or not for this server." },
            { value: "challenged", label: "Challenged", hint: "It is contested before a court. What comes of that is a new case." },
            { value: "withdrawn", label: "Withdrawn", hint: "The authority took it back." },
          ]}
        />
        <TellChoice gagUntil={one.gagUntil} tell={tell.value} onChange={(value) => (tell.value = value)} />
        <p class={css.quiet}>The notice of it goes into the public log all the same. A closed case stays closed.</p>
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            Cancel
          </Button>
          <Button look="primary" icon="lock" busy={act.busy.value} onClick={run}>
            Close with a passkey
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
