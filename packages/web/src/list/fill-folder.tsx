// Which chats are in a folder: each can be put in and taken out here.

import { useSignal } from "@preact/signals"
import { isolated } from "@nodoor/wire/shown-text"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { matchChats } from "../model/chat-order.ts"
import { Avatar } from "../part/avatar.tsx"
import { Button } from "../part/button.tsx"
import { Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { t } from "../text/catalogue.ts"
import css from "./folders.module.css"

/** Fewer chats can be looked through without searching. */
const searchedFrom = 8

export function FillFolder(props: { readonly folder: string; readonly onClose: () => void }): JSX.Element {
  const { folder, onClose } = props
  const { sections, device, attempt } = useModel()
  const text = useSignal("")
  const chats = sections.value?.main ?? []
  return (
    <Dialog title={t.list.folders.fill(isolated(folder))} onClose={onClose}>
      {chats.length >= searchedFrom && (
        <Field label={t.list.folders.find} value={text.value} autoFocus onInput={(value) => (text.value = value)} />
      )}
      <ul class={`${css.list} ${css.long}`}>
        {matchChats(chats, text.value).map((chat) => (
          <li key={chat.id}>
            <label class={css.choice}>
              <input
                type="checkbox"
                class={css.check}
                checked={chat.folder === folder}
                onChange={(event) => {
                  const to = event.currentTarget.checked ? folder : ""
                  void attempt(t.list.actions.notSaved, () => device.setChatOptions(chat.id, { folder: to }))
                }}
              />
              <Avatar id={chat.peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} size={32} />
              <span class={css.name}>
                <bdi>{chat.title}</bdi>
                {chat.folder !== "" && chat.folder !== folder && <span class={css.sub}>{t.list.folders.isIn(isolated(chat.folder))}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div class={css.actions}>
        <Button look="primary" onClick={onClose}>
          {t.list.folders.done}
        </Button>
      </div>
    </Dialog>
  )
}
