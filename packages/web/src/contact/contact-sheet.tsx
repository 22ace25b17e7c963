// A person: who they are here, whether it is really them, and how to block or delete.

import type { ChatView, Hex } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useContact } from "../app/use-contacts.ts"
import { MuteRow } from "../list/mute-dialog.tsx"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Avatar } from "../part/avatar.tsx"
import { Button } from "../part/button.tsx"
import { Pane } from "../part/pane.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { Rings } from "../part/rings.tsx"
import { ActionRow } from "../part/action-row.tsx"
import { SafetyCard } from "./safety-card.tsx"
import { t } from "../text/catalogue.ts"
import css from "./contact-sheet.module.css"

export function ContactSheet(props: { readonly chat: ChatView; readonly accountId: Hex }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const { chat, accountId } = props
  const dm = chat.kind === "dm"
  const contact = useContact(accountId)
  const actions = useChatActions(chat)
  const leave = (): void => router.go({ at: "chat", chatId: chat.id, sheet: dm ? undefined : { type: "info" } })
  if (contact.value === undefined) {
    return (
      <Pane title={t.people.contact.title} leave="close" onLeave={leave}>
        {contact.failure === undefined ? (
          <Skeleton rows={6} look="lines" />
        ) : (
          <FailedState title={t.people.contact.notLoaded} failure={contact.failure} onRetry={contact.reload} />
        )}
      </Pane>
    )
  }
  const person = contact.value
  const openChat = async (): Promise<void> => {
    const opened = await model.device.openChat(accountId)
    router.go({ at: "chat", chatId: opened.id, sheet: undefined })
  }
  return (
    <Pane title={dm ? t.people.contact.title : t.people.contact.member} leave="close" onLeave={leave}>
      <div class={css.sheet}>
        <header class={css.head}>
          <Avatar id={accountId} name={person.name} size={88} />
          <h3 class={css.name}>
            <bdi>{person.name}</bdi>
            {person.verified && person.identityChange === undefined && <Rings size={15} class={css.verified} label={t.chat.verified} />}
          </h3>
          <p class={css.handle}>
            {addressOf(person)}
            <span class={css.origin}>{t.people.contact.onServer(person.origin)}</span>
          </p>
          {!dm && (
            <Button icon="message-circle" onClick={() => void model.attempt(t.people.contact.notOpened, openChat)}>
              {t.people.contact.message}
            </Button>
          )}
        </header>
        <SafetyCard contact={person} />
        {dm && chat.state !== "request" && (
          <section class={css.section}>
            <MuteRow chat={chat} onAsk={actions.askMute} />
          </section>
        )}
        <section class={css.section}>
          <p class={css.fact}>{t.people.contact.devices(person.deviceCount)}</p>
        </section>
        {dm && (
          <section class={css.section}>
            {person.blocked ? (
              <ActionRow
                icon="ban"
                label={t.list.actions.unblock}
                onClick={() => void model.attempt(t.chat.closed.notUnblocked, () => model.device.setBlocked(accountId, false))}
              />
            ) : (
              <ActionRow icon="ban" label={t.list.actions.block} onClick={actions.askBlock} />
            )}
            <ActionRow icon="trash-2" label={t.list.actions.delete} final onClick={actions.askDelete} />
          </section>
        )}
      </div>
      {actions.dialog}
    </Pane>
  )
}
