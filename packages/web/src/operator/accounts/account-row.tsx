import { type OperatorAccount, operatorAccountChange } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { IconButton } from "../../part/button.tsx"
import { Menu, type MenuItem, type MenuPlace, placeBelow } from "../../part/menu.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Tag } from "../part/tag.tsx"
import { useAct } from "../part/use-act.ts"
import { dayText, hexOf } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./accounts.module.css"
import { EraseDialog } from "./erase-dialog.tsx"
import { SuspendDialog } from "./suspend-dialog.tsx"

export function AccountRow(props: {
  readonly account: OperatorAccount
  readonly onChange: (account: OperatorAccount) => void
}): JSX.Element {
  const { account } = props
  const { client, say } = useConsole()
  const { role } = usePerson()
  const act = useAct()
  const menu = useSignal<MenuPlace | undefined>(undefined)
  const asking = useSignal<"suspend" | "erase" | undefined>(undefined)
  const { accountId, handle, state } = account
  const letIn = (): Promise<boolean> =>
    act.run(async () => {
      props.onChange(await client.call(operatorAccountChange, { accountId, change: "resume" }))
      say(t.accounts.resumed(handle))
    })
  const copyId = (): void =>
    void navigator.clipboard.writeText(hexOf(accountId)).then(
      () => say(t.accounts.idCopied),
      () => say(partText.copyRefused),
    )
  const items: readonly MenuItem[] = [
    { label: t.accounts.copyId, icon: "copy", run: copyId },
    ...(role === "reviewer" || state === "erased"
      ? []
      : [
          state === "active"
            ? ({ label: t.accounts.suspend, icon: "ban", run: () => (asking.value = "suspend") } as const)
            : ({ label: t.accounts.resume, icon: "check", run: () => void letIn() } as const),
          { label: t.accounts.erase, icon: "trash-2", final: true, run: () => (asking.value = "erase") } as const,
        ]),
  ]
  return (
    <li class={css.row}>
      <span class={css.handle} dir="ltr">
        @{handle}
      </span>
      <span class={css.state}>
        <StateTag state={state} />
      </span>
      <span class={css.facts}>
        {state === "erased" ? (
          t.accounts.erasedWords
        ) : (
          <>
            <span>{t.amounts.devices(account.deviceCount)}</span>
            <span>{t.accounts.lastSeen(dayText(account.lastSeenDay))}</span>
          </>
        )}
      </span>
      <IconButton
        icon="ellipsis"
        label={t.accounts.actions(handle)}
        expanded={menu.value !== undefined}
        onClick={(event) => (menu.value = placeBelow(event.currentTarget, "end"))}
      />
      <div class={css.failure}>
        <Failure failure={act.failure.value} />
      </div>
      {menu.value !== undefined && <Menu label={`@${handle}`} place={menu.value} items={items} onClose={() => (menu.value = undefined)} />}
      {asking.value === "suspend" && <SuspendDialog account={account} onDone={props.onChange} onClose={() => (asking.value = undefined)} />}
      {asking.value === "erase" && <EraseDialog account={account} onDone={props.onChange} onClose={() => (asking.value = undefined)} />}
    </li>
  )
}

function StateTag({ state }: { readonly state: OperatorAccount["state"] }): JSX.Element {
  switch (state) {
    case "active":
      return <span class={css.active}>{t.accounts.states.active}</span>
    case "suspended":
      return (
        <Tag look="caution" icon="ban">
          {t.accounts.states.suspended}
        </Tag>
      )
    case "erased":
      return <Tag icon="trash-2">{t.accounts.states.erased}</Tag>
  }
}
