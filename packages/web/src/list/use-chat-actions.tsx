// What can be done with a chat from the list and from its header.

import type { ChatView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Confirm } from "../part/dialog.tsx"
import type { MenuItem } from "../part/menu.tsx"

export interface ChatActions {
  readonly items: readonly MenuItem[]
  readonly dialog: JSX.Element | null
  readonly askBlock: () => void
  readonly askDelete: () => void
  readonly askLeave: () => void
}

export function useChatActions(chat: ChatView): ChatActions {
  const model = useModel()
  const { router } = useApp()
  const { device } = model
  const asking = useSignal<"block" | "delete" | "leave" | undefined>(undefined)
  const close = (): void => {
    asking.value = undefined
  }
  const leavePlace = (): void => {
    const route = router.route.peek()
    if (route.at === "chat" && route.chatId === chat.id) router.go({ at: "chats" }, { replace: true })
  }
  const option = (options: Parameters<typeof device.setChatOptions>[1]) => () =>
    void model.attempt("That could not be saved.", () => device.setChatOptions(chat.id, options))
  const peer = chat.peer
  const unblock = (): void => {
    if (peer !== undefined)
      void model.attempt(`${isolated(chat.title)} could not be unblocked.`, () => device.setBlocked(peer.accountId, false))
  }

  const items: MenuItem[] = []
  if (chat.state !== "request") {
    items.push(
      chat.pinned
        ? { label: "Unpin", icon: "pin-off", run: option({ pinned: false }) }
        : { label: "Pin to top", icon: "pin", run: option({ pinned: true }) },
      chat.muted
        ? { label: "Unmute", icon: "bell", run: option({ muted: false }) }
        : { label: "Mute", icon: "bell-off", run: option({ muted: true }) },
      chat.archived
        ? { label: "Take out of archive", icon: "archive-restore", run: option({ archived: false }) }
        : { label: "Archive", icon: "archive", run: option({ archived: true }) },
    )
  }
  if (peer !== undefined) {
    items.push(
      peer.blocked
        ? { label: "Unblock", icon: "ban", run: unblock }
        : { label: "Block…", icon: "ban", run: () => (asking.value = "block") },
    )
  }
  if (chat.kind === "group" && chat.state === "active")
    items.push({ label: "Leave group…", icon: "log-out", run: () => (asking.value = "leave") })
  items.push({ label: "Delete chat…", icon: "trash-2", final: true, run: () => (asking.value = "delete") })

  return {
    items,
    askBlock: () => (asking.value = "block"),
    askDelete: () => (asking.value = "delete"),
    askLeave: () => (asking.value = "leave"),
    dialog:
      asking.value === "block" && peer !== undefined ? (
        <Confirm
          title={`Block ${isolated(chat.title)}?`}
          confirm="Block"
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt(`${isolated(chat.title)} could not be blocked.`, () => device.setBlocked(peer.accountId, true))
          }}
        >
          <p>Their messages no longer reach you. They are not told. You can unblock them at any time.</p>
        </Confirm>
      ) : asking.value === "leave" ? (
        <Confirm
          title={`Leave ${isolated(chat.title)}?`}
          confirm="Leave group"
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt("You could not leave the group.", () => device.leave(chat.id))
          }}
        >
          <p>The others see that you left. You keep what was said until now, and only somebody in the group can add you again.</p>
        </Confirm>
      ) : asking.value === "delete" ? (
        <Confirm
          title={chat.state === "request" ? "Delete this request?" : "Delete this chat?"}
          confirm="Delete"
          final
          onClose={close}
          onConfirm={() => {
            close()
            void model.attempt("The chat could not be deleted.", () => device.deleteChat(chat.id)).then((done) => done && leavePlace())
          }}
        >
          <p>
            {chat.state === "request"
              ? `${isolated(chat.title)} is not told.`
              : "Its messages are removed from this device. The others keep theirs."}{" "}
            This cannot be undone.
          </p>
        </Confirm>
      ) : null,
  }
}
