// A dialog for what cannot be undone: it asks for the person's own handle.

import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"
import css from "./section.module.css"

export function HandleDialog(props: {
  readonly title: string
  readonly confirm: string
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
  /** What happens. */
  readonly children: ComponentChildren
}): JSX.Element {
  const { handle } = useModel().account.value
  const typed = useSignal("")
  const busy = useSignal(false)
  const run = async (): Promise<void> => {
    busy.value = true
    await props.onConfirm()
    busy.value = false
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div class={css.points}>
        {props.children}
        <Field
          label={t.settings.data.handle}
          prefix="@"
          value={typed.value}
          onInput={(value) => (typed.value = value)}
          placeholder={handle}
          autoFocus
        />
        <div class={css.row}>
          <Button look="alarm" busy={busy.value} disabled={typed.value.trim() !== handle} onClick={() => void run()}>
            {props.confirm}
          </Button>
          <Button look="quiet" onClick={props.onClose}>
            {partText.cancel}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
