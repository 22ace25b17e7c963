// Above the chats while the server's canary has expired or changed and the person has not read that yet.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"
import { t } from "../text/catalogue.ts"

export function CanaryBanner(): JSX.Element | null {
  const { router, calendar } = useApp()
  const { account, canary } = useModel()
  const view = canary.value
  if ((view?.status !== "expired" && view?.status !== "changed") || view.acknowledgedAtMs !== undefined) return null
  const gone = view.status === "changed" && view.changes.some(({ kind }) => kind === "gone")
  return (
    <ListBanner
      icon="triangle-alert"
      more={view.status === "expired" || gone ? t.list.banners.whatItMeans : t.list.banners.whatChanged}
      onClick={() => router.go({ at: "settings", section: "server" })}
    >
      {view.status === "expired"
        ? t.list.banners.canaryExpired(account.value.origin, calendar.utcDay(view.known.expires))
        : gone
          ? t.list.banners.canaryGone(account.value.origin)
          : t.list.banners.canaryChanged(account.value.origin)}
    </ListBanner>
  )
}
