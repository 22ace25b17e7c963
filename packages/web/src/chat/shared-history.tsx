// What was written before the reader came, as whoever let them in tells it: never as if its authors had sent it here.

import type { MessageContent, MessageView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { MarkdownView } from "../part/markdown-view.tsx"
import { t } from "../text/catalogue.ts"
import type { Names } from "./use-names.ts"
import css from "./shared-history.module.css"

export function SharedHistory(props: {
  readonly content: Extract<MessageContent, { readonly type: "shared_history" }>
  readonly names: Names
  readonly by: MessageView["sender"]
}): JSX.Element {
  const { content, names, by } = props
  const { calendar } = useApp()
  if (content.messages.length === 0) {
    const people = content.to.map((accountId) => isolated(names.name(accountId)))
    return <span class={css.note}>{t.message.shared.sent(people, content.count)}</span>
  }
  const sharer = isolated(by.own ? t.chat.you : by.name)
  return (
    <details class={css.shared}>
      <summary>{t.message.shared.title(sharer, content.count)}</summary>
      <p class={css.note}>{t.message.shared.note(sharer)}</p>
      <ol class={css.list}>
        {content.messages.map((one) => (
          <li key={one.id}>
            <p class={css.note}>{t.message.shared.wrote(isolated(names.name(one.accountId)), calendar.full(one.timeMs))}</p>
            <MarkdownView source={one.markdown} />
          </li>
        ))}
      </ol>
    </details>
  )
}
