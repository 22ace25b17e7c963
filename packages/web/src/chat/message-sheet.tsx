// The details of a message: when it was written, whom it reached, who reacted.

import type { ChatView, Hex } from "@nodoor/client"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Avatar } from "../part/avatar.tsx"
import { MarkdownView } from "../part/markdown-view.tsx"
import { Pane } from "../part/pane.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { StatusMark } from "./status-mark.tsx"
import { useNames } from "./use-names.ts"
import { t } from "../text/catalogue.ts"
import css from "./message-sheet.module.css"

export function MessageSheet(props: { readonly chat: ChatView; readonly messageId: Hex }): JSX.Element {
  const { calendar, today } = useApp()
  const model = useModel()
  const names = useNames(props.chat)
  const { value, failure, reload } = useLoad(
    () => model.device.messageDetails(props.chat.id, props.messageId),
    [props.messageId, model.conversation.value?.messages.value],
  )
  return (
    <Pane title={t.message.details.title} leave="close">
      {value === undefined ? (
        failure === undefined ? (
          <Skeleton rows={5} look="lines" />
        ) : (
          <FailedState title={t.message.details.notLoaded} failure={failure} onRetry={reload} />
        )
      ) : (
        <div class={css.sheet}>
          {value.message.content.type === "text" && (
            <div class={`${css.bubble} ${value.message.sender.own ? css.own : ""}`}>
              <MarkdownView source={value.message.content.markdown} />
            </div>
          )}
          <dl class={css.facts}>
            <dt>{t.message.details.from}</dt>
            <dd dir="auto">{value.message.sender.own ? t.chat.you : value.message.sender.name}</dd>
            <dt>{t.message.details.time}</dt>
            <dd>{calendar.full(value.message.timeMs)}</dd>
            {value.message.edited && (
              <>
                <dt>{t.message.details.edited}</dt>
                <dd>{t.message.details.editedYes}</dd>
              </>
            )}
          </dl>
          {value.deliveries.length > 0 && (
            <section>
              <h3 class={css.heading}>{t.message.details.delivery}</h3>
              <ul>
                {value.deliveries.map((delivery) => (
                  <li key={delivery.accountId} class={css.person}>
                    <Avatar id={delivery.accountId} name={delivery.name} size={36} />
                    <span class={css.name}>
                      <bdi>{delivery.name}</bdi>
                    </span>
                    <span class={css.state}>
                      <span>
                        {t.message.status[delivery.status]}
                        {delivery.atMs !== undefined && <time>{calendar.brief(delivery.atMs, today.value)}</time>}
                      </span>
                      <StatusMark status={delivery.status} />
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {value.message.reactions.length > 0 && (
            <section>
              <h3 class={css.heading}>{t.message.reactions}</h3>
              <ul>
                {value.message.reactions.flatMap((reaction) =>
                  reaction.accounts.map((account) => (
                    <li key={`${reaction.emoji}${account}`} class={css.person}>
                      <Avatar id={account} name={names.name(account)} size={36} />
                      <bdi class={css.name}>{names.name(account)}</bdi>
                      <span class={css.emoji}>{reaction.emoji}</span>
                    </li>
                  )),
                )}
              </ul>
            </section>
          )}
        </div>
      )}
    </Pane>
  )
}
