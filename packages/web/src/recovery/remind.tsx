// The way back in is offered once something could be lost: after the first message, as a card below it. "Not now" folds it away for three
// days; after that a quiet line above the chats stays until the words are written down.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { ListBanner } from "../list/list-banner.tsx"
import { Button } from "../part/button.tsx"
import { Tile } from "../part/tile.tsx"
import { siteStorage } from "../host/site-storage.ts"
import { t } from "../text/catalogue.ts"
import css from "./remind.module.css"

const key = "nodoor.recovery-later"
const restMs = 3 * 86_400_000

function putOffAtMs(): number | undefined {
  const kept = Number(siteStorage(window, "localStorage").getItem(key) ?? Number.NaN)
  return Number.isFinite(kept) ? kept : undefined
}

/** In a conversation, above the composer. Only before somebody has said "Not now". */
export function RemindCard(): JSX.Element | null {
  const { router } = useApp()
  const { recovery } = useModel()
  const putOff = useSignal(putOffAtMs())
  if (recovery.value?.remind !== true || putOff.value !== undefined) return null
  return (
    <aside class={css.card} aria-labelledby="remind-title">
      <Tile icon="key-round" tint="honey" size={42} />
      <div class={css.body}>
        <h3 class={css.title} id="remind-title">
          {t.recovery.remind.title}
        </h3>
        <p class={css.words}>{t.recovery.remind.words}</p>
        <div class={css.row}>
          <Button look="primary" onClick={() => router.go({ at: "settings", section: "devices", page: "words" })}>
            {t.recovery.remind.start}
          </Button>
          <Button
            look="link"
            onClick={() => {
              putOff.value = Date.now()
              siteStorage(window, "localStorage").setItem(key, String(putOff.value))
            }}
          >
            {t.recovery.remind.later}
          </Button>
        </div>
      </div>
    </aside>
  )
}

/** Above the chats, once the three days are over. */
export function RemindBanner(): JSX.Element | null {
  const { router } = useApp()
  const { recovery } = useModel()
  const atMs = putOffAtMs()
  if (recovery.value?.remind !== true || atMs === undefined || Date.now() - atMs < restMs) return null
  return (
    <ListBanner
      icon="key-round"
      quiet
      more={t.recovery.remind.bannerMore}
      onClick={() => router.go({ at: "settings", section: "devices", page: "words" })}
    >
      {t.recovery.remind.banner}
    </ListBanner>
  )
}
