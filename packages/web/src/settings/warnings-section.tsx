// Every warning that this device raised, with the evidence that it kept, and a place to check what somebody else's device kept.

import type { AlarmView } from "@nodoor/client"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { saveFile } from "../part/save-file.ts"
import { Tile, type TileTint } from "../part/tile.tsx"
import type { IconName } from "../icon/names.ts"
import { EvidenceCheckCard } from "./evidence-check-card.tsx"
import { t } from "../text/catalogue.ts"
import section from "./section.module.css"
import css from "./warnings-section.module.css"

const looks: Readonly<Record<AlarmView["level"], { readonly icon: IconName; readonly tint: TileTint }>> = {
  red: { icon: "shield-alert", tint: "alarm" },
  warn: { icon: "triangle-alert", tint: "caution" },
  notice: { icon: "info", tint: "lagoon" },
  info: { icon: "info", tint: "grey" },
}

export function WarningsSection(): JSX.Element {
  const { alarms } = useModel()
  const newestFirst = alarms.value.toSorted((a, b) => b.atMs - a.atMs)
  return (
    <>
      <section class={section.card}>
        <h3 class={section.title}>{t.trust.warnings.raised}</h3>
        {newestFirst.length === 0 ? (
          <p class={section.words}>{t.trust.warnings.none}</p>
        ) : (
          <ul class={css.list}>
            {newestFirst.map((alarm) => (
              <Warning key={alarm.id} alarm={alarm} />
            ))}
          </ul>
        )}
      </section>
      <EvidenceCheckCard />
    </>
  )
}

function Warning(props: { readonly alarm: AlarmView }): JSX.Element {
  const { router, calendar } = useApp()
  const { device, chats, attempt, notify } = useModel()
  const { alarm } = props
  const chat = alarm.chatId === undefined ? undefined : chats.value?.get(alarm.chatId)
  const save = async (): Promise<void> => {
    const file = await device.exportEvidence(alarm.id)
    saveFile(file.name, file.text)
    notify(t.trust.warnings.saved[file.kind])
  }
  return (
    <li class={css.warning}>
      <Tile {...looks[alarm.level]} size={36} />
      <div class={css.words}>
        {chat !== undefined && <bdi class={css.chat}>{chat.title}</bdi>}
        <p>{alarm.text}</p>
        <p class={section.sub}>
          {calendar.full(alarm.atMs)} · {t.trust.alarm.code(alarm.code)}
        </p>
        {(alarm.evidence === true || chat !== undefined) && (
          <div class={css.actions}>
            {alarm.evidence === true && (
              <Button icon="download" onClick={() => void attempt(t.trust.alarm.noEvidence, save)}>
                {t.trust.warnings.save}
              </Button>
            )}
            {chat !== undefined && (
              <Button look="quiet" onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: undefined })}>
                {t.trust.warnings.openChat}
              </Button>
            )}
          </div>
        )}
      </div>
    </li>
  )
}
