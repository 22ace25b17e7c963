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
import css from "./section.module.css"

const looks: Readonly<Record<DeviceView["deviceClass"], { readonly name: string; readonly icon: IconName }>> = {
  cli: { name: "Terminal", icon: "terminal" },
  desktop: { name: "Desktop app", icon: "monitor" },
  mobile: { name: "Phone", icon: "smartphone" },
  web: { name: "Web browser", icon: "globe" },
  "web-verified": { name: "Web browser, verified code", icon: "globe" },
  bot: { name: "Bot", icon: "bot" },
}

export function DevicesSection(): JSX.Element {
  const { device, contactsVersion, alarms } = useModel()
  const { value, failure, reload } = useLoad(() => device.devices(), [contactsVersion.value, alarms.value])
  if (value === undefined)
    return failure === undefined ? (
      <Skeleton rows={3} look="lines" />
    ) : (
      <FailedState title="Your devices could not be read" failure={failure} onRetry={reload} />
    )
  return (
    <section class={css.card}>
      <p class={css.words}>
        These devices hold your keys. A new one must be signed by one that is here already, so the server cannot add any.
      </p>
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
  const look = looks[one.deviceClass]
  return (
    <li class={css.device}>
      <span class={`${css.deviceIcon} ${one.unknown === true ? css.deviceAlarm : ""}`}>
        <Icon name={one.unknown === true ? "shield-alert" : look.icon} />
      </span>
      <span class={css.deviceWords}>
        <span>
          {look.name}
          {one.own && " (this one)"}
        </span>
        {one.unknown === true && <span class={css.alarmWords}>None of your devices added this one.</span>}
        <span class={`${css.sub} ${css.mono}`}>{one.deviceId.slice(0, 20).replaceAll(/(.{5})(?=.)/g, "$1 ")}</span>
      </span>
      {!one.own && (
        <span class={css.deviceActions}>
          {one.unknown === true && (
            <Button look="quiet" onClick={() => void change("That could not be saved.", () => device.acknowledgeOwnDevice(one.deviceId))}>
              It was me
            </Button>
          )}
          <Button look={one.unknown === true ? "alarm" : "quiet"} onClick={() => (asking.value = true)}>
            {one.unknown === true ? "Remove it" : "Remove…"}
          </Button>
        </span>
      )}
      {asking.value && (
        <Confirm
          title={`Remove ${look.name.toLowerCase()}?`}
          confirm="Remove device"
          final
          onClose={() => (asking.value = false)}
          onConfirm={() => {
            asking.value = false
            void change("The device was not removed.", () => device.removeOwnDevice(one.deviceId))
          }}
        >
          <p>It is taken out of your account and of every chat. What it has received stays on it.</p>
        </Confirm>
      )}
    </li>
  )
}
