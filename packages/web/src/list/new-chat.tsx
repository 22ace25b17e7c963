// Finding somebody: by exact handle, because the server has no directory to browse, or among known contacts.

import type { ContactView } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { useContacts } from "../app/use-contacts.ts"
import { useOpenChat } from "../app/use-open-chat.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Avatar } from "../part/avatar.tsx"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { Pane } from "../part/pane.tsx"
import { Rings } from "../part/rings.tsx"
import { personSearch } from "../text/person-search.ts"
import { ownLink } from "../text/link.ts"
import { useCopy } from "../part/use-copy.ts"
import { useRoving } from "./use-roving.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"
import css from "./new-chat.module.css"

export function NewChat(): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const openChat = useOpenChat()
  const text = useSignal("")
  const busy = useSignal(false)
  const error = useSignal<string | undefined>(undefined)
  const contacts = useContacts()
  const copy = useCopy()
  const list = useRef<HTMLUListElement>(null)
  const roving = useRoving(list)

  const open = async (find: () => Promise<ContactView>, handle?: string): Promise<void> => {
    busy.value = true
    error.value = undefined
    try {
      await openChat(async () => model.device.openChat((await find()).accountId))
    } catch (reason) {
      error.value = explain(reason, handle)
    } finally {
      busy.value = false
    }
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    const { serverUrl, handle: own } = model.account.peek()
    const wanted = personSearch(text.peek(), serverUrl)
    if ("problem" in wanted) error.value = wanted.problem
    else if (wanted.handle === own) error.value = t.people.find.yourself
    else void open(() => model.device.findContact(wanted.handle), wanted.handle)
  }

  const shown = (contacts.value ?? []).filter(
    (contact) =>
      contact.known === true && !contact.blocked && contact.ended === undefined && contact.accountId !== model.account.value.accountId,
  )
  return (
    <Pane title={t.list.newChat} leave="back" level="h1">
      <form class={css.form} onSubmit={submit} noValidate>
        <Field
          label={t.people.handle}
          prefix="@"
          value={text.value}
          onInput={(value) => {
            text.value = value
            error.value = undefined
          }}
          error={error.value}
          placeholder={t.people.exampleHandle}
          autoFocus
        />
        <Button type="submit" look="primary" busy={busy.value} disabled={text.value.trim() === ""} wide>
          {t.list.start.open}
        </Button>
      </form>
      <div class={css.ways}>
        <button type="button" class={css.way} onClick={() => router.go({ at: "new-group" })}>
          <span class={css.wayIcon}>
            <Icon name="users" />
          </span>
          {t.list.newGroup}
        </button>
        <button type="button" class={css.way} onClick={() => copy(ownLink(model.account.value), t.list.start.linkCopied)}>
          <span class={css.wayIcon}>
            <Icon name="link" />
          </span>
          {t.list.start.copyLink}
        </button>
      </div>
      {shown.length > 0 && (
        <>
          <h2 class={css.heading}>{t.list.start.known}</h2>
          <ul ref={list} class={css.people} {...roving}>
            {shown.map((contact, index) => (
              <li key={contact.accountId}>
                <button
                  type="button"
                  class={css.person}
                  data-roving
                  tabIndex={index === 0 ? 0 : -1}
                  onClick={() => void open(async () => contact)}
                >
                  <Avatar id={contact.accountId} name={contact.name} size={40} />
                  <span class={css.personWords}>
                    <span class={css.personName}>
                      <bdi>{contact.name}</bdi>
                      {contact.verified && <Rings size={11} class={css.verified} label={t.chat.verified} />}
                    </span>
                    <span class={css.personHandle}>{addressOf(contact)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Pane>
  )
}

function explain(reason: unknown, handle: string | undefined): string {
  if (!(reason instanceof HostError)) return partText.unexpected
  if (handle !== undefined && (reason.code === "not_found" || reason.code === "account_not_found")) return t.people.find.nobody(handle)
  return reason.message
}
