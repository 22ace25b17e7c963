// The screens shown when the app cannot open: each says why and what to do.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useState } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Confirm } from "../part/dialog.tsx"
import { Rings } from "../part/rings.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { Tile } from "../part/tile.tsx"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"
import { Blocked } from "./blocked-frame.tsx"
import css from "./blocked.module.css"

const quietMs = 300
const slowMs = 6000

export function StartingScreen(): JSX.Element {
  const [stage, setStage] = useState<"quiet" | "shown" | "slow">("quiet")
  useEffect(() => {
    const timers = [setTimeout(() => setStage("shown"), quietMs), setTimeout(() => setStage("slow"), slowMs)]
    return () => timers.forEach(clearTimeout)
  }, [])
  return (
    <main class={css.page} aria-busy="true">
      {stage !== "quiet" && (
        <div class={css.starting} role="status">
          <Rings size={40} breathing />
          <p class={css.words}>{stage === "slow" ? t.welcome.openingLong : t.welcome.opening}</p>
        </div>
      )}
    </main>
  )
}

export function UnsupportedScreen(props: { readonly missing: readonly string[] }): JSX.Element {
  return (
    <Blocked title={t.welcome.unsupported.title}>
      <p>{t.welcome.unsupported.words}</p>
      <ul class={css.list}>
        {props.missing.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p>{t.welcome.unsupported.toDo}</p>
    </Blocked>
  )
}

/**
 * The browser deleted the account's data. Linking again and the 24 words come first: both need an empty store, so what is left goes before.
 */
export function LostScreen(props: { readonly onGetBack: (how: "link" | "recover") => void }): JSX.Element {
  const { host } = useApp()
  const asking = useSignal(false)
  const busy = useSignal(false)
  const words = t.welcome.lost
  const erase = async (then: () => void): Promise<void> => {
    asking.value = false
    busy.value = true
    then()
    await host.erase()
    busy.value = false
  }
  return (
    <Blocked title={words.title}>
      <p>{words.words}</p>
      <p>{words.profile}</p>
      <RowCard title={words.back}>
        <Row
          strong
          lead={<Tile icon="smartphone" />}
          title={words.link}
          sub={words.linkHint}
          onClick={() => void erase(() => props.onGetBack("link"))}
        />
        <Row
          strong
          lead={<Tile icon="key-round" tint="honey" />}
          title={words.recover}
          sub={words.recoverHint}
          onClick={() => void erase(() => props.onGetBack("recover"))}
        />
        <Row
          strong
          lead={<Tile icon="refresh-cw" tint="grey" />}
          title={words.lookAgain}
          sub={words.lookAgainHint}
          onClick={() => host.restart()}
        />
      </RowCard>
      <div class={css.actions}>
        <Button look="quiet" busy={busy.value} onClick={() => (asking.value = true)}>
          {words.startOver}
        </Button>
      </div>
      {asking.value && (
        <Confirm
          title={words.confirmTitle}
          confirm={words.confirm}
          final
          onClose={() => (asking.value = false)}
          onConfirm={() => void erase(() => undefined)}
        >
          <p>{words.confirmWords}</p>
        </Confirm>
      )}
    </Blocked>
  )
}

export function FailedScreen(props: { readonly code: string; readonly message: string }): JSX.Element {
  const { host } = useApp()
  return (
    <Blocked title={t.welcome.failed}>
      <p>{props.message}</p>
      <p class={css.code}>{props.code}</p>
      <div class={css.actions}>
        <Button look="primary" icon="refresh-cw" onClick={() => host.restart()}>
          {partText.tryAgain}
        </Button>
      </div>
    </Blocked>
  )
}
