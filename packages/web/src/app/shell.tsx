// The frame: list, conversation, detail sheet. Three panes on a wide window, two under 1100 px, one under 720 px.

import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { AlarmScreen } from "../contact/alarm-screen.tsx"
import { ConversationView } from "../chat/conversation-view.tsx"
import { SheetView } from "./sheet-view.tsx"
import { ChatList } from "../list/chat-list.tsx"
import { StarredList } from "../list/starred-list.tsx"
import { NewChat } from "../list/new-chat.tsx"
import { NewGroup } from "../group/new-group.tsx"
import { EmptyState } from "../part/states.tsx"
import { Notices } from "../part/notices.tsx"
import { Rings } from "../part/rings.tsx"
import { SettingsList } from "../settings/settings-list.tsx"
import { SettingsPage } from "../settings/settings-page.tsx"
import { useApp, useModel } from "./context.ts"
import { KeyboardLayer } from "./keyboard-layer.tsx"
import { type Route, openChatOf } from "./route.ts"
import { useArrival } from "./use-arrival.ts"
import { useReconnect } from "./use-reconnect.ts"
import { t } from "../text/catalogue.ts"
import css from "./shell.module.css"

export function Shell(): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const route = router.route.value
  const chatId = openChatOf(route)
  const known = model.chats.value
  useArrival()
  useReconnect()
  useEffect(() => {
    // A conversation needs its chat, which knows where the unread divider goes. On a reload, wait for the list.
    if (known === undefined) return
    model.open(chatId !== undefined && known.has(chatId) ? chatId : undefined)
  }, [chatId, known === undefined, chatId !== undefined && known?.has(chatId)])
  useEffect(() => {
    const unread = model.unreadCount.value
    document.title = t.app.windowTitle(unread)
  }, [model.unreadCount.value])

  const sheet = route.at === "chat" ? route.sheet : undefined
  return (
    <div class={css.shell} data-pane={frontPane(route)} data-sheet={sheet !== undefined}>
      <KeyboardLayer />
      <div class={css.list}>{listPane(route)}</div>
      <main class={`${css.main} ${model.opening.value ? css.opening : ""}`}>
        <MainPane route={route} />
      </main>
      {route.at === "chat" && sheet !== undefined && (
        <aside class={css.sheet} aria-label={t.app.details}>
          <SheetView chatId={route.chatId} sheet={sheet} key={`${route.chatId} ${JSON.stringify(sheet)}`} />
        </aside>
      )}
      <div class="visually-hidden" aria-live="polite" role="log" aria-label={t.app.newMessages}>
        {model.announcement.value}
      </div>
      <Notices />
      <AlarmScreen />
    </div>
  )
}

function listPane(route: Route): JSX.Element {
  switch (route.at) {
    case "new":
      return <NewChat />
    case "new-group":
      return <NewGroup />
    case "starred":
      return <StarredList />
    case "settings":
      return <SettingsList section={route.section} />
    case "requests":
    case "archived":
      return <ChatList shelf={route.at} />
    default:
      return <ChatList shelf="main" />
  }
}

function MainPane(props: { readonly route: Route }): JSX.Element | null {
  const { route } = props
  const model = useModel()
  if (route.at === "settings") return <SettingsPage section={route.section ?? "profile"} page={route.page} />
  const chatId = openChatOf(route)
  if (chatId !== undefined) {
    const chat = model.chats.value?.get(chatId)
    const conversation = model.conversation.value
    if (chat !== undefined && conversation?.chatId === chat.id)
      return <ConversationView chat={chat} conversation={conversation} key={chat.id} />
    if (model.chats.value === undefined || chat !== undefined) return null
    return <EmptyState title={t.app.chatMissing} icon="message-circle" />
  }
  const empty = model.sections.value !== undefined && model.sections.value.main.length === 0
  return (
    <div class={css.idle}>
      <Rings size={44} class={css.idleRings} />
      <h2 class={css.idleTitle}>{empty ? t.app.idle.first : t.app.idle.next}</h2>
      <p class={css.idleWords}>{t.app.idle.words}</p>
    </div>
  )
}

/** Which pane a phone shows. */
function frontPane(route: Route): "list" | "main" | "sheet" {
  if (route.at === "chat") return route.sheet === undefined ? "main" : "sheet"
  return route.at === "settings" && route.section !== undefined ? "main" : "list"
}
