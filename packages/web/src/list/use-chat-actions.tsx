// What people can do with a chat, from the list and from its header.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { isUnread } from "../model/chat-order.ts"
import { Confirm } from "../part/dialog.tsx"
import type { MenuItem } from "../part/menu.tsx"
import { ChooseFolder } from "./choose-folder.tsx"
import { MuteDialog } from "./mute-dialog.tsx"
import { t } from "../text/catalogue.ts"

export interface ChatActions {
  readonly items: readonly MenuItem[]
  readonly dialog: JSX.Element | null
  readonly askBlock: () => void
  readonly askMute: () => void
  readonly askDelete: () => void
  readonly askLeave: () => void
}

export function useChatActions(chat: ChatView): ChatActions {
  const model = useModel()
  const { router } = useApp()
  const { device } = model
  const asking = useSignal<"block" | "delete" | "leave" | "mute" | "folder" | undefined>(undefined)
  const close = (): void => {
    asking.value = undefined
  }
  const leavePlace = (): void => {
    const route = router.route.peek()
    if (route.at === "chat" && route.chatId === chat.id) router.go({ at: "chats" }, { replace: true })
  }
  const option = (options: Parameters<typeof device.setChatOptions>[1]) => () =>
    void model.attempt(t.list.actions.notSaved, () => device.setChatOptions(chat.id, options))
  const markUnread = (): void => {
    leavePlace()
    option({ unread: true })()
  }
  const markAsRead = async (): Promise<void> => {
    const newest = (await device.messages(chat.id, { limit: 1 })).messages.at(-1)
    if (newest === undefined) await device.setChatOptions(chat.id, { unread: false })
    else await device.markRead(chat.id, newest.id)
  }
  const peer = chat.peer
  const unblock = (): void => {
    if (peer !== undefined)
      void model.attempt(t.list.actions.notUnblocked(isolated(chat.title)), () => device.setBlocked(peer.accountId, false))
  }

  const items: MenuItem[] = []
  if (chat.state !== "request") {
    items.push(
      chat.pinned
        ? { label: t.list.actions.unpin, icon: "pin-off", run: option({ pinned: false }) }
        : { label: t.list.actions.pin, icon: "pin", run: option({ pinned: true }) },
      chat.muted
        ? { label: t.list.actions.unmute, icon: "bell", run: option({ muted: false }) }
        : { label: t.list.actions.muteAsk, icon: "bell-off", run: () => (asking.value = "mute") },
      isUnread(chat)
        ? { label: t.list.actions.markRead, icon: "check-check", run: () => void model.attempt(t.list.actions.notSaved, markAsRead) }
        : { label: t.list.actions.markUnread, icon: "circle-dot", run: markUnread },
      { label: t.list.actions.folder, icon: "folder", run: () => (asking.value = "folder") },
      chat.archived
        ? { label: t.list.actions.unarchive, icon: "archive-restore", run: option({ archived: false }) }
        : { label: t.list.actions.archive, icon: "archive", run: option({ archived: true }) },
    )
  }
  if (peer !== undefined) {
    items.push(
      peer.blocked
        ? { label: t.list.actions.unblock, icon: "ban", run: unblock }
        : { label: t.list.actions.block, icon: "ban", run: () => (asking.value = "block") },
    )
  }
  if (chat.kind === "group" && chat.state === "active")
    items.push({ label: t.list.actions.leave, icon: "log-out", run: () => (asking.value = "leave") })
  items.push({ label: t.list.actions.delete, icon: "trash-2", final: true, run: () => (asking.value = "delete") })

  return {
    items,
    askBlock: () => (asking.value = "block"),
    askMute: () => (asking.value = "mute"),
    askDelete: () => (asking.value = "delete"),
    askLeave: () => (asking.value = "leave"),
    dialog:
      asking.value === "mute" ? (
        <MuteDialog chat={chat} onClose={close} />
      ) : asking.value === "folder" ? (
        <ChooseFolder chat={chat} onClose={close} />
      ) : asking.value === "block" && peer !== undefined ? (
        <Confirm
          title={t.list.actions.blocking.title(isolated(chat.title))}
          confirm={t.list.actions.blocking.confirm}
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt(t.list.actions.blocking.failed(isolated(chat.title)), () => device.setBlocked(peer.accountId, true))
          }}
        >
          <p>{t.list.actions.blocking.words}</p>
        </Confirm>
      ) : asking.value === "leave" ? (
        <Confirm
          title={t.list.actions.leaving.title(isolated(chat.title))}
          confirm={t.list.actions.leaving.confirm}
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt(t.list.actions.leaving.failed, () => device.leave(chat.id))
          }}
        >
          <p>{t.list.actions.leaving.words}</p>
        </Confirm>
      ) : asking.value === "delete" ? (
        <Confirm
          title={chat.state === "request" ? t.list.actions.deleting.request : t.list.actions.deleting.chat}
          confirm={t.list.actions.deleting.confirm}
          final
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt(t.list.actions.deleting.failed, () => device.deleteChat(chat.id)).then((done) => done && leavePlace())
          }}
        >
          <p>{chat.state === "request" ? t.list.actions.deleting.requestWords(isolated(chat.title)) : t.list.actions.deleting.chatWords}</p>
        </Confirm>
      ) : null,
  }
}
