// Erasing an account. It cannot be undone, so it asks for the typed handle and a passkey.

import { type OperatorAccount, operatorAccountChange } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { Field } from "../../part/field.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import { hexOf } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./accounts.module.css"

export function EraseDialog(props: {
  readonly account: OperatorAccount
  readonly onDone: (account: OperatorAccount) => void
  readonly onClose: () => void
}): JSX.Element {
  const { accountId, handle } = props.account
  const { client, say } = useConsole()
  const proof = useProof()
  const act = useAct()
  const leave = useLeave(act, props.onClose)
  const typed = useSignal("")
  const matches = typed.value.trim().replace(/^@/, "") === handle
  const erase = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!matches) return
    void act.run(async () => {
      const signed = await proof("erase", hexOf(accountId))
      props.onDone(await client.call(operatorAccountChange, { accountId, change: "erase", proof: signed }))
      say(t.accounts.erasing.done(handle))
      props.onClose()
    })
  }
  return (
    <Dialog title={t.accounts.erasing.title(handle)} onClose={leave}>
      <form class={css.dialog} onSubmit={erase}>
        <p class={css.quiet}>{t.accounts.erasing.words}</p>
        <Field
          label={t.accounts.erasing.handle}
          prefix="@"
          value={typed.value}
          onInput={(value) => (typed.value = value)}
          hint={t.accounts.erasing.handleHint(handle)}
        />
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            {partText.cancel}
          </Button>
          <Button look="alarm" type="submit" icon="trash-2" disabled={!matches} busy={act.busy.value}>
            {t.accounts.erasing.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
