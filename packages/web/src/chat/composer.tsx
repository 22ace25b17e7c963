// The place to write. Enter sends and Shift+Enter starts a new line; on a phone Enter starts a new line. Typed text is kept as a draft.

import type { ChatView, MemberView } from "@nodoor/client"
import { isolated, showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { EmojiPicker } from "../emoji/emoji-picker.tsx"
import { IconButton } from "../part/button.tsx"
import type { MenuPlace } from "../part/menu.tsx"
import type { Conversation } from "../model/conversation.ts"
import { isComposing } from "../part/composing.ts"
import { markdownOf, plainText, typedOf } from "../text/markdown.ts"
import { fileWords } from "../text/message-words.ts"
import { excessOf, excessText, maxDraftCharacters } from "../text/message-length.ts"
import { t } from "../text/catalogue.ts"
import { AttachButton, Attaching, choose } from "../media/attach.tsx"
import css from "./composer.module.css"
import { followedDraft } from "./followed-draft.ts"
import { MentionList } from "./mention/mention-list.tsx"
import { mentionable, offered, queryAt } from "./mention/mentions.ts"

const draftDelayMs = 400
const typingEveryMs = 4000
/** An Enter this soon after an input method's last word only confirmed that word. */
const confirmMs = 20
/** The picker stands above its button. */
const pickerPx = 432

export function Composer(props: {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly members: readonly MemberView[]
}): JSX.Element {
  const { chat, conversation } = props
  const { device, attempt } = useModel()
  const text = useSignal(chat.draft)
  const field = useRef<HTMLTextAreaElement>(null)
  const place = useRef<HTMLDivElement>(null)
  const attached = useSignal<readonly File[] | undefined>(undefined)
  const draftTimer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const typingSentMs = useRef(0)
  const wasEditing = useRef(false)
  const knownDraft = useRef(chat.draft)
  /** Of the names that several people have, who was meant. */
  const picked = useRef(new Map<string, string>())
  const asked = useSignal<{ readonly at: number; readonly query: string } | undefined>(undefined)
  const chosen = useSignal(0)
  const mentionsId = useId()
  const picker = useSignal<MenuPlace | undefined>(undefined)
  const composedMs = useRef(Number.NEGATIVE_INFINITY)
  const excessId = useId()
  const excess = useMemo(() => excessOf(text.value), [text.value])
  const editing = conversation.editing.value
  const replyTo = conversation.replyTo.value

  const saveDraft = (): void => {
    clearTimeout(draftTimer.current)
    draftTimer.current = undefined
    // A longer text cannot be kept; the line below the field says so.
    if (conversation.editing.peek() === undefined && text.peek().length <= maxDraftCharacters)
      void attempt(t.chat.composer.draftNotSaved, () => device.setChatOptions(chat.id, { draft: text.peek() }))
  }
  const input = (value: string): void => {
    text.value = value
    clearTimeout(draftTimer.current)
    draftTimer.current = setTimeout(saveDraft, draftDelayMs)
    const now = Date.now()
    if (value.trim() !== "" && now - typingSentMs.current > typingEveryMs) {
      typingSentMs.current = now
      // A typing notice that fails is not worth telling anybody.
      device.typing(chat.id).catch(() => {})
    }
  }
  /** In a chat of two there is nobody to point at. */
  const people = chat.kind === "group" ? props.members : []
  const offer = asked.value === undefined ? [] : offered(people, asked.value.query)
  const lookForName = (): void => {
    const element = field.current
    const isWriting = element !== null && element.selectionStart === element.selectionEnd
    asked.value = isWriting ? queryAt(element.value, element.selectionStart) : undefined
    chosen.value = 0
  }
  const mention = (member: MemberView): void => {
    const place = asked.peek()
    if (place === undefined) return
    asked.value = undefined
    picked.current.set(member.name, member.accountId)
    const before = `${text.peek().slice(0, place.at)}@${member.name} `
    input(before + text.peek().slice(place.at + 1 + place.query.length))
    requestAnimationFrame(() => field.current?.setSelectionRange(before.length, before.length))
  }
  const leave = (): void => {
    conversation.editing.value = undefined
    conversation.replyTo.value = undefined
  }
  const submit = async (): Promise<void> => {
    const typed = text.peek()
    const words = markdownOf(typed, mentionable(people, picked.current))
    if (words === "" || excessOf(typed) > 0) return
    const replying = conversation.replyTo.peek()
    const changing = conversation.editing.peek()
    clearTimeout(draftTimer.current)
    draftTimer.current = undefined
    text.value = ""
    leave()
    if (changing === undefined) {
      conversation.dividerId.value = undefined
      conversation.toEnd.value++
    }
    const done =
      changing === undefined
        ? await attempt(t.chat.composer.notSent, () =>
            device.send(chat.id, replying === undefined ? { text: words } : { text: words, inReplyTo: replying.id }),
          )
        : await attempt(t.chat.composer.notEdited, () => device.edit(chat.id, changing.id, words))
    if (!done && text.peek() === "") {
      text.value = typed
      conversation.replyTo.value = replying
      conversation.editing.value = changing
    }
  }
  const lastOwn = () => conversation.messages.peek()?.findLast((message) => message.sender.own && message.content.type === "text")
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event) || (event.key === "Enter" && event.timeStamp - composedMs.current < confirmMs)) return
    const coarse = window.matchMedia("(pointer: coarse)").matches
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const meant = offer[chosen.peek()]
    if (meant !== undefined && step !== undefined) chosen.value = (chosen.peek() + step + offer.length) % offer.length
    else if (meant !== undefined && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) mention(meant)
    else if (meant !== undefined && event.key === "Escape") asked.value = undefined
    else if (event.key === "Enter" && !event.shiftKey && !coarse) void submit()
    else if (event.key === "ArrowUp" && (event.ctrlKey || event.metaKey)) replyUp(conversation)
    else if (event.key === "ArrowUp" && text.peek() === "" && !event.altKey && lastOwn() !== undefined)
      conversation.editing.value = lastOwn()
    else if (event.key === "Escape" && (conversation.editing.peek() !== undefined || conversation.replyTo.peek() !== undefined)) leave()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // Before the next key: what is typed after the choice to edit must not be overwritten by the old words.
  useLayoutEffect(() => {
    if (editing?.content.type === "text") text.value = typedOf(editing.content.markdown)
    else if (editing === undefined && wasEditing.current) text.value = chat.draft
    wasEditing.current = editing !== undefined
    if (editing !== undefined || replyTo !== undefined) field.current?.focus()
  }, [editing, replyTo])
  useLayoutEffect(() => {
    const [known, kept] = [knownDraft.current, chat.draft]
    knownDraft.current = kept
    if (editing !== undefined) return
    text.value = followedDraft({ shown: text.peek(), known, kept, isUnsaved: draftTimer.current !== undefined })
  }, [chat.draft])
  useEffect(() => {
    // Not while somebody types a handle or a search beside the conversation.
    if (!window.matchMedia("(pointer: coarse)").matches && !(document.activeElement instanceof HTMLInputElement)) field.current?.focus()
    return () => {
      if (draftTimer.current !== undefined) saveDraft()
    }
  }, [])
  useEffect(() => {
    const element = field.current
    if (element === null || CSS.supports("field-sizing", "content")) return
    element.style.height = "auto"
    element.style.height = `${element.scrollHeight}px`
  }, [text.value])

  /** In the place of what is marked, as if it had been typed. */
  const insert = (words: string): void => {
    const element = field.current
    const [start, end] = element === null ? [text.peek().length, text.peek().length] : [element.selectionStart, element.selectionEnd]
    input(text.peek().slice(0, start) + words + text.peek().slice(end))
    requestAnimationFrame(() => field.current?.setSelectionRange(start + words.length, start + words.length))
  }

  const about = editing ?? replyTo
  return (
    <div class={css.composer} ref={place}>
      {about !== undefined && (
        <div class={css.about}>
          <Icon name={editing === undefined ? "reply" : "pencil"} size={18} class={css.aboutIcon} />
          <p class={css.aboutWords}>
            <span class={css.aboutTitle}>
              {editing === undefined
                ? about.sender.own
                  ? t.chat.composer.replyToYourself
                  : t.chat.composer.replyTo(isolated(about.sender.name))
                : t.chat.composer.edit}
            </span>
            <bdi class={css.aboutText}>
              {about.content.type === "text"
                ? plainText(about.content.markdown)
                : about.content.type === "file"
                  ? fileWords(about.content)
                  : ""}
            </bdi>
          </p>
          <IconButton
            icon="x"
            label={editing === undefined ? t.chat.composer.cancelReply : t.chat.composer.cancelEdit}
            size={18}
            onClick={leave}
          />
        </div>
      )}
      {offer.length > 0 && <MentionList id={mentionsId} members={offer} chosen={chosen.value} onPick={mention} />}
      <form
        class={css.line}
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <div class={css.box}>
          {editing === undefined && <AttachButton chosen={attached} />}
          <textarea
            ref={field}
            class={css.field}
            rows={1}
            value={text.value}
            dir="auto"
            placeholder={t.chat.composer.placeholder}
            aria-label={t.chat.composer.label(isolated(chat.title))}
            enterkeyhint="enter"
            onInput={(event) => {
              input(event.currentTarget.value)
              lookForName()
            }}
            onKeyDown={onKeyDown}
            onClick={lookForName}
            onBlur={() => (asked.value = undefined)}
            aria-autocomplete={chat.kind === "group" ? "list" : undefined}
            aria-controls={offer.length > 0 ? mentionsId : undefined}
            aria-activedescendant={offer.length > 0 ? `${mentionsId}-${chosen.value}` : undefined}
            onPaste={(event) => {
              // Copied from a page, a picture comes with text that says where it is. What people mean is the picture.
              if (editing === undefined && choose(attached, event.clipboardData?.files)) event.preventDefault()
            }}
            onCompositionEnd={(event) => (composedMs.current = event.timeStamp)}
            aria-describedby={excess > 0 ? excessId : undefined}
          />
          <IconButton
            icon="smile"
            label={t.message.emoji.title}
            class={css.inside}
            expanded={picker.value !== undefined}
            onClick={(event) => {
              const { right, top } = event.currentTarget.getBoundingClientRect()
              picker.value = picker.peek() === undefined ? { x: right, y: top - pickerPx, align: "end" } : undefined
            }}
          />
        </div>
        <button
          type="submit"
          class={css.send}
          disabled={showsNothing(text.value) || excess > 0}
          aria-label={editing === undefined ? t.chat.composer.send : t.chat.composer.save}
          title={editing === undefined ? t.chat.composer.send : t.chat.composer.save}
        >
          <Icon name={editing === undefined ? "arrow-up" : "check"} size={22} />
        </button>
      </form>
      {picker.value !== undefined && <EmojiPicker place={picker.value} stays onPick={insert} onClose={() => (picker.value = undefined)} />}
      <Attaching
        chat={chat}
        conversation={conversation}
        chosen={attached}
        within={place}
        onClose={() => {
          attached.value = undefined
          field.current?.focus()
        }}
      />
      <p id={excessId} class={css.excess} role="status">
        {excessText(excess, text.value)}
      </p>
    </div>
  )
}

/** Each Ctrl+↑ goes one message further up. */
function replyUp(conversation: Conversation): void {
  const messages = conversation.messages.peek()?.filter(({ content }) => content.type === "text" || content.type === "file") ?? []
  const at = messages.findIndex((message) => message.id === conversation.replyTo.peek()?.id)
  const next = messages[(at < 0 ? messages.length : at) - 1]
  if (next !== undefined) conversation.replyTo.value = next
}
