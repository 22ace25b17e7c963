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
  const model = useModel()
  /** Alarms set aside by the person until the next start, so that old messages can be read. */
  const aside = useSignal<readonly string[]>([])
  const alarm = model.alarms.value.find(
    (one) => one.level === "red" && one.chatId === undefined && one.acknowledgedAtMs === undefined && !aside.value.includes(one.id),
  )
  if (alarm === undefined) return null
  const setAside = (): void => {
    aside.value = [...aside.peek(), alarm.id]
  }
  return (
    <Dialog title={title(alarm)} role="alertdialog" look="full" hideTitle onClose={setAside} key={alarm.id}>
      <Alarm alarm={alarm} onAside={setAside} />
    </Dialog>
  )
}

function Alarm(props: { readonly alarm: AlarmView; readonly onAside: () => void }): JSX.Element {
  const { alarm, onAside } = props
  const { router, calendar } = useApp()
  const { device, account, attempt } = useModel()
  const busy = useSignal(false)
  const { accountId, deviceId } = alarm
  const run = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    busy.value = true
    await attempt(what, work)
    busy.value = false
  }
  const compare = async (of: string): Promise<void> => {
    const chat = await device.openChat(of)
    onAside()
    router.go({ at: "chat", chatId: chat.id, sheet: { type: "info" } })
  }
  const settle = async (answer: () => Promise<void>): Promise<void> => {
    await answer()
    await device.acknowledgeAlarm(alarm.id)
  }
  const saveEvidence = async (): Promise<void> => {
    const file = await device.exportEvidence(alarm.id)
    saveFile(file.name, file.text)
  }
  return (
    <div class={css.screen}>
      <Icon name="shield-alert" size={44} class={css.icon} />
      <p class={css.title} aria-hidden="true">
        {title(alarm)}
      </p>
      <p class={css.text}>{alarm.text}</p>
      <p class={css.when}>
        Noticed {calendar.full(alarm.atMs)}. Until this is settled, {scope(alarm)}.
        <br />
        Code for a report: {alarm.code}
      </p>
      <div class={css.actions}>
        {deviceId !== undefined ? (
          <>
            <Button
              look="alarm"
              busy={busy.value}
              onClick={() => void run("The device was not removed.", () => settle(() => device.removeOwnDevice(deviceId)))}
            >
              Remove it
            </Button>
            <Button
              look="quiet"
              onClick={() => void run("That could not be saved.", () => settle(() => device.acknowledgeOwnDevice(deviceId)))}
            >
              It was me
            </Button>
          </>
        ) : (
          accountId !== undefined &&
          accountId !== account.value.accountId && (
            <Button
              look="alarm"
              busy={busy.value}
              onClick={() => void run("The safety number could not be opened.", () => compare(accountId))}
            >
              Compare in person
            </Button>
          )
        )}
        {alarm.evidence === true && (
          <Button icon="download" onClick={() => void run("The evidence could not be gathered.", saveEvidence)}>
            Export evidence
          </Button>
        )}
        {deviceId === undefined && (
          <Button look="quiet" onClick={() => void run(answer(alarm).failed, () => device.acknowledgeAlarm(alarm.id))}>
            {answer(alarm).label}
          </Button>
        )}
        <Button look="quiet" onClick={onAside}>
          Read old messages only
        </Button>
      </div>
    </div>
  )
}

/** What a person says to an alarm that is about no device of theirs. */
function answer({ code }: AlarmView): { readonly label: string; readonly failed: string } {
  if (code === "own_device_unknown") return { label: "It was me", failed: "That could not be saved." }
  if (code === "contact_reset_verified") return { label: "I have read it", failed: "That could not be saved." }
  return { label: "Ask the log again", failed: "It still stands: the log, asked again, did not hold." }
}

function title(alarm: AlarmView): string {
  if (alarm.deviceId !== undefined) return "A device you did not add is on your account"
  if (alarm.code.startsWith("own_")) return "Somebody changed what this server says about you"
  if (alarm.code === "contact_reset_verified") return "Somebody you had verified started over"
  if (alarm.code === "identity_handle_claim") return "Somebody may be posing as another person"
  if (alarm.code.startsWith("identity_")) return "These keys cannot be right"
  return "This server does not show everyone the same"
}

/** Alarms about the log or this account stop the whole device, those about a contact the chats with that person (docs/transparency.md, "Devices"). */
function scope(alarm: AlarmView): string {
  const device = alarm.deviceId !== undefined || alarm.code.startsWith("own_") || alarm.code.startsWith("log_")
  return device || alarm.accountId === undefined ? "this device sends nothing" : "nothing is sent to this person"
}
