// Suspending an account. It can be undone, but still asks for a passkey: with a tab that was left open, somebody could silence everybody.

import { type OperatorAccount, operatorAccountChange } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useConsole } from "../context.ts"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { hexOf } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
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
  const suspend = (): Promise<boolean> =>
    act.run(async () => {
      const signed = await proof("suspend", hexOf(accountId))
      props.onDone(await client.call(operatorAccountChange, { accountId, change: "suspend", proof: signed }))
      say(t.accounts.suspending.done(handle))
      props.onClose()
    })
  return (
    <ActDialog
      title={t.accounts.suspending.title(handle)}
      act={act}
      confirm={t.accounts.suspending.confirm}
      icon="ban"
      onConfirm={suspend}
      onClose={props.onClose}
    >
      <p class={css.quiet}>{t.accounts.suspending.words}</p>
    </ActDialog>
  )
}
