// One message: who, what, when, how far it has come, its reactions, and its menu.

import type { ChatView, MessageView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { type Signal, useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import type { Conversation } from "../model/conversation.ts"
import { Avatar } from "../part/avatar.tsx"
import { IconButton } from "../part/button.tsx"
import { MarkdownView } from "../part/markdown-view.tsx"
import { type MenuPlace, placeBelow } from "../part/menu.tsx"
import { eventText, isWarning } from "../text/event-text.ts"
import { hueOf } from "../text/hue.ts"
import { lateText } from "../text/late-text.ts"
import { mentionedIn } from "../text/markdown.ts"
import { fileWords, messageWords } from "../text/message-words.ts"
import { SharedHistory } from "./shared-history.tsx"
import { MessageFile } from "../media/in-chat.tsx"
import { MessageMenu } from "./message-menu.tsx"
import { StatusMark } from "./status-mark.tsx"
import { useLongPress } from "./use-long-press.ts"
import type { Names } from "./use-names.ts"
import { t } from "../text/catalogue.ts"
import css from "./message-row.module.css"

export interface MessageRowProps {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly names: Names
  readonly message: MessageView
  readonly first: boolean
  readonly last: boolean
  readonly lit: boolean
  readonly tabbable: boolean
}

export function MessageRow(props: MessageRowProps): JSX.Element {
  const { chat, conversation, message, first, last } = props
  const { calendar } = useApp()
  const menu = useSignal<MenuPlace | undefined>(undefined)
  const row = useRef<HTMLLIElement>(null)
  const own = message.sender.own
  const inGroup = chat.kind === "group" && !own
  const selected = conversation.selected.value
  const isSelected = selected?.has(message.id) === true
  const canSelect = message.order !== undefined
  const toggle = (): void => {
    const next = new Set(conversation.selected.peek())
    if (!next.delete(message.id)) next.add(message.id)
    conversation.selected.value = next
  }
  const open = (place: MenuPlace): void => {
    if (conversation.selected.peek() === undefined) menu.value = place
  }
  const longPress = useLongPress((x, y) => open({ x, y, align: "start" }))
  const kind = message.content.type
  const late = lateText(message, calendar)
  const showStatus = message.status !== undefined && (last || message.status === "queued" || message.status === "failed")
  return (
    <li
      ref={row}
      class={`${css.row} ${own ? css.own : css.their} ${first ? css.first : ""} ${last ? css.last : ""} ${props.lit ? css.lit : ""} ${selected !== undefined ? css.selecting : ""} ${isSelected ? css.selected : ""} ${mentions(message, props.names.own) ? css.mentionsMe : ""} ${inGroup ? css.inGroup : ""}`}
      data-row={message.id}
      data-roving
      tabIndex={props.tabbable ? 0 : -1}
      aria-label={label(message, late ?? calendar.clock(message.timeMs))}
      onContextMenu={(event) => {
        event.preventDefault()
        const bubble = row.current?.querySelector("[data-bubble]")
        open(
          event.clientX > 0 || bubble == null
            ? { x: event.clientX, y: event.clientY, align: "start" }
            : placeBelow(bubble, own ? "end" : "start"),
        )
      }}
      onKeyDown={(event) => {
        const bubble = row.current?.querySelector("[data-bubble]")
        if (selected !== undefined && canSelect && event.target === row.current && (event.key === " " || event.key === "Enter")) {
          event.preventDefault()
          return toggle()
        }
        if (event.target !== row.current || event.key !== "Enter" || bubble == null) return
        event.preventDefault()
        open(placeBelow(bubble, own ? "end" : "start"))
      }}
    >
      {selected !== undefined && (
        <label class={css.select}>
          <input
            type="checkbox"
            class={css.selectBox}
            checked={isSelected}
            disabled={!canSelect}
            onChange={toggle}
            aria-label={t.message.selection.choose(label(message, calendar.clock(message.timeMs)))}
          />
        </label>
      )}
      {inGroup && <span class={css.face}>{last && <Avatar id={message.sender.accountId} name={message.sender.name} size={32} />}</span>}
      <div class={css.stack}>
        {inGroup && first && (
          <bdi class={css.sender} style={{ "--hue": `${hueOf(message.sender.accountId)}` }}>
            {message.sender.name}
          </bdi>
        )}
        <div class={css.beside}>
          <div
            class={`${css.bubble} ${kind === "text" || kind === "file" ? "" : css.faint} ${message.status === "failed" ? css.failedBubble : ""}`}
            data-bubble
            {...longPress}
          >
            {message.content.type === "text" && message.content.forwarded === true && (
              <p class={css.forwarded}>
                <Icon name="forward" size={14} />
                {t.message.forwarding.mark}
              </p>
            )}
            {message.inReplyTo !== undefined && <Quote message={message} conversation={conversation} />}
            <div class={kind === "file" ? css.fileBody : css.body}>
              <div class={css.text}>
                <Content {...props} />
              </div>
              {(last || showStatus || message.edited || message.starred || late !== undefined) && (
                <span class={css.meta}>
                  {message.starred && (
                    <span>
                      <Icon name="star" size={12} />
                      <span class="visually-hidden">{t.message.starred}</span>
                    </span>
                  )}
                  {message.edited && <span>{t.message.edited}</span>}
                  {late !== undefined && <span>{late}</span>}
                  {(last || showStatus) && late === undefined && (
                    <time dateTime={new Date(message.timeMs).toISOString()} title={calendar.full(message.timeMs)}>
                      {calendar.clock(message.timeMs)}
                    </time>
                  )}
                  {showStatus && message.status !== undefined && <StatusMark status={message.status} />}
                </span>
              )}
            </div>
          </div>
          <Tools {...props} menu={menu} />
        </div>
        {message.reactions.length > 0 && <Reactions {...props} />}
        {message.status === "failed" && <Failure {...props} />}
      </div>
      {menu.value !== undefined && (
        <MessageMenu
          chat={chat}
          conversation={conversation}
          message={message}
          place={menu.value}
          onClose={() => (menu.value = undefined)}
        />
      )}
    </li>
  )
}

function Content({ chat, conversation, message, names }: MessageRowProps): JSX.Element | null {
  const { router } = useApp()
  const { content } = message
  switch (content.type) {
    case "text":
      return (
        <MarkdownView
          source={content.markdown}
          person={names.person}
          onPerson={(accountId) => router.go({ at: "chat", chatId: chat.id, sheet: { type: "contact", accountId } })}
        />
      )
    case "deleted":
      return (
        <span class={css.aside}>
          <Icon name="trash-2" size={16} />
          {t.message.deleted}
        </span>
      )
    case "waiting":
      return (
        <span class={css.aside} title={content.reason}>
          <Icon name="hourglass" size={16} />
          {t.message.notOpened}
        </span>
      )
    case "unsupported":
      return (
        <span class={css.aside}>
          <Icon name="circle-help" size={16} />
          {t.message.unsupported(content.contentType)}
        </span>
      )
    case "file":
      return <MessageFile chat={chat} conversation={conversation} message={message} content={content} />
    case "shared_history":
      return <SharedHistory content={content} names={names} by={message.sender} />
    case "event":
      return null
  }
}

function Quote(props: { readonly message: MessageView; readonly conversation: Conversation }): JSX.Element | null {
  const { inReplyTo } = props.message
  if (inReplyTo === undefined) return null
  return (
    <button type="button" class={css.quote} tabIndex={-1} onClick={() => void props.conversation.showMessage(inReplyTo.id)}>
      <bdi class={css.quoteName}>{inReplyTo.senderName}</bdi>
      <span class={css.quoteText} dir="auto">
        {messageWords(inReplyTo)}
      </span>
    </button>
  )
}

function Tools(props: MessageRowProps & { readonly menu: Signal<MenuPlace | undefined> }): JSX.Element | null {
  const { chat, conversation, message, menu } = props
  if (message.content.type !== "text" && message.content.type !== "file") return null
  return (
    <div class={css.tools}>
      {chat.state === "active" && (
        <IconButton
          icon="reply"
          label={t.message.menu.reply}
          size={17}
          class={css.tool}
          tabIndex={-1}
          onClick={() => (conversation.replyTo.value = message)}
        />
      )}
      <IconButton
        icon="ellipsis"
        label={t.message.menu.more}
        size={17}
        class={css.tool}
        tabIndex={-1}
        onClick={(event) => (menu.value = placeBelow(event.currentTarget, message.sender.own ? "end" : "start"))}
      />
    </div>
  )
}

/** So many kinds are drawn at most: each person can add several. */
const shownReactions = 20

function Reactions(props: MessageRowProps): JSX.Element {
  const { chat, message, names } = props
  const more = message.reactions.length - shownReactions
  const { device, attempt } = useModel()
  return (
    <ul class={css.reactions} aria-label={t.message.reactions}>
      {message.reactions.slice(0, shownReactions).map((reaction) => {
        const who = reaction.accounts.map((id) => isolated(names.name(id))).join(", ")
        return (
          <li key={reaction.emoji}>
            <button
              type="button"
              class={`${css.reaction} ${reaction.own ? css.ownReaction : ""}`}
              tabIndex={-1}
              aria-pressed={reaction.own}
              title={who}
              disabled={chat.state !== "active"}
              onClick={() =>
                void attempt(t.message.reactionNotSaved, () => device.react(chat.id, message.id, reaction.emoji, !reaction.own))
              }
            >
              {reaction.emoji}
              {reaction.accounts.length > 1 && <span class={css.count}>{reaction.accounts.length}</span>}
              <span class="visually-hidden"> {who}</span>
            </button>
          </li>
        )
      })}
      {more > 0 && <li class={css.moreReactions}>{t.message.emoji.others(more)}</li>}
    </ul>
  )
}

function Failure(props: MessageRowProps): JSX.Element {
  const { chat, message } = props
  const { device, attempt } = useModel()
  return (
    <p class={css.failure}>
      <span>{message.failure?.message ?? t.message.failure.words}</span>
      <button
        type="button"
        class={css.failureAction}
        onClick={() => void attempt(t.message.failure.notSent, () => device.retry(chat.id, message.id))}
      >
        {t.message.failure.tryAgain}
      </button>
      <button
        type="button"
        class={css.failureAction}
        onClick={() => void attempt(t.message.failure.notRemoved, () => device.discard(chat.id, message.id))}
      >
        {t.message.failure.remove}
      </button>
    </p>
  )
}

export function EventLine(props: { readonly message: MessageView; readonly names: Names }): JSX.Element | null {
  const { message, names } = props
  const { calendar, router } = useApp()
  const { alarms } = useModel()
  if (message.content.type !== "event") return null
  const { chatId } = message
  const hasEvidence =
    message.content.event.kind === "refused_commit" && alarms.value.some((alarm) => alarm.chatId === chatId && alarm.evidence === true)
  const warning = isWarning(message.content.event)
  const text = eventText(message.content.event, { ...names, when: (timeMs) => calendar.full(timeMs) })
  return (
    <li
      class={`${css.event} ${warning ? css.warning : ""}`}
      data-row={message.id}
      data-roving
      tabIndex={-1}
      aria-label={`${text} ${calendar.clock(message.timeMs)}`}
      title={calendar.full(message.timeMs)}
    >
      {warning && <Icon name="triangle-alert" size={16} />}
      <span>
        {text}
        {hasEvidence && (
          <>
            {" "}
            <button type="button" class={css.eventAction} onClick={() => router.go({ at: "settings", section: "warnings" })}>
              {t.trust.warnings.see}
            </button>
          </>
        )}
      </span>
    </li>
  )
}

/** Somebody else means the reader. */
function mentions({ content, sender }: MessageView, own: string): boolean {
  return content.type === "text" && !sender.own && mentionedIn(content.markdown).includes(own)
}

/** What a screen reader says: who, what, when, how far. */
function label(message: MessageView, clock: string): string {
  const { content } = message
  const what =
    content.type === "file"
      ? fileWords(content)
      : messageWords({ kind: content.type, text: content.type === "text" ? content.markdown : "" })
  const parts = [
    message.sender.own ? t.chat.you : message.sender.name,
    message.inReplyTo === undefined ? "" : t.message.inReplyTo(isolated(message.inReplyTo.senderName)),
    content.type === "text" && content.forwarded === true ? t.message.forwarding.mark : "",
    what,
    clock,
    message.edited ? t.message.edited : "",
    message.starred ? t.message.starred : "",
    message.status === undefined ? "" : t.message.status[message.status],
  ]
  return parts.filter((part) => part !== "").join(", ")
}
