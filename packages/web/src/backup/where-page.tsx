// Where backups go: this server, a file by hand, or nowhere. A bucket of the person's own is for the command-line app: the browser lets this
// page talk to its own server only.

import type { BackupTarget } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Skeleton } from "../part/states.tsx"
import { t } from "../text/catalogue.ts"
import css from "./backup.module.css"

const options: readonly { readonly target: BackupTarget; readonly title: string; readonly hint: string }[] = [
  { target: "server", title: t.backup.where.server, hint: t.backup.where.serverHint },
  { target: "file", title: t.backup.where.file, hint: t.backup.where.fileHint },
  { target: "none", title: t.backup.where.none, hint: t.backup.where.noneHint },
  { target: "s3", title: t.backup.where.s3, hint: t.backup.where.s3Hint },
]

export function WherePage(): JSX.Element {
  const { backup } = useModel()
  return backup.value === undefined ? <Skeleton rows={4} look="lines" /> : <Choice present={backup.value.target} />
}

function Choice(props: { readonly present: BackupTarget }): JSX.Element {
  const { router } = useApp()
  const { device, attempt, notify } = useModel()
  const { present } = props
  const target = useSignal<BackupTarget>(present)
  const busy = useSignal(false)
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const wanted = target.peek()
    if (wanted === "s3") return
    busy.value = true
    const done = await attempt(t.backup.where.notSaved, () => device.setBackup({ target: wanted }))
    busy.value = false
    if (!done) return
    notify(t.backup.where.saved)
    router.go({ at: "settings", section: "devices" })
  }
  return (
    <form class={css.form} onSubmit={(event) => void save(event)} noValidate>
      <fieldset class={css.options}>
        <legend class="visually-hidden">{t.backup.where.choose}</legend>
        {options.map((option) => (
          <label key={option.target} class={css.option}>
            <input
              type="radio"
              name="target"
              checked={target.value === option.target}
              disabled={option.target === "s3"}
              onChange={() => (target.value = option.target)}
            />
            <span class={css.optionWords}>
              <span>{option.title}</span>
              <span class={css.sub}>{option.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div>
        <Button type="submit" look="primary" busy={busy.value} disabled={target.value === present}>
          {t.backup.where.save}
        </Button>
      </div>
    </form>
  )
}
