// Above the chats while this browser may forget the account, or has just tried to.

import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"
import { t } from "../text/catalogue.ts"

export function StorageBanner(): JSX.Element | null {
  const { host, router } = useApp()
  const { offTheRecord, state } = host.storage.value
  if (!offTheRecord && state === "kept") return null
  return (
    <ListBanner icon="triangle-alert" more={t.list.banners.saveCopy} onClick={() => router.go({ at: "settings", section: "data" })}>
      {state === "gone"
        ? t.list.banners.storageGone
        : state === "written_again"
          ? t.list.banners.storageWrittenAgain
          : t.list.banners.privateWindow}
    </ListBanner>
  )
}
