// To which chats messages are passed on: several at once. Nothing says who wrote them or where.

import type { Hex, MessageView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../../app/context.ts"
import { HostError } from "../../host/host.ts"
import { matchChats } from "../../model/chat-order.ts"
import { Avatar } from "../../part/avatar.tsx"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { Field } from "../../part/field.tsx"
import { partText } from "../../text/part-text.ts"
import { forward } from "./selection.ts"
import { t } from "../../text/catalogue.ts"
import css from "../../list/folders.module.css"

/** More at once would be a mailing. */
const targetsMax = 20

export function ForwardDialog(props: { readonly messages: readonly MessageView[]; readonly onClose: () => void }): JSX.Element {
  const { messages, onClose } = props
  const { router } = useApp()
  const { sections, chats, device, notify } = useModel()
  const text = useSignal("")
  const targets = useSignal<ReadonlySet<Hex>>(new Set())
  const busy = useSignal(false)
  const open = [...(sections.value?.main ?? []), ...(sections.value?.archived ?? [])].filter(
    (chat) => chat.state === "active" && (chat.rules.post === "everyone" || chat.ownRole === "admin"),
  )
  const titleOf = (chatId: Hex): string => isolated(chats.peek()?.get(chatId)?.title ?? "")
  const toggle = (chatId: Hex, on: boolean): void => {
    const next = new Set(targets.peek())
    if (on) next.add(chatId)
    else next.delete(chatId)
    targets.value = next
  }
  const send = async (): Promise<void> => {
    busy.value = true
    const chosen = [...targets.peek()]
    const failed = await forward(device, messages, chosen)
    busy.value = false
    onClose()
    for (const { chatId, error } of failed)
      notify(`${t.message.forwarding.failed(titleOf(chatId))} ${error instanceof HostError ? error.message : partText.unexpected}`)
    const [only, another] = chosen
    if (failed.length > 0 || only === undefined) return
    if (another === undefined) router.go({ at: "chat", chatId: only, sheet: undefined })
    else notify(t.message.forwarding.done(chosen.length))
  }
  return (
    <Dialog title={t.message.forwarding.title} onClose={onClose}>
      <Field label={t.list.folders.find} value={text.value} autoFocus onInput={(value) => (text.value = value)} />
      <ul class={`${css.list} ${css.long}`}>
        {matchChats(open, text.value).map((chat) => (
          <li key={chat.id}>
            <label class={css.choice}>
              <input
                type="checkbox"
                class={css.check}
                checked={targets.value.has(chat.id)}
                disabled={!targets.value.has(chat.id) && targets.value.size >= targetsMax}
                onChange={(event) => toggle(chat.id, event.currentTarget.checked)}
              />
              <Avatar id={chat.peer?.accountId ?? chat.id} name={chat.title} group={chat.kind === "group"} size={32} />
              <span class={css.name}>
                <bdi>{chat.title}</bdi>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div class={css.actions}>
        <Button look="quiet" onClick={onClose}>
          {partText.cancel}
        </Button>
        <Button look="primary" icon="forward" busy={busy.value} disabled={targets.value.size === 0} onClick={() => void send()}>
          {t.message.forwarding.send(targets.value.size)}
        </Button>
      </div>
    </Dialog>
  )
}
