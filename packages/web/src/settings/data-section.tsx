import type { ServerArchive } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { isDeleted } from "../model/deleted-account.ts"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { saveFile } from "../part/save-file.ts"
import { exportText } from "../text/export-text.ts"
import { letterPage } from "../text/letter-page.ts"
import { DeleteAccount } from "./delete-account.tsx"
import css from "./section.module.css"

export function DataSection(): JSX.Element {
  const { device, attempt, notify, account, connection } = useModel()
  const busy = useSignal(false)
  const asking = useSignal(false)
  const save = async (): Promise<void> => {
    busy.value = true
    const done = await attempt("Your data could not be gathered.", async () => {
      const data = await device.exportOwnData()
      saveFile(`nodoor-${account.peek().handle}.json`, exportText(data))
    })
    if (done) notify("Saved. Anyone who has the file can read it and start your account over: keep it safe.")
    busy.value = false
  }
  return (
    <>
      <section class={css.card}>
        <h3 class={css.title}>Take your data with you</h3>
        <p class={css.words}>
          One JSON file with your profile, contacts, chats and messages as this device has them, and what the server holds about you. It is
          made here. It is not encrypted, and it holds your recovery key: without it nobody can start your account over, and whoever has it
          can.
        </p>
        <div class={css.row}>
          <Button icon="download" busy={busy.value} onClick={() => void save()}>
            Save as a file
          </Button>
        </div>
      </section>
      <ServerKnowledge />
      <DeleteAccount />
      <section class={css.card}>
        <h3 class={css.title}>Erase Nodoor from this browser</h3>
        <p class={css.words}>
          {isDeleted(connection.value)
            ? "Destroys your messages on this device. Nobody can bring them back."
            : "Destroys the keys and messages on this device, and tells nobody: the account stays, with what the server holds about you. If it is your only device, nobody can bring it back: not you, and not the operator."}
        </p>
        <div class={css.row}>
          <Button look="quiet" icon="trash-2" onClick={() => (asking.value = true)}>
            Erase…
          </Button>
        </div>
      </section>
      {asking.value && <Erase onClose={() => (asking.value = false)} />}
    </>
  )
}

/** The archive and its letter belong together: both are of one answer, for as long as this page stands. */
function ServerKnowledge(): JSX.Element {
  const { device, attempt, notify, account } = useModel()
  const { origin } = account.value
  const busy = useSignal<"archive" | "letter" | undefined>(undefined)
  const asked = useSignal<ServerArchive | undefined>(undefined)
  const save = async (what: "archive" | "letter"): Promise<void> => {
    busy.value = what
    const done = await attempt("The server did not give it out.", async () => {
      const { name, text, letter } = (asked.value ??= await device.serverArchive())
      if (what === "archive") saveFile(name, text)
      else saveFile(letter.name, letterPage({ origin, html: letter.html }), "text/html")
    })
    if (done) notify("Saved. Anyone who has the file can read it and start your account over: keep it safe.")
    busy.value = undefined
  }
  return (
    <section class={css.card}>
      <h3 class={css.title}>Everything this server knows about me</h3>
      <p class={css.words}>
        The archive that {origin} could hand over about you to an authority, at most, in the same form and signed with the same key. The
        server makes it now. Check it with <span class={css.mono}>nodoor export --verify</span>. The letter says the same for people.
      </p>
      <div class={css.row}>
        <Button icon="download" busy={busy.value === "archive"} onClick={() => void save("archive")}>
          Save the archive
        </Button>
        <Button look="quiet" busy={busy.value === "letter"} onClick={() => void save("letter")}>
          Save the letter
        </Button>
      </div>
    </section>
  )
}

function Erase(props: { readonly onClose: () => void }): JSX.Element {
  const { host } = useApp()
  const { attempt, account } = useModel()
  const typed = useSignal("")
  const busy = useSignal(false)
  const handle = account.value.handle
  const erase = async (): Promise<void> => {
    busy.value = true
    await attempt("It was not erased.", () => host.erase())
    busy.value = false
  }
  return (
    <Dialog title="Erase everything here?" onClose={props.onClose}>
      <div class={css.points}>
        <p class={css.words}>Type your handle to confirm. This cannot be undone.</p>
        <Field
          label="Your handle"
          prefix="@"
          value={typed.value}
          onInput={(value) => (typed.value = value)}
          placeholder={handle}
          autoFocus
        />
        <div class={css.row}>
          <Button look="alarm" busy={busy.value} disabled={typed.value.trim() !== handle} onClick={() => void erase()}>
            Erase from this browser
          </Button>
          <Button look="quiet" onClick={props.onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
