// Erasing an account. It cannot be undone, so it asks for the typed handle and a passkey.

import { type OperatorAccount, operatorAccountChange } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Field } from "../../part/field.tsx"
import { useConsole } from "../context.ts"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { hexOf } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
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
  const typed = useSignal("")
  const matches = typed.value.trim().replace(/^@/, "") === handle
  const erase = (): Promise<boolean> =>
    act.run(async () => {
      const signed = await proof("erase", hexOf(accountId))
      props.onDone(await client.call(operatorAccountChange, { accountId, change: "erase", proof: signed }))
      say(t.accounts.erasing.done(handle))
      props.onClose()
    })
  return (
    <ActDialog
      title={t.accounts.erasing.title(handle)}
      act={act}
      confirm={t.accounts.erasing.confirm}
      look="alarm"
      icon="trash-2"
      disabled={!matches}
      form
      onConfirm={erase}
      onClose={props.onClose}
    >
      <p class={css.quiet}>{t.accounts.erasing.words}</p>
      <Field
        label={t.accounts.erasing.handle}
        prefix="@"
        value={typed.value}
        onInput={(value) => (typed.value = value)}
        hint={t.accounts.erasing.handleHint(handle)}
      />
    </ActDialog>
  )
}
