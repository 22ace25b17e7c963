// The quiet line above the chats: all of them, the unread ones, people, groups, and each folder, with how many in it are unread. It is one
// stop of the Tab key; the arrow keys choose.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { type ListFilter, filterChats, isUnread } from "../model/chat-order.ts"
import { IconButton } from "../part/button.tsx"
import { Menu, type MenuItem, type MenuPlace, placeBelow } from "../part/menu.tsx"
import { EditFolders } from "./edit-folders.tsx"
import { FillFolder } from "./fill-folder.tsx"
import { t } from "../text/catalogue.ts"
import css from "./filter-tabs.module.css"

export const filteredListId = "filtered-chats"

interface Tab {
  readonly label: string
  readonly filter: ListFilter
  readonly count: number
}

export function FilterTabs(props: { readonly chats: readonly ChatView[] }): JSX.Element {
  const { filter, folders } = useModel()
  const strip = useRef<HTMLDivElement>(null)
  const menu = useSignal<{ readonly folder: string; readonly place: MenuPlace } | undefined>(undefined)
  const shown = useSignal<{ readonly edit: true } | { readonly fill: string } | undefined>(undefined)
  const unreadIn = (one: ListFilter): number => filterChats(props.chats, one).filter(isUnread).length
  const tabs: readonly Tab[] = [
    { label: t.list.filters.all, filter: { by: "all" }, count: 0 },
    { label: t.list.filters.unread, filter: { by: "unread" }, count: unreadIn({ by: "unread" }) },
    { label: t.list.filters.people, filter: { by: "people" }, count: 0 },
    { label: t.list.filters.groups, filter: { by: "groups" }, count: 0 },
    ...folders.value.map((folder): Tab => {
      const inFolder: ListFilter = { by: "folder", folder }
      return { label: folder, filter: inFolder, count: unreadIn(inFolder) }
    }),
  ]
  const chosen = Math.max(
    0,
    tabs.findIndex((tab) => isSame(tab.filter, filter.value)),
  )
  useEffect(() => {
    strip.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }, [chosen, tabs.length])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const turned = document.dir === "rtl" ? -1 : 1
    const to = step === undefined ? { Home: 0, End: tabs.length - 1 }[event.key] : chosen + turned * step
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length]
    if (next === undefined) return
    event.preventDefault()
    filter.value = next.filter
    requestAnimationFrame(() => strip.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus())
  }
  const items = (folder: string): readonly MenuItem[] => [
    { label: t.list.filters.none.addChats, icon: "plus", run: () => (shown.value = { fill: folder }) },
    { label: t.list.filters.edit, icon: "pencil", run: () => (shown.value = { edit: true }) },
  ]
  return (
    <div class={css.line}>
      <div ref={strip} class={css.strip} role="tablist" aria-label={t.list.filters.label} onKeyDown={onKeyDown}>
        {tabs.map((tab, at) => (
          <button
            key={tab.filter.by === "folder" ? `folder ${tab.filter.folder}` : tab.filter.by}
            type="button"
            role="tab"
            class={css.tab}
            aria-selected={at === chosen}
            aria-controls={filteredListId}
            tabIndex={at === chosen ? 0 : -1}
            onClick={() => (filter.value = tab.filter)}
            onContextMenu={(event) => {
              if (tab.filter.by !== "folder") return
              event.preventDefault()
              menu.value = { folder: tab.filter.folder, place: placeBelow(event.currentTarget, "start") }
            }}
          >
            <bdi class={css.label}>{tab.label}</bdi>
            {tab.count > 0 && (
              <span class={css.count} aria-label={t.list.filters.unreadIn(tab.count)}>
                {tab.count}
              </span>
            )}
          </button>
        ))}
      </div>
      <IconButton
        icon={folders.value.length === 0 ? "folder-plus" : "folder"}
        label={folders.value.length === 0 ? t.list.filters.newFolder : t.list.filters.edit}
        size={17}
        class={css.edit}
        onClick={() => (shown.value = { edit: true })}
      />
      {menu.value !== undefined && (
        <Menu
          label={isolated(menu.value.folder)}
          place={menu.value.place}
          items={items(menu.value.folder)}
          onClose={() => (menu.value = undefined)}
        />
      )}
      {shown.value !== undefined && "edit" in shown.value && <EditFolders onClose={() => (shown.value = undefined)} />}
      {shown.value !== undefined && "fill" in shown.value && (
        <FillFolder folder={shown.value.fill} onClose={() => (shown.value = undefined)} />
      )}
    </div>
  )
}

function isSame(a: ListFilter, b: ListFilter): boolean {
  return a.by === "folder" ? b.by === "folder" && a.folder === b.folder : a.by === b.by
}
