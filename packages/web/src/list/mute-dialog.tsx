// For how long a chat is to be silent.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ActionRow } from "../part/action-row.tsx"
import { Dialog } from "../part/dialog.tsx"
import { t } from "../text/catalogue.ts"
import css from "./folders.module.css"

const hourMs = 3_600_000
const choices = [
  { label: t.list.muting.hour, forMs: hourMs },
  { label: t.list.muting.hours, forMs: 8 * hourMs },
  { label: t.list.muting.week, forMs: 7 * 24 * hourMs },
  { label: t.list.muting.always, forMs: undefined },
] as const

export function MuteDialog(props: { readonly chat: ChatView; readonly onClose: () => void }): JSX.Element {
  const { chat, onClose } = props
  const { device, attempt } = useModel()
  const mute = (forMs: number | undefined): void => {
    onClose()
    const muted = forMs === undefined ? true : Date.now() + forMs
    void attempt(t.list.actions.notSaved, () => device.setChatOptions(chat.id, { muted }))
  }
  return (
    <Dialog title={t.list.muting.title(isolated(chat.title))} onClose={onClose}>
      <p class={css.words}>{t.list.muting.words}</p>
      <ul class={css.list}>
        {choices.map(({ label, forMs }) => (
          <li key={label}>
            <button type="button" class={css.choice} onClick={() => mute(forMs)}>
              {label}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** In the sheet of a chat. */
export function MuteRow(props: { readonly chat: ChatView; readonly onAsk: () => void }): JSX.Element {
  const { chat } = props
  const { calendar, today } = useApp()
  const { device, attempt } = useModel()
  if (!chat.muted) return <ActionRow icon="bell-off" label={t.list.actions.muteAsk} hint={t.list.actions.muteHint} onClick={props.onAsk} />
  const until = chat.mutedUntilMs
  return (
    <ActionRow
      icon="bell"
      label={t.list.actions.unmute}
      hint={
        until === undefined
          ? t.list.muting.forGood
          : t.list.muting.until(calendar.dayKey(until) === calendar.dayKey(today.value) ? calendar.clock(until) : calendar.full(until))
      }
      onClick={() => void attempt(t.list.actions.notSaved, () => device.setChatOptions(chat.id, { muted: false }))}
    />
  )
}
