// Above the chats while this browser may forget the account, or has just tried to, or is out of it.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { isRemoved } from "../model/deleted-account.ts"
import { ListBanner } from "./list-banner.tsx"
import { t } from "../text/catalogue.ts"

export function StorageBanner(): JSX.Element | null {
  const { host, router } = useApp()
  const { connection } = useModel()
  const { offTheRecord, state } = host.storage.value
  if (isRemoved(connection.value)) {
    return (
      <ListBanner icon="unplug" more={t.list.banners.whatToDo} onClick={() => router.go({ at: "settings", section: "devices" })}>
        {t.settings.storage.removed.title}
      </ListBanner>
    )
  }
  if (!offTheRecord && state === "kept") return null
  return (
    <ListBanner icon="triangle-alert" more={t.list.banners.whatToDo} onClick={() => router.go({ at: "settings", section: "devices" })}>
      {state === "gone"
        ? t.list.banners.storageGone
        : state === "written_again"
          ? t.list.banners.storageWrittenAgain
          : t.list.banners.privateWindow}
    </ListBanner>
  )
}
