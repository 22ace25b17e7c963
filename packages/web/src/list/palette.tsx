// Ctrl+K: finds any chat and any page of the app by a few letters.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useId } from "preact/hooks"
import { foldedText } from "@nodoor/wire/folded-text"
import { useApp, useModel } from "../app/context.ts"
import type { Route } from "../app/route.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { matchChats } from "../model/chat-order.ts"
import { Avatar } from "../part/avatar.tsx"
import { isComposing } from "../part/composing.ts"
import { Dialog } from "../part/dialog.tsx"
import { t } from "../text/catalogue.ts"
import css from "./palette.module.css"

interface Entry {
  readonly key: string
  readonly label: string
  readonly picture: JSX.Element
  readonly run: () => void
}

export function Palette(props: { readonly onClose: () => void; readonly onShowKeys: () => void }): JSX.Element {
  const { router, appearance } = useApp()
  const model = useModel()
  const text = useSignal("")
  const at = useSignal(0)
  const listId = useId()
  const go = (route: Route) => () => router.go(route)
  const place = (label: string, icon: IconName, run: () => void): Entry => ({
    key: label,
    label,
    picture: (
      <span class={css.icon}>
        <Icon name={icon} size={18} />
      </span>
    ),
    run,
  })
  const places = [
    place(t.list.newChat, "square-pen", go({ at: "new" })),
    place(t.list.newGroup, "users", go({ at: "new-group" })),
    place(t.list.requests, "inbox", go({ at: "requests" })),
    ...model.folders.value.map((folder) =>
      place(folder, "folder", () => {
        model.filter.value = { by: "folder", folder }
        router.go({ at: "chats" })
      }),
    ),
    place(t.list.starred.title, "star", go({ at: "starred" })),
    place(t.list.archivedChats, "archive", go({ at: "archived" })),
    place(t.list.settings, "settings", go({ at: "settings", section: undefined })),
    place(t.list.palette.appearance, "sun", go({ at: "settings", section: "appearance" })),
    place(t.list.palette.devices, "monitor", go({ at: "settings", section: "devices" })),
    place(t.list.palette.server, "server", go({ at: "settings", section: "server" })),
    place(t.list.palette.export, "download", go({ at: "settings", section: "data" })),
    place(t.list.palette.light, "sun", () => (appearance.theme.value = "light")),
    place(t.list.palette.dark, "moon", () => (appearance.theme.value = "dark")),
    place(t.list.palette.shortcuts, "keyboard", props.onShowKeys),
  ]
  const sections = model.sections.value
  const chats = sections === undefined ? [] : matchChats([...sections.main, ...sections.archived], text.value)
  const wanted = foldedText(text.value.trim())
  const entries: Entry[] = [
    ...chats.slice(0, 6).map((chat) => ({
      key: chat.id,
      label: chat.title,
      picture: <Avatar id={chat.peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} size={32} />,
      run: go({ at: "chat", chatId: chat.id, sheet: undefined }),
    })),
    ...places.filter((entry) => wanted === "" || foldedText(entry.label).includes(wanted)).slice(0, 8),
  ]
  const chosen = Math.min(at.value, entries.length - 1)
  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    props.onClose()
    entry.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0) at.value = (chosen + step + entries.length) % Math.max(1, entries.length)
    else if (event.key === "Enter") run(entries[chosen])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={t.list.palette.title} hideTitle look="top" onClose={props.onClose}>
      <div class={css.field}>
        <Icon name="search" />
        <input
          class={css.input}
          placeholder={t.list.palette.title}
          aria-label={t.list.palette.title}
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={entries[chosen] === undefined ? undefined : `${listId}-${chosen}`}
          autoFocus
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value
            at.value = 0
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id={listId} role="listbox" aria-label={t.list.palette.results} class={css.list}>
        {entries.map((entry, index) => (
          <li
            key={entry.key}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            class={`${css.entry} ${index === chosen ? css.chosen : ""}`}
            onPointerMove={() => (at.value = index)}
            onClick={() => run(entry)}
          >
            {entry.picture}
            <bdi class={css.label}>{entry.label}</bdi>
          </li>
        ))}
        {entries.length === 0 && <li class={css.none}>{t.list.palette.none}</li>}
      </ul>
    </Dialog>
  )
}
