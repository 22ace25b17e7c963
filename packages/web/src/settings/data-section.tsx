import type { ServerArchive } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { isDeleted } from "../model/deleted-account.ts"
import { Button } from "../part/button.tsx"
import { saveFile } from "../part/save-file.ts"
import { exportText } from "../text/export-text.ts"
import { letterPage } from "../text/letter-page.ts"
import { DeleteAccount } from "./delete-account.tsx"
import { HandleDialog } from "./handle-dialog.tsx"
import { useErase } from "./use-erase.ts"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

export function DataSection(): JSX.Element {
  const { device, attempt, notify, account, connection } = useModel()
  const busy = useSignal(false)
  const asking = useSignal(false)
  const save = async (): Promise<void> => {
    busy.value = true
    const done = await attempt(t.settings.data.notExported, async () => {
      const data = await device.exportOwnData()
      saveFile(`nodoor-${account.peek().handle}.json`, exportText(data))
    })
    if (done) notify(t.settings.data.exported)
    busy.value = false
  }
  return (
    <>
      <section class={css.card}>
        <h3 class={css.title}>{t.settings.data.export}</h3>
        <p class={css.words}>{t.settings.data.exportWords}</p>
        <div class={css.row}>
          <Button icon="download" busy={busy.value} onClick={() => void save()}>
            {t.settings.data.exportIt}
          </Button>
        </div>
      </section>
      <ServerKnowledge />
      <DeleteAccount />
      <section class={css.card}>
        <h3 class={css.title}>{t.settings.data.erase}</h3>
        <p class={css.words}>{isDeleted(connection.value) ? t.settings.data.eraseDeletedWords : t.settings.data.eraseWords}</p>
        <div class={css.row}>
          <Button look="quiet" icon="trash-2" onClick={() => (asking.value = true)}>
            {t.settings.data.eraseAsk}
          </Button>
        </div>
      </section>
      {asking.value && <Erase onClose={() => (asking.value = false)} />}
    </>
  )
}

/** The archive and its letter belong together, so both come from one answer for as long as this page is open. */
function ServerKnowledge(): JSX.Element {
  const { device, attempt, notify, account } = useModel()
  const { origin } = account.value
  const busy = useSignal<"archive" | "letter" | undefined>(undefined)
  const asked = useSignal<ServerArchive | undefined>(undefined)
  const save = async (what: "archive" | "letter"): Promise<void> => {
    busy.value = what
    const done = await attempt(t.settings.data.notArchived, async () => {
      const { name, text, letter } = (asked.value ??= await device.serverArchive())
      if (what === "archive") saveFile(name, text)
      else saveFile(letter.name, letterPage({ origin, html: letter.html }), "text/html")
    })
    if (done) notify(t.settings.data.archived)
    busy.value = undefined
  }
  return (
    <section class={css.card}>
      <h3 class={css.title}>{t.settings.data.archive}</h3>
      <p class={css.words}>{t.settings.data.archiveWords(origin, <span class={css.mono}>nodoor export --verify</span>)}</p>
      <div class={css.row}>
        <Button icon="download" busy={busy.value === "archive"} onClick={() => void save("archive")}>
          {t.settings.data.saveArchive}
        </Button>
        <Button look="quiet" busy={busy.value === "letter"} onClick={() => void save("letter")}>
          {t.settings.data.saveLetter}
        </Button>
      </div>
    </section>
  )
}

function Erase(props: { readonly onClose: () => void }): JSX.Element {
  return (
    <HandleDialog title={t.settings.data.eraseTitle} confirm={t.settings.data.eraseIt} onConfirm={useErase()} onClose={props.onClose}>
      <p class={css.words}>{t.settings.data.eraseConfirm}</p>
    </HandleDialog>
  )
}
