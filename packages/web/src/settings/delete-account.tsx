import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { isDeleted } from "../model/deleted-account.ts"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { t } from "../text/catalogue.ts"
import { HandleDialog } from "./handle-dialog.tsx"
import css from "./section.module.css"
import { useErase } from "./use-erase.ts"

export function DeleteAccount(): JSX.Element {
  const { connection, account } = useModel()
  const asking = useSignal(false)
  const over = isDeleted(connection.value)
  return (
    <section class={css.card}>
      <h3 class={css.title}>{t.settings.deletion.title}</h3>
      <p class={css.words}>{over ? t.settings.deletion.over(account.value.handle) : t.settings.deletion.words}</p>
      {!over && (
        <div class={css.row}>
          <Button look="quiet" icon="trash-2" onClick={() => (asking.value = true)}>
            {t.settings.deletion.ask}
          </Button>
        </div>
      )}
      {asking.value && <Ask onClose={() => (asking.value = false)} />}
    </section>
  )
}

function Ask(props: { readonly onClose: () => void }): JSX.Element {
  const { device, attempt, account, connection } = useModel()
  const { handle, origin } = account.value
  if (isDeleted(connection.value)) return <Done onClose={props.onClose} />
  return (
    <HandleDialog
      title={t.settings.deletion.confirmTitle}
      confirm={t.settings.deletion.delete}
      onConfirm={() => attempt(t.settings.deletion.failed, () => device.deleteAccount())}
      onClose={props.onClose}
    >
      <div>
        <h3>{t.settings.deletion.goes}</h3>
        <p class={css.words}>{t.settings.deletion.goesWords(origin)}</p>
      </div>
      <div>
        <h3>{t.settings.deletion.stays}</h3>
        <p class={css.words}>{t.settings.deletion.staysWords(handle)}</p>
      </div>
      <p class={css.words}>{t.settings.deletion.confirm}</p>
    </HandleDialog>
  )
}

function Done(props: { readonly onClose: () => void }): JSX.Element {
  const erase = useErase()
  const busy = useSignal(false)
  const run = async (): Promise<void> => {
    busy.value = true
    await erase()
    busy.value = false
  }
  return (
    <Dialog title={t.settings.deletion.doneTitle} onClose={props.onClose}>
      <div class={css.points}>
        <p class={css.words}>{t.settings.deletion.doneWords}</p>
        <div class={css.row}>
          <Button onClick={props.onClose}>{t.settings.deletion.keep}</Button>
          <Button look="quiet" icon="trash-2" busy={busy.value} onClick={() => void run()}>
            {t.settings.data.eraseIt}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
