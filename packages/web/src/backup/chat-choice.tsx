// The chats of a backup, each with a box: what is left out stays in the backup.

import type { ArchivePreview } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { Avatar } from "../part/avatar.tsx"
import { Button } from "../part/button.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { t } from "../text/catalogue.ts"
import css from "./chat-choice.module.css"

const shownAtFirst = 6

export function ChatChoice(props: {
  readonly chats: ArchivePreview["chats"]
  /** Ids of the chats that are not brought back. */
  readonly leftOut: ReadonlySet<string>
  readonly onChange: (leftOut: ReadonlySet<string>) => void
}): JSX.Element {
  const { chats, leftOut, onChange } = props
  const { calendar, today } = useApp()
  const all = useSignal(false)
  const words = t.backup.restore
  const shown = all.value ? chats : chats.slice(0, shownAtFirst)
  const rest = chats.length - shown.length
  const choose = (id: string, on: boolean): void => {
    const next = new Set(leftOut)
    if (on) next.delete(id)
    else next.add(id)
    onChange(next)
  }
  return (
    <RowCard
      title={words.what}
      foot={
        chats.length > 1 && (
          <div>
            <Button look="link" onClick={() => onChange(leftOut.size === 0 ? new Set(chats.map(({ id }) => id)) : new Set())}>
              {leftOut.size === 0 ? words.chooseNone : words.chooseAll}
            </Button>
          </div>
        )
      }
    >
      {shown.map(({ id, title, kind, messages, to }) => (
        <li key={id} class={css.item}>
          <label class={css.row}>
            <input
              type="checkbox"
              class={css.box}
              checked={!leftOut.has(id)}
              onChange={(event) => choose(id, event.currentTarget.checked)}
            />
            <Avatar id={id} name={title} group={kind === "group"} />
            <span class={css.words}>
              <bdi class={css.title}>{title}</bdi>
              <span class={css.sub}>
                {words.countOf(messages)}
                {to !== undefined && ` · ${calendar.day(to, today.value)}`}
              </span>
            </span>
          </label>
        </li>
      ))}
      {rest > 0 && <Row title={<span class={css.more}>{words.more(rest)}</span>} onClick={() => (all.value = true)} />}
    </RowCard>
  )
}
