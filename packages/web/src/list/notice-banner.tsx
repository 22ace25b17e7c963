// A calm line above the chats while there is something unread that the operator told. It is no alarm: nothing stops, nothing is locked.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import css from "./notice-banner.module.css"

export function NoticeBanner(): JSX.Element | null {
  const { router } = useApp()
  const { account, operatorNotices } = useModel()
  const unread = (operatorNotices.value ?? []).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined).length
  if (unread === 0) return null
  return (
    <button type="button" class={css.banner} onClick={() => router.go({ at: "settings", section: "server" })}>
      <Icon name="info" size={18} />
      <span class={css.words}>
        The operator of {account.value.origin} says: {unread === 1 ? "an authority asked" : `authorities asked ${unread} times`} about your
        account. <span class={css.more}>Read what it says</span>
      </span>
      <Icon name="chevron-right" size={16} class={css.chevron} />
    </button>
  )
}
