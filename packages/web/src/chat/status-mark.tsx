import type { DeliveryStatus } from "@nodoor/client"
import type { JSX } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { t } from "../text/catalogue.ts"
import css from "./status-mark.module.css"

const icons: Readonly<Record<DeliveryStatus, IconName>> = {
  queued: "clock",
  sent: "check",
  delivered: "check-check",
  read: "check-check",
  failed: "triangle-alert",
}

/** How far an own message has come, as a mark and in words. */
export function StatusMark(props: { readonly status: DeliveryStatus; readonly class?: string | undefined }): JSX.Element {
  return (
    <span class={`${css.mark} ${css[props.status]} ${props.class ?? ""}`} title={t.message.status[props.status]}>
      <Icon name={icons[props.status]} size={15} />
      <span class="visually-hidden">{t.message.status[props.status]}</span>
    </span>
  )
}
