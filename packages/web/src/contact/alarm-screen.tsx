// The highest level of alarm: proof that something about this server or this account is wrong. Nothing is sent. One screen says what
// happened and what to do.

import type { AlarmView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { saveFile } from "../part/save-file.ts"
import { t } from "../text/catalogue.ts"
import css from "./alarm-screen.module.css"

export function AlarmScreen(): JSX.Element | null {
  const model = useModel()
  /** Alarms that were set aside until the next start, so that old messages can be read. */
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
        {stops(alarm, calendar.full(alarm.atMs))}
        <br />
        {t.trust.alarm.code(alarm.code)}
      </p>
      <div class={css.actions}>
        {deviceId !== undefined ? (
          <>
            <Button
              look="alarm"
              busy={busy.value}
              onClick={() => void run(t.trust.alarm.deviceNotRemoved, () => settle(() => device.removeOwnDevice(deviceId)))}
            >
              {t.trust.alarm.removeDevice}
            </Button>
            <Button look="quiet" onClick={() => void run(t.trust.notSaved, () => settle(() => device.acknowledgeOwnDevice(deviceId)))}>
              {t.trust.alarm.itWasMe}
            </Button>
          </>
        ) : (
          accountId !== undefined &&
          accountId !== account.value.accountId && (
            <Button look="alarm" busy={busy.value} onClick={() => void run(t.trust.alarm.notCompared, () => compare(accountId))}>
              {t.trust.alarm.compare}
            </Button>
          )
        )}
        {alarm.evidence === true && (
          <Button icon="download" onClick={() => void run(t.trust.alarm.noEvidence, saveEvidence)}>
            {t.trust.alarm.evidence}
          </Button>
        )}
        {deviceId === undefined && (
          <Button look="quiet" onClick={() => void run(answer(alarm).failed, () => device.acknowledgeAlarm(alarm.id))}>
            {answer(alarm).label}
          </Button>
        )}
        <Button look="quiet" onClick={onAside}>
          {t.trust.alarm.readOnly}
        </Button>
      </div>
    </div>
  )
}

/** The answer to an alarm that is not about one of the person's own devices. */
function answer({ code }: AlarmView): { readonly label: string; readonly failed: string } {
  if (code === "own_device_unknown") return { label: t.trust.alarm.itWasMe, failed: t.trust.notSaved }
  if (code === "contact_reset_verified") return { label: t.trust.alarm.haveRead, failed: t.trust.notSaved }
  return { label: t.trust.alarm.checkAgain, failed: t.trust.alarm.stillFailing }
}

function title(alarm: AlarmView): string {
  if (alarm.deviceId !== undefined) return t.trust.alarm.ownDevice
  if (alarm.code.startsWith("own_")) return t.trust.alarm.ownAccount
  if (alarm.code === "contact_reset_verified") return t.trust.alarm.contactReset
  if (alarm.code === "identity_handle_claim") return t.trust.alarm.posing
  if (alarm.code.startsWith("identity_")) return t.trust.alarm.wrongKeys
  return t.trust.alarm.server
}

/**
 * Alarms about the log or this account stop the whole device. Alarms about a contact stop the chats with that person
 * (docs/transparency.md, "Devices").
 */
function stops(alarm: AlarmView, when: string): string {
  const device = alarm.deviceId !== undefined || alarm.code.startsWith("own_") || alarm.code.startsWith("log_")
  return device || alarm.accountId === undefined ? t.trust.alarm.deviceStops(when) : t.trust.alarm.contactStops(when)
}
