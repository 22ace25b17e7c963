// A person: who they are here, whether it is really them, and how to be rid of them.

import type { ChatView, Hex } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Avatar } from "../part/avatar.tsx"
import { Button } from "../part/button.tsx"
import { Pane } from "../part/pane.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { Switch } from "../part/switch.tsx"
import { Rings } from "../part/rings.tsx"
import { ActionRow } from "../part/action-row.tsx"
import { SafetyCard } from "./safety-card.tsx"
import css from "./contact-sheet.module.css"

export function ContactSheet(props: { readonly chat: ChatView; readonly accountId: Hex }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const { chat, accountId } = props
  const dm = chat.kind === "dm"
  const contact = useLoad(() => model.device.contact(accountId), [accountId, model.contactsVersion.value])
  const actions = useChatActions(chat)
  const leave = (): void => router.go({ at: "chat", chatId: chat.id, sheet: dm ? undefined : { type: "info" } })
  if (contact.value === undefined) {
    return (
      <Pane title="About" leave="close" onLeave={leave}>
        {contact.failure === undefined ? (
          <Skeleton rows={6} look="lines" />
        ) : (
          <FailedState title="This person could not be read" failure={contact.failure} onRetry={contact.reload} />
        )}
      </Pane>
    )
  }
  const person = contact.value
  const openChat = async (): Promise<void> => {
    const opened = await model.device.openChat(accountId)
    router.go({ at: "chat", chatId: opened.id, sheet: undefined })
  }
  const setMuted = (muted: boolean): void =>
    void model.attempt("That could not be saved.", () => model.device.setChatOptions(chat.id, { muted }))
  return (
    <Pane title={dm ? "About" : "Member"} leave="close" onLeave={leave}>
      <div class={css.sheet}>
        <header class={css.head}>
          <Avatar id={accountId} name={person.name} size={88} />
          <h3 class={css.name}>
            <bdi>{person.name}</bdi>
            {person.verified && person.identityChange === undefined && <Rings size={15} class={css.verified} label="Verified" />}
          </h3>
          <p class={css.handle}>
            {addressOf(person)}
            <span class={css.origin}> on {person.origin}</span>
          </p>
          {!dm && (
            <Button icon="message-circle" onClick={() => void model.attempt("The chat could not be opened.", openChat)}>
              Message
            </Button>
          )}
        </header>
        <SafetyCard contact={person} />
        {dm && chat.state !== "request" && (
          <section class={css.section}>
            <Switch label="Mute" hint="No sound, no count, no announcement." on={chat.muted} onChange={setMuted} />
          </section>
        )}
        <section class={css.section}>
          <p class={css.fact}>
            {person.deviceCount === 1 ? "1 device." : `${person.deviceCount} devices.`} Each must be signed by one that was there before it,
            and your device checks that.
          </p>
        </section>
        {dm && (
          <section class={css.section}>
            {person.blocked ? (
              <ActionRow
                icon="ban"
                label="Unblock"
                onClick={() => void model.attempt("The block could not be lifted.", () => model.device.setBlocked(accountId, false))}
              />
            ) : (
              <ActionRow icon="ban" label="Block…" onClick={actions.askBlock} />
            )}
            <ActionRow icon="trash-2" label="Delete chat…" final onClick={actions.askDelete} />
          </section>
        )}
      </div>
      {actions.dialog}
    </Pane>
  )
}
