import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { QrCode } from "../part/qr-code.tsx"
import { useCopy } from "../part/use-copy.ts"
import { ownLink } from "../text/link.ts"
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
    const done = await attempt("Your name was not changed.", async () => {
      await device.setName(name.peek().trim())
      account.value = await device.account()
    })
    if (done) notify("Your name is changed. People you write to see it with your next message.")
    busy.value = false
  }
  return (
    <>
      <form class={css.card} onSubmit={(event) => void save(event)}>
        <Field
          label="Name"
          value={name.value}
          onInput={(value) => (name.value = value)}
          autoComplete="name"
          seenBy="Only people you write to see it, encrypted. The name the server noted when you registered stays as it was."
        />
        <div class={css.row}>
          <Button
            type="submit"
            look="primary"
            busy={busy.value}
            disabled={showsNothing(name.value) || name.value.trim() === account.value.name}
          >
            Save
          </Button>
        </div>
      </form>
      <section class={css.card}>
        <div class={css.split}>
          <div class={css.points}>
            <h3 class={css.title}>Your link</h3>
            <p class={css.words}>Whoever opens it can write to you as @{account.value.handle}. You decide whether to answer.</p>
            <p class={css.link}>{link}</p>
            <div class={css.row}>
              <Button icon="copy" onClick={() => copy(link, "Your link is copied.")}>
                Copy link
              </Button>
            </div>
          </div>
          <QrCode text={link} label="Your link as a QR code" />
        </div>
      </section>
    </>
  )
}
