// A handle or a link in the search field: the person it leads to, or a note that it is for another server.

import { sharedLink } from "@nodoor/client/text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useOpenChat } from "../app/use-open-chat.ts"
import { Icon } from "../icon/icon.tsx"
import { personSearch } from "../text/person-search.ts"
import { t } from "../text/catalogue.ts"
import css from "./link-hit.module.css"

/** Only a text with an `@` or a `/` is taken for a person. Other text is searched for. */
export function isLink(text: string, serverUrl: string): boolean {
  return /[@/＠]|%40/.test(text) && sharedLink(text, serverUrl) !== undefined
}

export function LinkHit(props: { readonly text: string }): JSX.Element {
  const openChat = useOpenChat()
  const model = useModel()
  const busy = useSignal(false)
  const { serverUrl, handle: own } = model.account.value
  const meant = personSearch(props.text, serverUrl)
  if ("problem" in meant) return <p class={css.note}>{meant.problem}</p>
  if (meant.handle === own) return <p class={css.note}>{t.list.search.ownLink}</p>
  const open = async (): Promise<void> => {
    busy.value = true
    await model.attempt(t.app.arrival.notOpened(meant.handle), () =>
      openChat(async () => model.device.openChat((await model.device.findContact(meant.handle)).accountId)),
    )
    busy.value = false
  }
  return (
    <button type="button" class={css.hit} data-roving tabIndex={-1} disabled={busy.value} onClick={() => void open()}>
      <span class={css.icon}>
        <Icon name="square-pen" size={18} />
      </span>
      <span>{t.list.search.writeTo(<bdi>@{meant.handle}</bdi>)}</span>
    </button>
  )
}
