// Above the chats after another of the own devices let one in or removed one: calm, and gone once it was read.

import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "./list-banner.tsx"
import { t } from "../text/catalogue.ts"

const codes: readonly string[] = ["own_device_added", "own_device_gone"]

export function AccountBanner(): JSX.Element | null {
  const { router } = useApp()
  const { alarms, device, attempt } = useModel()
  const unread = alarms.value.filter((alarm) => codes.includes(alarm.code) && alarm.acknowledgedAtMs === undefined)
  const newest = unread.toSorted((a, b) => b.atMs - a.atMs)[0]
  if (newest === undefined) return null
  const open = (): void => {
    router.go({ at: "settings", section: "devices" })
    void attempt(t.trust.notSaved, () => Promise.all(unread.map((alarm) => device.acknowledgeAlarm(alarm.id))))
  }
  return (
    <ListBanner icon="monitor" quiet more={t.link.list.addedMore} onClick={open}>
      {newest.text}
    </ListBanner>
  )
}
