// Which folder a chat is in: one of those that are there, a new one, or none.

import type { ChatView } from "@nodoor/client"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Dialog } from "../part/dialog.tsx"
import { NewFolder } from "./edit-folders.tsx"
import { t } from "../text/catalogue.ts"
import css from "./folders.module.css"

export function ChooseFolder(props: { readonly chat: ChatView; readonly onClose: () => void }): JSX.Element {
  const { chat, onClose } = props
  const { folders, device, attempt } = useModel()
  const put = (folder: string): void => {
    onClose()
    if (folder !== chat.folder) void attempt(t.list.actions.notSaved, () => device.setChatOptions(chat.id, { folder }))
  }
  return (
    <Dialog title={t.list.folders.choose} onClose={onClose}>
      {folders.value.length > 0 && (
        <ul class={css.list}>
          {["", ...folders.value].map((folder) => (
            <li key={folder}>
              <button type="button" class={css.choice} aria-pressed={folder === chat.folder} onClick={() => put(folder)}>
                <span class={css.radio} />
                <bdi>{folder === "" ? t.list.folders.noFolder : folder}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      <NewFolder label={t.list.folders.name} onMade={put} />
    </Dialog>
  )
}
