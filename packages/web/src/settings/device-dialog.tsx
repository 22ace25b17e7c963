// One of the own devices: what it is, its name, and the way to remove it.

import type { DeviceView } from "@nodoor/client"
import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Confirm, Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { className, shownName } from "../link/link-text.ts"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import section from "./section.module.css"

const nameMax = 64

interface DeviceDialogProps {
  readonly one: DeviceView
  readonly name: string
  readonly onClose: () => void
  readonly onChange: () => void
}

export function DeviceDialog(props: DeviceDialogProps): JSX.Element {
  const { one, onClose, onChange } = props
  const { device, attempt, notify } = useModel()
  const { calendar } = useApp()
  const name = useSignal(props.name)
  const busy = useSignal(false)
  const removing = useSignal(false)
  const rename = async (event: Event): Promise<void> => {
    event.preventDefault()
    busy.value = true
    const done = await attempt(t.link.device.notRenamed, () => device.renameDevice(one.deviceId, name.peek().trim()))
    busy.value = false
    if (!done) return
    notify(t.link.device.renamed)
    onChange()
    onClose()
  }
  if (removing.value) return <RemoveDevice {...props} />
  return (
    <Dialog title={shownName(props.name)} onClose={onClose}>
      <form class={section.points} onSubmit={(event) => void rename(event)}>
        <Field
          label={t.link.device.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          maxLength={nameMax}
          seenBy={t.link.device.nameSeenBy}
        />
        <dl class={section.facts}>
          <div class={section.fact}>
            <dt>{t.link.device.kind}</dt>
            <dd>{className(one.deviceClass)}</dd>
          </div>
          {one.addedMs !== undefined && (
            <div class={section.fact}>
              <dt>{t.link.device.added}</dt>
              <dd>{calendar.full(one.addedMs)}</dd>
            </div>
          )}
          <div class={section.fact}>
            <dt>{t.link.device.key}</dt>
            <dd class={section.mono}>{one.deviceId.slice(0, 20).replaceAll(/(.{5})(?=.)/g, "$1 ")}</dd>
          </div>
        </dl>
        <div class={section.row}>
          <Button type="submit" look="primary" busy={busy.value} disabled={showsNothing(name.value) || name.value.trim() === props.name}>
            {t.link.device.save}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {partText.close}
          </Button>
        </div>
        {!one.own && (
          <div class={section.away}>
            <Button look="quiet" icon="trash-2" onClick={() => (removing.value = true)}>
              {t.link.device.remove}
            </Button>
          </div>
        )}
      </form>
    </Dialog>
  )
}

export function RemoveDevice(props: DeviceDialogProps): JSX.Element {
  const { one, onClose, onChange } = props
  const { device, attempt } = useModel()
  return (
    <Confirm
      title={t.settings.devices.removal.title(shownName(props.name))}
      confirm={t.settings.devices.removal.confirm}
      final
      onClose={onClose}
      onConfirm={() => {
        onClose()
        void attempt(t.settings.devices.removal.failed, () => device.removeOwnDevice(one.deviceId)).then(onChange)
      }}
    >
      {t.settings.devices.removal.words.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </Confirm>
  )
}
