// Above the devices while this one is about to be lost, or is out of the account already: what happened, and what saves it.

import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { isRemoved } from "../model/deleted-account.ts"
import type { IconName } from "../icon/names.ts"
import { Button } from "../part/button.tsx"
import { Confirm } from "../part/dialog.tsx"
import { Tile, type TileTint } from "../part/tile.tsx"
import { way } from "../welcome/way.ts"
import { t } from "../text/catalogue.ts"
import css from "./storage-card.module.css"

export function StorageCard(): JSX.Element | null {
  const { host, router } = useApp()
  const { connection, attempt } = useModel()
  const asking = useSignal(false)
  const words = t.settings.storage
  const { state, offTheRecord } = host.storage.value
  if (isRemoved(connection.value)) {
    return (
      <Card icon="unplug" tint="alarm" title={words.removed.title} words={words.removed.words}>
        <Button look="primary" onClick={() => (asking.value = true)}>
          {words.linkAgain}
        </Button>
        <Button look="quiet" onClick={() => router.go({ at: "chats" })}>
          {words.readOn}
        </Button>
        {asking.value && (
          <Confirm
            title={words.eraseFirst.title}
            confirm={words.eraseFirst.confirm}
            final
            onClose={() => (asking.value = false)}
            onConfirm={() => {
              way.value = "link"
              void attempt(t.settings.data.notErased, () => host.erase())
            }}
          >
            <p>{words.eraseFirst.words}</p>
          </Confirm>
        )}
      </Card>
    )
  }
  if (state === "kept" && !offTheRecord) return null
  const what = state === "gone" ? words.gone : state === "written_again" ? words.writtenAgain : words.privateWindow
  return (
    <Card icon={state === "written_again" ? "history" : "triangle-alert"} tint="caution" title={what.title} words={what.words}>
      <Button onClick={() => router.go({ at: "settings", section: "data" })}>{words.saveCopy}</Button>
    </Card>
  )
}

function Card(props: {
  readonly icon: IconName
  readonly tint: TileTint
  readonly title: string
  readonly words: string
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <section class={css.card} aria-labelledby="storage-title">
      <Tile icon={props.icon} tint={props.tint} />
      <div class={css.body}>
        <h3 class={css.title} id="storage-title">
          {props.title}
        </h3>
        <p class={css.words}>{props.words}</p>
        <div class={css.row}>{props.children}</div>
      </div>
    </section>
  )
}
