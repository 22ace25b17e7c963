// The list of chats. Requests and archived chats have their own lists. The search finds names and messages.

import type { ChatView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { openChatOf } from "../app/route.ts"
import { filterChats } from "../model/chat-order.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Button, IconButton } from "../part/button.tsx"
import { EmptyState, FailedState, Skeleton } from "../part/states.tsx"
import { Wordmark } from "../part/rings.tsx"
import { TransferBanner } from "../link/transfer.tsx"
import { RemindBanner } from "../recovery/remind.tsx"
import { AccountBanner } from "./account-banner.tsx"
import { CanaryBanner } from "./canary-banner.tsx"
import { ChatRow } from "./chat-row.tsx"
import { FilterTabs, filteredListId } from "./filter-tabs.tsx"
import { FillFolder } from "./fill-folder.tsx"
import { FilteredEmpty } from "./filtered-empty.tsx"
import { ConnectionLine } from "./connection-line.tsx"
import { NoticeBanner } from "./notice-banner.tsx"
import { StorageBanner } from "./storage-banner.tsx"
import { SearchResults } from "./search-results.tsx"
import { useRoving } from "./use-roving.ts"
import { t } from "../text/catalogue.ts"
import css from "./chat-list.module.css"

export const searchFieldId = "search"

export function ChatList(props: { readonly shelf: "main" | "requests" | "archived" }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const search = useSignal("")
  const sections = model.sections.value
  const { shelf } = props
  return (
    <nav class={css.pane} aria-label={t.list.chats}>
      <header class={css.bar}>
        {shelf === "main" ? (
          <h1 class={css.brand}>
            <Wordmark />
          </h1>
        ) : (
          <>
            <IconButton icon="arrow-left" label={t.list.back} class={css.back} onClick={router.up} />
            <h1 class={css.title}>{shelf === "requests" ? t.list.requests : t.list.archived}</h1>
          </>
        )}
        {shelf === "main" && (
          <>
            <IconButton icon="settings" label={t.list.settings} onClick={() => router.go({ at: "settings", section: undefined })} />
            <IconButton icon="square-pen" label={t.list.newChat} class={css.compose} onClick={() => router.go({ at: "new" })} />
          </>
        )}
      </header>
      {shelf === "main" && (
        <search class={css.search}>
          <Icon name="search" size={17} class={css.searchIcon} />
          <input
            id={searchFieldId}
            type="search"
            class={css.searchInput}
            placeholder={t.list.search.placeholder}
            aria-label={t.list.search.label}
            autoComplete="off"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape" || search.value === "") return
              event.stopPropagation()
              search.value = ""
            }}
          />
          {search.value !== "" && <IconButton icon="x" label={t.list.search.clear} size={16} onClick={() => (search.value = "")} />}
        </search>
      )}
      {shelf === "main" && search.value.trim() === "" && sections !== undefined && sections.main.length > 0 && (
        <FilterTabs chats={sections.main} />
      )}
      <ConnectionLine />
      {shelf === "main" && <StorageBanner />}
      {shelf === "main" && <AccountBanner />}
      {shelf === "main" && <NoticeBanner />}
      {shelf === "main" && <CanaryBanner />}
      {shelf === "main" && <TransferBanner />}
      {shelf === "main" && <RemindBanner />}
      <div class={css.scroll} id={filteredListId}>
        {model.failure.value !== undefined && sections === undefined ? (
          <FailedState title={t.list.notLoaded} failure={model.failure.value} onRetry={() => void model.reload()} />
        ) : sections === undefined ? (
          <Skeleton rows={8} look="chats" />
        ) : search.value.trim() !== "" ? (
          <SearchResults text={search.value} />
        ) : shelf === "main" ? (
          <MainShelf chats={sections.main} requestCount={sections.requests.length} archivedCount={sections.archived.length} />
        ) : (
          <OtherShelf shelf={shelf} chats={sections[shelf]} />
        )}
      </div>
    </nav>
  )
}

function MainShelf(props: {
  readonly chats: readonly ChatView[]
  readonly requestCount: number
  readonly archivedCount: number
}): JSX.Element {
  const { router } = useApp()
  const { filter } = useModel()
  const { requestCount, archivedCount } = props
  const filling = useSignal<string | undefined>(undefined)
  const isAll = filter.value.by === "all"
  const chats = filterChats(props.chats, filter.value, openChatOf(router.route.value))
  return (
    <>
      {filling.value !== undefined && <FillFolder folder={filling.value} onClose={() => (filling.value = undefined)} />}
      {isAll && requestCount > 0 && (
        <ShelfRow icon="inbox" label={t.list.requestCount(requestCount)} strong onClick={() => router.go({ at: "requests" })} />
      )}
      {chats.length > 0 ? (
        <Rows chats={chats} label={t.list.chats} />
      ) : props.chats.length > 0 ? (
        <FilteredEmpty filter={filter.value} onAll={() => (filter.value = { by: "all" })} onFill={(folder) => (filling.value = folder)} />
      ) : (
        <EmptyState
          title={t.list.empty.title}
          action={
            <Button look="primary" icon="square-pen" onClick={() => router.go({ at: "new" })}>
              {t.list.empty.action}
            </Button>
          }
        >
          {t.list.empty.words}
        </EmptyState>
      )}
      {isAll && <ShelfRow icon="star" label={t.list.starred.title} onClick={() => router.go({ at: "starred" })} />}
      {isAll && archivedCount > 0 && (
        <ShelfRow icon="archive" label={t.list.archivedCount(archivedCount)} onClick={() => router.go({ at: "archived" })} />
      )}
    </>
  )
}

function OtherShelf(props: { readonly shelf: "requests" | "archived"; readonly chats: readonly ChatView[] }): JSX.Element {
  if (props.chats.length === 0) {
    return props.shelf === "requests" ? (
      <EmptyState icon="inbox" title={t.list.empty.requests}>
        {t.list.empty.requestsWords}
      </EmptyState>
    ) : (
      <EmptyState icon="archive" title={t.list.empty.archived} />
    )
  }
  return (
    <>
      {props.shelf === "requests" && <p class={css.note}>{t.list.requestsNote}</p>}
      <Rows chats={props.chats} label={props.shelf === "requests" ? t.list.requests : t.list.archivedChats} />
    </>
  )
}

function Rows(props: { readonly chats: readonly ChatView[]; readonly label: string }): JSX.Element {
  const { router } = useApp()
  const list = useRef<HTMLUListElement>(null)
  const openId = openChatOf(router.route.value)
  const active = props.chats.find((chat) => chat.id === openId)?.id ?? props.chats[0]?.id
  const roving = useRoving(list)
  return (
    <ul ref={list} class={css.rows} aria-label={props.label} {...roving}>
      {props.chats.map((chat) => (
        <ChatRow key={chat.id} chat={chat} open={chat.id === openId} tabbable={chat.id === active} />
      ))}
    </ul>
  )
}

function ShelfRow(props: {
  readonly icon: IconName
  readonly label: string
  readonly strong?: boolean
  readonly onClick: () => void
}): JSX.Element {
  return (
    <button type="button" class={`${css.shelf} ${props.strong === true ? css.strong : ""}`} onClick={props.onClick}>
      <span class={css.shelfIcon}>
        <Icon name={props.icon} size={18} />
      </span>
      <span class={css.shelfLabel}>{props.label}</span>
      <Icon name="chevron-right" size={16} class={css.chevron} />
    </button>
  )
}
