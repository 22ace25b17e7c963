// Above the chats while there is something unread that the operator told.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"
import { t } from "../text/catalogue.ts"

export function NoticeBanner(): JSX.Element | null {
  const { router } = useApp()
  const { account, operatorNotices } = useModel()
  const unread = (operatorNotices.value ?? []).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined).length
  if (unread === 0) return null
  return (
    <ListBanner icon="info" more={t.list.banners.readNotice} onClick={() => router.go({ at: "settings", section: "server" })}>
      {t.list.banners.notice(account.value.origin, unread)}
    </ListBanner>
  )
}
