// The last rung: something about this server or this account is proven wrong. Nothing is sent; one screen says what and what to do.

import type { AlarmView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { saveFile } from "../part/save-file.ts"
import css from "./alarm-screen.module.css"

export function AlarmScreen(): JSX.Element | null {
  const { router, calendar } = useApp()
  const model = useModel()
  /** Alarms set aside by the person until the next start, so that old messages can be read. */
  const aside = useSignal<readonly string[]>([])
  const alarm = model.alarms.value.find((one) => one.level === "red" && one.chatId === undefined && !aside.value.includes(one.id))
  if (alarm === undefined) return null
  const { accountId } = alarm
  const setAside = (): void => {
    aside.value = [...aside.peek(), alarm.id]
  }
  const compare = async (): Promise<void> => {
    if (accountId === undefined) return
    const chat = await model.device.openChat(accountId)
    setAside()
    router.go({ at: "chat", chatId: chat.id, sheet: { type: "info" } })
  }
  return (
    <Dialog title={title(alarm)} role="alertdialog" look="full" hideTitle onClose={setAside} key={alarm.id}>
      <div class={css.screen}>
        <Icon name="shield-alert" size={44} class={css.icon} />
        <p class={css.title} aria-hidden="true">
          {title(alarm)}
        </p>
        <p class={css.text}>{alarm.text}</p>
        <p class={css.when}>
          Noticed {calendar.full(alarm.atMs)}. Until this is settled, this device sends nothing. ({alarm.code})
        </p>
        <div class={css.actions}>
          {accountId !== undefined && accountId !== model.account.value.accountId && (
            <Button look="alarm" onClick={() => void model.attempt("The safety number could not be opened.", compare)}>
              Compare in person
            </Button>
          )}
          <Button icon="download" onClick={() => saveFile("nodoor-evidence.json", JSON.stringify(alarm, null, 2))}>
            Export evidence
          </Button>
          <Button look="quiet" onClick={setAside}>
            Read old messages only
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function title(alarm: AlarmView): string {
  return alarm.code.includes("own_device") || alarm.code.includes("unknown_device") ? "A device you did not add is on your account" : "This server is not showing everyone the same"
}
