// Above the chats while this browser may forget the account, or has just tried to.

import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"

export function StorageBanner(): JSX.Element | null {
  const { host, router } = useApp()
  const { offTheRecord, state } = host.storage.value
  if (!offTheRecord && state === "kept") return null
  return (
    <ListBanner icon="triangle-alert" more="Save a copy" onClick={() => router.go({ at: "settings", section: "data" })}>
      {state === "gone"
        ? "This browser deleted your account’s data, and it could not be written again. Keep this page open and save what is there."
        : state === "written_again"
          ? "This browser deleted your account’s data while the page was open. It was written again, and nothing is lost."
          : "This looks like a private window. When you close it, this account is gone."}
    </ListBanner>
  )
}
