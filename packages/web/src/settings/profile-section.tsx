import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { QrCode } from "../part/qr-code.tsx"
import { useCopy } from "../part/use-copy.ts"
import { ownLink } from "../text/link.ts"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

export function ProfileSection(): JSX.Element {
  const { account, device, attempt, notify } = useModel()
  const copy = useCopy()
  const name = useSignal(account.value.name)
  const busy = useSignal(false)
  const link = ownLink(account.value)
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    busy.value = true
    const done = await attempt(t.settings.profile.notSaved, async () => {
      await device.setName(name.peek().trim())
      account.value = await device.account()
    })
    if (done) notify(t.settings.profile.saved)
    busy.value = false
  }
  return (
    <>
      <form class={css.card} onSubmit={(event) => void save(event)}>
        <Field
          label={t.settings.profile.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          autoComplete="name"
          seenBy={t.settings.profile.nameSeenBy}
        />
        <div class={css.row}>
          <Button
            type="submit"
            look="primary"
            busy={busy.value}
            disabled={showsNothing(name.value) || name.value.trim() === account.value.name}
          >
            {t.settings.profile.save}
          </Button>
        </div>
      </form>
      <section class={css.card}>
        <div class={css.split}>
          <div class={css.points}>
            <h3 class={css.title}>{t.settings.profile.link}</h3>
            <p class={css.words}>{t.settings.profile.linkWords(account.value.handle)}</p>
            <p class={css.link}>{link}</p>
            <div class={css.row}>
              <Button icon="copy" onClick={() => copy(link, t.settings.profile.linkCopied)}>
                {t.settings.profile.copyLink}
              </Button>
            </div>
          </div>
          <QrCode text={link} label={t.settings.profile.qr} />
        </div>
      </section>
    </>
  )
}
