// Suspending an account. It can be undone, but still asks for a passkey: with a tab that was left open, somebody could silence everybody.

import { type OperatorAccount, operatorAccountChange } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import { hexOf } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./accounts.module.css"

export function SuspendDialog(props: {
  readonly account: OperatorAccount
  readonly onDone: (account: OperatorAccount) => void
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, handle } = props.account
  const { client, say } = useConsole()
  const proof = useProof()
  const act = useAct()
  const leave = useLeave(act, props.onClose)
  const suspend = (): Promise<boolean> =>
    act.run(async () => {
      const signed = await proof("suspend", hexOf(accountId))
      props.onDone(await client.call(operatorAccountChange, { accountId, change: "suspend", proof: signed }))
      say(t.accounts.suspending.done(handle))
      props.onClose()
    })
  return (
    <Dialog title={t.accounts.suspending.title(handle)} onClose={leave}>
      <div class={css.dialog}>
        <p class={css.quiet}>{t.accounts.suspending.words}</p>
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            {partText.cancel}
          </Button>
          <Button look="primary" icon="ban" busy={act.busy.value} onClick={suspend}>
            {t.accounts.suspending.confirm}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
