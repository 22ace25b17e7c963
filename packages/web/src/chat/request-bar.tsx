// A stranger wrote first. Nothing goes back to them until this is answered.

import type { ChatView } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Button } from "../part/button.tsx"
import css from "./request-bar.module.css"

export function RequestBar(props: { readonly chat: ChatView }): JSX.Element {
  const { device, attempt } = useModel()
  const { chat } = props
  const busy = useSignal(false)
  const actions = useChatActions(chat)
  const accept = async (): Promise<void> => {
    busy.value = true
    await attempt("The request could not be accepted.", () => device.acceptRequest(chat.id))
    busy.value = false
  }
  return (
    <div class={css.bar}>
      <p class={css.words}>
        {chat.kind === "group" ? (
          <>
            You were added to{" "}
            <strong>
              <bdi>{chat.title}</bdi>
            </strong>
            . The others see whether you read only if you accept.
          </>
        ) : (
          <>
            <strong>
              <bdi>{chat.title}</bdi>
            </strong>
            {chat.peer !== undefined && ` (${addressOf(chat.peer)})`} wants to write to you. They see whether you read only if you accept.
          </>
        )}
      </p>
      <div class={css.actions}>
        {chat.peer !== undefined && (
          <Button look="quiet" icon="ban" onClick={actions.askBlock}>
            Block
          </Button>
        )}
        <Button look="quiet" icon="trash-2" onClick={actions.askDelete}>
          Delete
        </Button>
        <Button look="primary" busy={busy.value} onClick={() => void accept()}>
          Accept
        </Button>
      </div>
      {actions.dialog}
    </div>
  )
}
