// Writing the 24 words down: first a word of warning, then the words, then three of them asked back. They leave the screen with this page.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { Field } from "../part/field.tsx"
import { Rings } from "../part/rings.tsx"
import { FailedState } from "../part/states.tsx"
import { Tile } from "../part/tile.tsx"
import { partText } from "../text/part-text.ts"
import { placesToAsk } from "./word-list.ts"
import { PrintedWords } from "./printed-words.tsx"
import { WordGrid } from "./word-grid.tsx"
import { wordCount } from "./words-form.tsx"
import { t } from "../text/catalogue.ts"
import css from "./recovery-pages.module.css"

const askedCount = 3

export function WordsPage(): JSX.Element {
  const { router } = useApp()
  const { device, recovery } = useModel()
  const words = useSignal<readonly string[] | undefined>(undefined)
  const failure = useSignal<HostError | undefined>(undefined)
  const stage = useSignal<"before" | "shown" | "asking" | "done">("before")
  const busy = useSignal(false)
  const isNew = recovery.value?.status !== "confirmed"
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [stage.value])
  const leave = (): void => router.go({ at: "settings", section: "devices" })
  const show = async (): Promise<void> => {
    busy.value = true
    failure.value = undefined
    try {
      words.value = await device.recoveryWords()
      stage.value = "shown"
    } catch (error) {
      failure.value = error instanceof HostError ? error : new HostError("unexpected", partText.unexpected)
    }
    busy.value = false
  }
  if (failure.value !== undefined)
    return <FailedState title={t.recovery.words.notShown} failure={failure.value} onRetry={() => void show()} />
  if (stage.value === "done") {
    return (
      <div class={css.done} role="status">
        <Rings size={60} closing class={css.rings} />
        <h3 class={css.title} ref={heading} tabIndex={-1}>
          {t.recovery.ask.doneTitle}
        </h3>
        <p class={css.lead}>{t.recovery.ask.doneWords}</p>
        <Button look="primary" onClick={leave}>
          {t.recovery.ask.done}
        </Button>
      </div>
    )
  }
  if (stage.value === "asking" && words.value !== undefined) {
    return <AskWords onBack={() => (stage.value = "shown")} onDone={() => ((stage.value = "done"), (words.value = undefined))} />
  }
  if (words.value === undefined) {
    return (
      <div class={css.page}>
        <Tile icon="key-round" size={66} />
        <h3 class={css.title} ref={heading} tabIndex={-1}>
          {t.recovery.words.before}
        </h3>
        <p class={css.lead}>{t.recovery.words.beforeWords}</p>
        <div class={css.row}>
          <Button look="primary" busy={busy.value} onClick={() => void show()}>
            {t.recovery.words.show}
          </Button>
          <Button look="quiet" onClick={leave}>
            {partText.cancel}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div class={css.page}>
      <h3 class={css.title} ref={heading} tabIndex={-1}>
        {t.recovery.words.title}
      </h3>
      <p class={css.lead}>{isNew ? t.recovery.words.lead : t.recovery.words.leadAgain}</p>
      <WordGrid words={words.value} />
      <p class={css.secret}>
        <Icon name="lock" size={18} />
        <span>{t.recovery.words.secret}</span>
      </p>
      <div class={css.row}>
        {isNew ? (
          <Button look="primary" onClick={() => (stage.value = "asking")}>
            {t.recovery.words.written}
          </Button>
        ) : (
          <Button look="primary" onClick={leave}>
            {t.recovery.words.close}
          </Button>
        )}
        <Button icon="printer" onClick={() => window.print()}>
          {t.recovery.words.print}
        </Button>
      </div>
      <PrintedWords words={words.value} />
    </div>
  )
}

function AskWords(props: { readonly onBack: () => void; readonly onDone: () => void }): JSX.Element {
  const { device } = useModel()
  const places = useSignal(placesToAsk(askedCount, wordCount, Math.random))
  const given = useSignal<readonly string[]>(places.value.map(() => ""))
  const error = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    busy.value = true
    error.value = undefined
    try {
      await device.confirmRecovery(places.peek().map((at, i) => ({ at, word: (given.peek()[i] ?? "").trim().toLowerCase() })))
      props.onDone()
    } catch (reason) {
      const isWrong = reason instanceof HostError && reason.code === "invalid_input"
      error.value = isWrong ? t.recovery.ask.wrong : reason instanceof HostError ? reason.message : partText.unexpected
    }
    busy.value = false
  }
  return (
    <form class={css.page} onSubmit={(event) => void submit(event)} noValidate>
      <h3 class={css.title}>{t.recovery.ask.title}</h3>
      <p class={css.lead}>{t.recovery.ask.words(places.value.map((at) => at + 1))}</p>
      {places.value.map((at, i) => (
        <Field
          key={at}
          label={t.recovery.ask.field(at + 1)}
          value={given.value[i] ?? ""}
          onInput={(word) => {
            given.value = given.peek().with(i, word)
            error.value = undefined
          }}
          autoFocus={i === 0}
          maxLength={20}
        />
      ))}
      {error.value !== undefined && <Caution role="alert">{error.value}</Caution>}
      <div class={css.row}>
        <Button type="submit" look="primary" busy={busy.value} disabled={given.value.some((word) => word.trim() === "")}>
          {t.recovery.ask.confirm}
        </Button>
        <Button look="quiet" onClick={props.onBack}>
          {t.recovery.ask.back}
        </Button>
      </div>
    </form>
  )
}
