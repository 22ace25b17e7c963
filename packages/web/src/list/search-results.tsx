// Chats whose name matches, then messages that contain the words.

import type { MessageView } from "@nodoor/client"
import type { JSX } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { matchChats } from "../model/chat-order.ts"
import { EmptyState } from "../part/states.tsx"
import { excerpt } from "../text/excerpt.ts"
import { plainText } from "../text/markdown.ts"
import { ChatRow } from "./chat-row.tsx"
import { LinkHit, isLink } from "./link-hit.tsx"
import { MessageHit } from "./message-hit.tsx"
import { useRoving } from "./use-roving.ts"
import { t } from "../text/catalogue.ts"
import css from "./search-results.module.css"

const maxMessages = 50

export function SearchResults(props: { readonly text: string }): JSX.Element {
  const model = useModel()
  const text = props.text.trim()
  const [found, setFound] = useState<readonly MessageView[] | undefined>(undefined)
  const list = useRef<HTMLDivElement>(null)
  const roving = useRoving(list)
  // One search at a time: what is typed meanwhile is searched for when it is done, and only the last of it.
  const wanted = useRef(text)
  const searching = useRef(false)
  const closed = useRef(false)
  useEffect(() => () => void (closed.current = true), [])
  useEffect(() => {
    wanted.current = text
    if (searching.current) return
    searching.current = true
    const searchUntilDone = async (): Promise<void> => {
      for (let done: string | undefined; done !== wanted.current && !closed.current;) {
        done = wanted.current
        const messages = await model.device.search(done, maxMessages)
        if (done === wanted.current && !closed.current) setFound(messages)
      }
    }
    void model.attempt(t.list.search.failed, searchUntilDone).finally(() => (searching.current = false))
  }, [text])

  const sections = model.sections.value
  const chats = sections === undefined ? [] : matchChats([...sections.main, ...sections.archived, ...sections.requests], text)
  const link = isLink(text, model.account.value.serverUrl)
  if (!link && chats.length === 0 && found !== undefined && found.length === 0) {
    return (
      <EmptyState title={t.list.search.none} icon="search">
        {t.list.search.noneWords(text)}
      </EmptyState>
    )
  }
  return (
    <div ref={list} {...roving}>
      {link && <LinkHit text={text} />}
      {chats.length > 0 && (
        <section>
          <h2 class={css.heading}>{t.list.chats}</h2>
          <ul>
            {chats.slice(0, 8).map((chat, index) => (
              <ChatRow key={chat.id} chat={chat} open={false} tabbable={index === 0} />
            ))}
          </ul>
        </section>
      )}
      {found !== undefined && found.length > 0 && (
        <section>
          <h2 class={css.heading}>{t.list.search.messages}</h2>
          <ul>
            {found.map((message, index) => (
              <li key={message.id}>
                <MessageHit message={message} first={chats.length === 0 && index === 0}>
                  {message.content.type === "text" &&
                    excerpt(plainText(message.content.markdown), text).map((part, key) =>
                      part.hit ? <mark key={key}>{part.text}</mark> : part.text,
                    )}
                </MessageHit>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
