import type { DeviceView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Button } from "../part/button.tsx"
import { Confirm } from "../part/dialog.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

const icons: Readonly<Record<DeviceView["deviceClass"], IconName>> = {
  cli: "terminal",
  desktop: "monitor",
  mobile: "smartphone",
  web: "globe",
  "web-verified": "globe",
  bot: "bot",
}

export function DevicesSection(): JSX.Element {
  const { device, contactsVersion, alarms } = useModel()
  const { value, failure, reload } = useLoad(() => device.devices(), [contactsVersion.value, alarms.value])
  if (value === undefined)
    return failure === undefined ? (
      <Skeleton rows={3} look="lines" />
    ) : (
      <FailedState title={t.settings.devices.notLoaded} failure={failure} onRetry={reload} />
    )
  return (
    <section class={css.card}>
      <p class={css.words}>{t.settings.devices.words}</p>
      <ul>
        {value.map((one) => (
          <DeviceRow key={one.deviceId} one={one} onChange={reload} />
        ))}
      </ul>
    </section>
  )
}

function DeviceRow(props: { readonly one: DeviceView; readonly onChange: () => void }): JSX.Element {
  const { one, onChange } = props
  const { device, attempt } = useModel()
  const asking = useSignal(false)
  const change = async (what: string, work: () => Promise<void>): Promise<void> => {
    await attempt(what, work)
    onChange()
  }
  const name = t.settings.devices.names[one.deviceClass]
  return (
    <li class={css.device}>
      <span class={`${css.deviceIcon} ${one.unknown === true ? css.deviceAlarm : ""}`}>
        <Icon name={one.unknown === true ? "shield-alert" : icons[one.deviceClass]} />
      </span>
      <span class={css.deviceWords}>
        <span>{one.own ? t.settings.devices.own(name) : name}</span>
        {one.unknown === true && <span class={css.alarmWords}>{t.settings.devices.unknown}</span>}
        <span class={`${css.sub} ${css.mono}`}>{one.deviceId.slice(0, 20).replaceAll(/(.{5})(?=.)/g, "$1 ")}</span>
      </span>
      {!one.own && (
        <span class={css.deviceActions}>
          {one.unknown === true && (
            <Button look="quiet" onClick={() => void change(t.settings.notSaved, () => device.acknowledgeOwnDevice(one.deviceId))}>
              {t.settings.devices.itWasMe}
            </Button>
          )}
          <Button look={one.unknown === true ? "alarm" : "quiet"} onClick={() => (asking.value = true)}>
            {one.unknown === true ? t.settings.devices.removeUnknown : t.settings.devices.remove}
          </Button>
        </span>
      )}
      {asking.value && (
        <Confirm
          title={t.settings.devices.removal.title}
          confirm={t.settings.devices.removal.confirm}
          final
          onClose={() => (asking.value = false)}
          onConfirm={() => {
            asking.value = false
            void change(t.settings.devices.removal.failed, () => device.removeOwnDevice(one.deviceId))
          }}
        >
          <p>{t.settings.devices.removal.words}</p>
        </Confirm>
      )}
    </li>
  )
}
