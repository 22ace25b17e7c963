// A quiet line under the search while the server can't be reached. It shows nothing while everything works.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { isDeleted, isRemoved } from "../model/deleted-account.ts"
import { Icon } from "../icon/icon.tsx"
import { t } from "../text/catalogue.ts"
import css from "./connection-line.module.css"

/** A reconnect shorter than this is not shown. */
const graceMs = 1200

/** Codes whose message already says who refuses. */
const sayItThemselves: readonly string[] = ["account_suspended", "account_erased", "older_copy", "store_damaged"]

export function ConnectionLine(): JSX.Element | null {
  const { connection: signal, device } = useModel()
  const connection = signal.value
  const late = useSignal(false)
  useEffect(() => {
    late.value = false
    const timer = setTimeout(() => (late.value = true), graceMs)
    return () => clearTimeout(timer)
  }, [connection.status === "online"])
  if (isDeleted(connection)) {
    return (
      <p class={css.line} role="status">
        <Icon name="trash-2" size={16} />
        <span>{t.list.connection.deleted}</span>
      </p>
    )
  }
  // The banner of the storage says it, with what to do.
  if (isRemoved(connection)) return null
  if (connection.status === "refused") {
    return (
      <p class={`${css.line} ${css.caution}`} role="alert">
        <Icon name="triangle-alert" size={16} />
        <span>{sayItThemselves.includes(connection.code) ? connection.message : t.list.connection.refused(connection.message)}</span>
      </p>
    )
  }
  if (connection.status === "offline" && connection.trouble) {
    return (
      <p class={`${css.line} ${css.caution}`} role="alert">
        <Icon name="triangle-alert" size={16} />
        <span>{connection.trouble.message}</span>
      </p>
    )
  }
  const catchUp = connection.status === "connecting" ? connection.catchUp : undefined
  if (connection.status === "online" || (!late.value && !catchUp)) return null
  return (
    <p class={css.line} role="status">
      {connection.status === "connecting" ? (
        <>
          <span class={css.pulse} />
          <span>{catchUp ? t.list.connection.catchingUp(catchUp.taken, catchUp.total) : t.list.connection.connecting}</span>
        </>
      ) : (
        <>
          <Icon name="wifi-off" size={16} />
          <span class={css.words}>{t.list.connection.offline}</span>
          <button type="button" class={css.retry} onClick={() => void device.reconnect().catch(() => undefined)}>
            {t.list.connection.tryNow}
          </button>
        </>
      )}
    </p>
  )
}
