import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { isDeleted } from "../model/deleted-account.ts"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import css from "./section.module.css"

export function DeleteAccount(): JSX.Element {
  const { connection, account } = useModel()
  const asking = useSignal(false)
  const over = isDeleted(connection.value)
  return (
    <section class={css.card}>
      <h3 class={css.title}>Delete my account</h3>
      <p class={css.words}>
        {over
          ? `@${account.value.handle} was deleted. What is in this browser stays readable until you erase it below.`
          : "Ends the account for all of its devices. The server erases what it holds about you, and your contacts see that you are gone."}
      </p>
      {!over && (
        <div class={css.row}>
          <Button look="quiet" icon="trash-2" onClick={() => (asking.value = true)}>
            Delete my account…
          </Button>
        </div>
      )}
      {asking.value && <Ask onClose={() => (asking.value = false)} />}
    </section>
  )
}

function Ask(props: { readonly onClose: () => void }): JSX.Element {
  const { device, attempt, account, connection } = useModel()
  const typed = useSignal("")
  const busy = useSignal(false)
  const { handle, origin } = account.value
  const end = async (): Promise<void> => {
    busy.value = true
    await attempt("Your account is not deleted yet.", () => device.deleteAccount())
    busy.value = false
  }
  if (isDeleted(connection.value)) return <Done onClose={props.onClose} />
  return (
    <Dialog title="Delete your account for good?" onClose={props.onClose}>
      <div class={css.points}>
        <div>
          <h3>What goes</h3>
          <p class={css.words}>
            Your name, e-mail address and IP addresses on {origin}; all your devices, their keys, and messages that still wait for them. You
            leave every chat.
          </p>
        </div>
        <div>
          <h3>What stays</h3>
          <p class={css.words}>
            The handle @{handle} stays taken, so that nobody can pose as you. The public log keeps rows that look random and name nobody.
            Others keep their copies of what you wrote.
          </p>
        </div>
        <p class={css.words}>Type your handle to confirm. This cannot be undone: not by you, and not by the operator.</p>
        <Field
          label="Your handle"
          prefix="@"
          value={typed.value}
          onInput={(value) => (typed.value = value)}
          placeholder={handle}
          autoFocus
        />
        <div class={css.row}>
          <Button look="alarm" busy={busy.value} disabled={typed.value.trim() !== handle} onClick={() => void end()}>
            Delete my account
          </Button>
          <Button look="quiet" onClick={props.onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Done(props: { readonly onClose: () => void }): JSX.Element {
  const { host } = useApp()
  const { attempt } = useModel()
  const busy = useSignal(false)
  const erase = async (): Promise<void> => {
    busy.value = true
    await attempt("It was not erased.", () => host.erase())
    busy.value = false
  }
  return (
    <Dialog title="Your account was deleted" onClose={props.onClose}>
      <div class={css.points}>
        <p class={css.words}>
          The server’s log shows it. Nothing is sent or received any more. Your messages are still in this browser: keep them to read, or
          erase them too.
        </p>
        <div class={css.row}>
          <Button onClick={props.onClose}>Keep them here</Button>
          <Button look="quiet" icon="trash-2" busy={busy.value} onClick={() => void erase()}>
            Erase from this browser
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
