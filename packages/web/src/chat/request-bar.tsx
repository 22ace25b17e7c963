// A stranger wrote first. Nothing goes back to them until this is answered.

import type { ChatView } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Button } from "../part/button.tsx"
import { t } from "../text/catalogue.ts"
import css from "./request-bar.module.css"

export function RequestBar(props: { readonly chat: ChatView }): JSX.Element {
  const { device, attempt } = useModel()
  const { chat } = props
  const busy = useSignal(false)
  const actions = useChatActions(chat)
  const accept = async (): Promise<void> => {
    busy.value = true
    await attempt(t.chat.request.notAccepted, () => device.acceptRequest(chat.id))
    busy.value = false
  }
  return (
    <div class={css.bar}>
      <p class={css.words}>
        {chat.kind === "group"
          ? t.chat.request.added(
              <strong>
                <bdi>{chat.title}</bdi>
              </strong>,
            )
          : t.chat.request.wantsToWrite(
              <strong>
                <bdi>{chat.title}</bdi>
              </strong>,
              chat.peer === undefined ? undefined : addressOf(chat.peer),
            )}
      </p>
      <div class={css.actions}>
        {chat.peer !== undefined && (
          <Button look="quiet" icon="ban" onClick={actions.askBlock}>
            {t.chat.request.block}
          </Button>
        )}
        <Button look="quiet" icon="trash-2" onClick={actions.askDelete}>
          {t.chat.request.delete}
        </Button>
        <Button look="primary" busy={busy.value} onClick={() => void accept()}>
          {t.chat.request.accept}
        </Button>
      </div>
      {actions.dialog}
    </div>
  )
}
