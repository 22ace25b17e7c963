// The account comes back from the 24 words: whose it is, the words, and then a signed new start. What to do without words is told as it is.

import { sharedLink } from "@nodoor/client/text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { LinkMoment } from "../link/link-parts.tsx"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { Field } from "../part/field.tsx"
import { FullPage } from "../part/full-page.tsx"
import { ProgressRing } from "../part/progress-ring.tsx"
import { Tile } from "../part/tile.tsx"
import { WordsForm, noWords } from "../recovery/words-form.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./recover-account.module.css"

export function RecoverAccount(props: { readonly onBack: () => void; readonly onFresh: () => void }): JSX.Element {
  const { host, router } = useApp()
  const handle = useSignal("")
  const words = useSignal(noWords)
  const busy = useSignal(false)
  const running = useSignal(false)
  const without = useSignal(false)
  const wrongHandle = useSignal<string | undefined>(undefined)
  const failure = useSignal<string | undefined>(undefined)
  if (without.value) return <WithoutWords onBack={() => (without.value = false)} onFresh={props.onFresh} />
  if (running.value) {
    return (
      <FullPage>
        <LinkMoment
          mark={<ProgressRing part={undefined} label={t.link.transfer.progress} size={120} />}
          title={t.recovery.use.running}
          words={t.recovery.use.runningWords}
        />
      </FullPage>
    )
  }
  const recover = async (wanted: string, given: readonly string[]): Promise<void> => {
    running.value = true
    try {
      await host.recover({ handle: wanted, words: given })
      router.go({ at: "restore" }, { replace: true })
    } catch (error) {
      failure.value = error instanceof HostError ? error.message : partText.unexpected
    }
    running.value = false
  }
  return (
    <FullPage onBack={props.onBack}>
      <div class={css.page}>
        <Tile icon="key-round" size={66} />
        <h1 class={css.title}>{t.recovery.use.title}</h1>
        <p class={css.lead}>{t.recovery.use.lead}</p>
        <WordsForm
          words={words}
          submit={t.recovery.use.submit}
          busy={busy.value}
          before={
            <Field
              label={t.recovery.use.handle}
              prefix="@"
              value={handle.value}
              onInput={(value) => {
                handle.value = value
                wrongHandle.value = undefined
              }}
              error={wrongHandle.value}
              hint={t.recovery.use.handleHint}
              autoComplete="username"
              maxLength={300}
              autoFocus
            />
          }
          after={
            <>
              {failure.value !== undefined && (
                <Caution role="alert">
                  <strong>{t.recovery.use.notDone}</strong> {failure.value}
                </Caution>
              )}
              <p class={css.others}>{t.recovery.use.others}</p>
              <div class={css.lost}>
                <Button look="link" onClick={() => (without.value = true)}>
                  {t.recovery.use.lost}
                </Button>
              </div>
            </>
          }
          onSubmit={async (given) => {
            failure.value = undefined
            const whose = sharedLink(handle.peek(), window.location.origin)
            if (whose?.type !== "person") {
              wrongHandle.value = whose?.type === "elsewhere" ? t.recovery.use.elsewhere(whose.host) : t.recovery.use.handleWrong
              return undefined
            }
            busy.value = true
            try {
              const check = await host.checkWords(given)
              if (check.status === "right") await recover(whose.handle, given)
              return check
            } catch (error) {
              failure.value = error instanceof HostError ? error.message : partText.unexpected
              return undefined
            } finally {
              busy.value = false
            }
          }}
        />
      </div>
    </FullPage>
  )
}

function WithoutWords(props: { readonly onBack: () => void; readonly onFresh: () => void }): JSX.Element {
  const { facts } = t.recovery.reset
  return (
    <FullPage onBack={props.onBack}>
      <div class={css.page}>
        <Tile icon="life-buoy" tint="caution" size={66} />
        <h1 class={css.title}>{t.recovery.reset.title}</h1>
        <p class={css.lead}>{t.recovery.reset.lead}</p>
        <ul class={css.facts}>
          <li>
            <Icon name="lock" size={18} />
            <span>{facts.chats}</span>
          </li>
          <li>
            <Icon name="at-sign" size={18} />
            <span>{facts.handle}</span>
          </li>
          <li>
            <Icon name="users" size={18} />
            <span>{facts.contacts}</span>
          </li>
        </ul>
        <div class={css.actions}>
          <Button look="primary" onClick={props.onBack}>
            {t.recovery.reset.look}
          </Button>
          <Button look="link" onClick={props.onFresh}>
            {t.recovery.reset.fresh}
          </Button>
        </div>
      </div>
    </FullPage>
  )
}
