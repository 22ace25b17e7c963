// Messages that the reader starred, in all chats, the latest first.

import type { MessageView } from "@nodoor/client"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { EmptyState, FailedState, Skeleton } from "../part/states.tsx"
import { Pane } from "../part/pane.tsx"
import { fileWords } from "../text/message-words.ts"
import { plainText } from "../text/markdown.ts"
import { MessageHit } from "./message-hit.tsx"
import { useRoving } from "./use-roving.ts"
import { t } from "../text/catalogue.ts"
import css from "./search-results.module.css"

export function StarredList(): JSX.Element {
  const { router } = useApp()
  const { device } = useModel()
  const list = useRef<HTMLDivElement>(null)
  const roving = useRoving(list)
  const { value, failure, reload } = useLoad(() => device.starred(), [])
  // A star that comes or goes beside the list, or on another device, comes and goes in it.
  useEffect(() => device.subscribe((event) => event.type === "chat" && event.messages.length + event.removed.length > 0 && reload()), [])
  return (
    <Pane title={t.list.starred.title} leave="back" level="h1" onLeave={router.up}>
      {value === undefined ? (
        failure === undefined ? (
          <Skeleton rows={6} look="chats" />
        ) : (
          <FailedState title={t.list.starred.notLoaded} failure={failure} onRetry={reload} />
        )
      ) : value.length === 0 ? (
        <EmptyState icon="star" title={t.list.starred.none}>
          {t.list.starred.noneWords}
        </EmptyState>
      ) : (
        <div ref={list} {...roving}>
          <ul class={css.hits}>
            {value.map((message, index) => (
              <li key={message.id}>
                <MessageHit message={message} first={index === 0}>
                  {words(message)}
                </MessageHit>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Pane>
  )
}

function words({ content }: MessageView): string {
  return content.type === "text" ? plainText(content.markdown) : content.type === "file" ? fileWords(content) : ""
}
