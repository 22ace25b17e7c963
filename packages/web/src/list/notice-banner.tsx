// Above the chats while there is something unread that the operator told.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"

export function NoticeBanner(): JSX.Element | null {
  const { router } = useApp()
  const { account, operatorNotices } = useModel()
  const unread = (operatorNotices.value ?? []).filter(({ acknowledgedAtMs }) => acknowledgedAtMs === undefined).length
  if (unread === 0) return null
  return (
    <ListBanner icon="info" more="Read what it says" onClick={() => router.go({ at: "settings", section: "server" })}>
      The operator of {account.value.origin} says: {unread === 1 ? "an authority asked" : `authorities asked ${unread} times`} about your
      account.
    </ListBanner>
  )
}
