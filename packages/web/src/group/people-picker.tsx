// Choosing people: known contacts, and anybody else by exact handle.

import type { ContactView, Hex } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { type Signal, useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { foldedText } from "@nodoor/wire/folded-text"
import { useModel } from "../app/context.ts"
import { useContacts } from "../app/use-contacts.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Avatar } from "../part/avatar.tsx"
import { IconButton } from "../part/button.tsx"
import { isComposing } from "../part/composing.ts"
import { Field } from "../part/field.tsx"
import { personSearch } from "../text/person-search.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"
import css from "./people-picker.module.css"

/** `chosen` maps account ids to names. */
export function PeoplePicker(props: { readonly chosen: Signal<ReadonlyMap<Hex, string>>; readonly without: readonly Hex[] }): JSX.Element {
  const { chosen } = props
  const model = useModel()
  const text = useSignal("")
  const error = useSignal<string | undefined>(undefined)
  const found = useSignal<readonly ContactView[]>([])
  const contacts = useContacts()
  const own = model.account.value.accountId
  const excluded = new Set([...props.without, own])

  const toggle = (contact: ContactView): void => {
    const next = new Map(chosen.peek())
    if (!next.delete(contact.accountId)) next.set(contact.accountId, contact.name)
    chosen.value = next
  }
  const find = async (): Promise<void> => {
    const { serverUrl, handle: ownHandle } = model.account.peek()
    const meant = personSearch(text.peek(), serverUrl)
    if ("problem" in meant) {
      error.value = meant.problem
      return
    }
    const { handle } = meant
    if (handle === ownHandle) {
      error.value = t.people.group.yourself
      return
    }
    try {
      const contact = await model.device.findContact(handle)
      if (excluded.has(contact.accountId)) error.value = t.people.group.alreadyIn
      else {
        if (!found.peek().some((one) => one.accountId === contact.accountId)) found.value = [contact, ...found.peek()]
        if (!chosen.peek().has(contact.accountId)) toggle(contact)
        text.value = ""
      }
    } catch (reason) {
      error.value =
        reason instanceof HostError && (reason.code === "not_found" || reason.code === "account_not_found")
          ? t.people.find.nobody(handle)
          : reason instanceof HostError
            ? reason.message
            : partText.unexpected
    }
  }

  const wanted = foldedText(text.value.replace(/^@/, "").trim())
  const known = [
    ...found.value,
    ...(contacts.value ?? []).filter(
      (contact) => contact.known === true && !found.value.some((one) => one.accountId === contact.accountId),
    ),
  ]
  const shown = known.filter(
    (contact) =>
      !contact.blocked &&
      contact.ended === undefined &&
      !excluded.has(contact.accountId) &&
      (contact.handle?.includes(wanted) || foldedText(contact.name).includes(wanted)),
  )
  return (
    <div class={css.picker}>
      <div
        onKeyDown={(event) => {
          if (event.key !== "Enter" || isComposing(event)) return
          event.preventDefault()
          void find()
        }}
      >
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
          end={text.value === "" ? undefined : <IconButton icon="plus" label={t.people.group.addHandle} onClick={() => void find()} />}
        />
      </div>
      <ul class={css.people}>
        {shown.map((contact) => {
          const on = chosen.value.has(contact.accountId)
          return (
            <li key={contact.accountId}>
              <button type="button" role="checkbox" aria-checked={on} class={css.person} onClick={() => toggle(contact)}>
                <Avatar id={contact.accountId} name={contact.name} size={40} />
                <span class={css.words}>
                  <bdi class={css.name}>{contact.name}</bdi>
                  <span class={css.handle}>{addressOf(contact)}</span>
                </span>
                <span class={`${css.check} ${on ? css.on : ""}`}>{on && <Icon name="check" size={15} />}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
