// On a device that was just linked: how far its older messages have come. First over the whole window; once somebody starts chatting, as a
// line above the chats.

import { signal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "../list/list-banner.tsx"
import { Button } from "../part/button.tsx"
import { FullPage } from "../part/full-page.tsx"
import { partOf, percentOf } from "../part/progress-ring.tsx"
import { LinkProgress } from "./link-parts.tsx"
import { t } from "../text/catalogue.ts"

/** Whether somebody went on to the chats while older messages were still arriving. Of this tab. */
const aside = signal(false)

export function isArriving(link: { readonly role: string; readonly step: string } | undefined): boolean {
  return link?.role === "new" && link.step === "transferring" && !aside.value
}

export function Transfer(): JSX.Element | null {
  const { link } = useModel()
  if (link.value === undefined) return null
  return (
    <FullPage>
      <LinkProgress link={link.value}>
        <Button look="link" onClick={() => (aside.value = true)}>
          {t.link.transfer.start}
        </Button>
      </LinkProgress>
    </FullPage>
  )
}

export function TransferBanner(): JSX.Element | null {
  const { router } = useApp()
  const { link } = useModel()
  if (link.value?.role !== "new") return null
  if (link.value.step === "failed") {
    return (
      <ListBanner icon="triangle-alert" more={t.link.list.addedMore} onClick={() => router.go({ at: "settings", section: "devices" })}>
        {t.link.transfer.incomplete} {link.value.failure?.message}
      </ListBanner>
    )
  }
  if (link.value.step !== "transferring") return null
  return (
    <ListBanner icon="history" quiet more={t.link.transfer.bannerMore} onClick={() => (aside.value = false)}>
      {t.link.transfer.banner(percentOf(partOf(link.value.progress) ?? 0))}
    </ListBanner>
  )
}
