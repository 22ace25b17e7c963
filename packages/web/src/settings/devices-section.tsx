import type { DeviceView } from "@nodoor/client"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
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
  const { device, contactsVersion } = useModel()
  const { value, failure, reload } = useLoad(() => device.devices(), [contactsVersion.value])
  if (value === undefined) return failure === undefined ? <Skeleton rows={3} look="lines" /> : <FailedState title="Your devices could not be read" failure={failure} onRetry={reload} />
  return (
    <section class={css.card}>
      <p class={css.words}>These devices hold your keys. A new one must be signed by one that is here already, so the server cannot add any.</p>
      <ul>
        {value.map((one) => (
          <li key={one.deviceId} class={css.device}>
            <span class={css.deviceIcon}>
              <Icon name={looks[one.deviceClass].icon} />
            </span>
            <span class={css.deviceWords}>
              <span>
                {looks[one.deviceClass].name}
                {one.own && " (this one)"}
              </span>
              <span class={`${css.sub} ${css.mono}`}>{one.deviceId.slice(0, 20).replaceAll(/(.{5})(?=.)/g, "$1 ")}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
