// Who can be meant by the @ that is being typed: a list above the field. The arrow keys choose, Enter or Tab takes, Esc closes.

import type { MemberView } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import type { JSX } from "preact"
import { Avatar } from "../../part/avatar.tsx"
import { t } from "../../text/catalogue.ts"
import css from "./mention-list.module.css"

export function MentionList(props: {
  readonly id: string
  readonly members: readonly MemberView[]
  readonly chosen: number
  readonly onPick: (member: MemberView) => void
}): JSX.Element {
  const { id, members, chosen } = props
  return (
    <ul id={id} role="listbox" aria-label={t.chat.composer.mention} class={css.list}>
      {members.map((member, index) => (
        <li
          key={member.accountId}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          class={`${css.person} ${index === chosen ? css.chosen : ""}`}
          // The field keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => props.onPick(member)}
        >
          <Avatar id={member.accountId} name={member.name} size={32} />
          <bdi class={css.name}>{member.name}</bdi>
          <span class={css.handle}>{addressOf(member)}</span>
        </li>
      ))}
    </ul>
  )
}
