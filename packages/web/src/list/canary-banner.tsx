// Above the chats while the server's canary has ended or changed and its person has not read that.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"

export function CanaryBanner(): JSX.Element | null {
  const { router, calendar } = useApp()
  const { account, canary } = useModel()
  const view = canary.value
  if ((view?.status !== "expired" && view?.status !== "changed") || view.acknowledgedAtMs !== undefined) return null
  const gone = view.status === "changed" && view.changes.some(({ kind }) => kind === "gone")
  return (
    <ListBanner
      icon="triangle-alert"
      more={view.status === "expired" || gone ? "What that may mean" : "See what changed"}
      onClick={() => router.go({ at: "settings", section: "server" })}
    >
      The canary of {account.value.origin}{" "}
      {view.status === "expired" ? `expired on ${calendar.utcDay(view.known.expires)}.` : gone ? "is gone." : "changed."}
    </ListBanner>
  )
}
