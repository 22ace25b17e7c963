// A group: its name, its members and their roles, its rules, and how to leave it.

import type { ChatView, GroupRules, MemberView, WhoMay } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { isolated, showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useNames } from "../chat/use-names.ts"
import { Icon } from "../icon/icon.tsx"
import { MuteRow } from "../list/mute-dialog.tsx"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { ActionRow } from "../part/action-row.tsx"
import { Avatar } from "../part/avatar.tsx"
import { Button, IconButton } from "../part/button.tsx"
import { Confirm, Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { Menu, type MenuItem, type MenuPlace, placeBelow } from "../part/menu.tsx"
import { Pane } from "../part/pane.tsx"
import { Rings } from "../part/rings.tsx"
import { Skeleton } from "../part/states.tsx"
import { Segmented } from "../part/switch.tsx"
import { PeoplePicker } from "./people-picker.tsx"
import { t } from "../text/catalogue.ts"
import css from "./group-sheet.module.css"

export function GroupSheet(props: { readonly chat: ChatView }): JSX.Element {
  const { chat } = props
  const { router } = useApp()
  const names = useNames(chat)
  const actions = useChatActions(chat)
  const shown = useSignal<"rename" | "add" | undefined>(undefined)
  const active = chat.state === "active"
  const may = (rule: keyof GroupRules): boolean => active && (chat.ownRole === "admin" || chat.rules[rule] === "everyone")
  const close = (): void => {
    shown.value = undefined
  }
  return (
    <Pane title={t.people.group.title} leave="close" onLeave={() => router.go({ at: "chat", chatId: chat.id, sheet: undefined })}>
      <div class={css.sheet}>
        <header class={css.head}>
          <Avatar id={chat.id} name={chat.title} group size={88} />
          <h3 class={css.name}>
            <bdi>{chat.title}</bdi>
            {may("rename") && <IconButton icon="pencil" label={t.people.group.rename} size={17} onClick={() => (shown.value = "rename")} />}
          </h3>
          <p class={css.count}>{t.people.count(chat.memberCount)}</p>
        </header>
        <section>
          {may("add") && <ActionRow icon="user-plus" label={t.people.group.addPeople} onClick={() => (shown.value = "add")} />}
          {names.members === undefined ? (
            <Skeleton rows={4} look="lines" />
          ) : (
            <ul>
              {names.members.toSorted(byRole).map((member) => (
                <Member key={member.accountId} chat={chat} member={member} mayAdd={may("add")} />
              ))}
            </ul>
          )}
        </section>
        <section class={css.section}>
          <MuteRow chat={chat} onAsk={actions.askMute} />
        </section>
        <Rules chat={chat} />
        <section class={css.section}>
          {active && <ActionRow icon="log-out" label={t.list.actions.leave} onClick={actions.askLeave} />}
          <ActionRow icon="trash-2" label={t.list.actions.delete} final onClick={actions.askDelete} />
        </section>
      </div>
      {actions.dialog}
      {shown.value === "rename" && <Rename chat={chat} onClose={close} />}
      {shown.value === "add" && <AddPeople chat={chat} members={names.members ?? []} onClose={close} />}
    </Pane>
  )
}

function byRole(a: MemberView, b: MemberView): number {
  return Number(b.own) - Number(a.own) || Number(b.role === "admin") - Number(a.role === "admin") || a.name.localeCompare(b.name)
}

function Member(props: { readonly chat: ChatView; readonly member: MemberView; readonly mayAdd: boolean }): JSX.Element {
  const { chat, member, mayAdd } = props
  const { router } = useApp()
  const { device, attempt } = useModel()
  const menu = useSignal<MenuPlace | undefined>(undefined)
  const asking = useSignal(false)
  const rule = chat.ownRole === "admin" && chat.state === "active" && !member.own
  const items: MenuItem[] = [
    {
      label: t.chat.header.contactInfo,
      icon: "user",
      run: () => router.go({ at: "chat", chatId: chat.id, sheet: { type: "contact", accountId: member.accountId } }),
    },
    member.role === "admin"
      ? {
          label: t.people.group.removeAdmin,
          icon: "shield",
          run: () => void attempt(t.people.group.roleNotChanged, () => device.setRole(chat.id, member.accountId, "member")),
        }
      : {
          label: t.people.group.makeAdmin,
          icon: "shield",
          run: () => void attempt(t.people.group.roleNotChanged, () => device.setRole(chat.id, member.accountId, "admin")),
        },
    { label: t.people.group.remove, icon: "user-minus", run: () => (asking.value = true) },
  ]
  return (
    <li class={css.member}>
      <button
        type="button"
        class={css.memberButton}
        disabled={member.own}
        onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: { type: "contact", accountId: member.accountId } })}
      >
        <Avatar id={member.accountId} name={member.name} size={40} />
        <span class={css.memberWords}>
          <span class={css.memberName}>
            <bdi>{member.own ? t.chat.you : member.name}</bdi>
            {member.verified && <Rings size={11} class={css.verified} label={t.chat.verified} />}
          </span>
          <span class={css.memberHandle}>{addressOf(member)}</span>
          {member.unattached && <span class={css.memberHandle}>{t.people.group.notIn}</span>}
        </span>
        {member.role === "admin" && <span class={css.role}>{t.people.group.admin}</span>}
      </button>
      {member.unattached && mayAdd && (
        <IconButton
          icon="user-plus"
          label={t.people.group.addAgain(isolated(member.name))}
          size={18}
          onClick={() => void attempt(t.people.group.nobodyAdded, () => device.addMembers(chat.id, [member.accountId]))}
        />
      )}
      {rule && (
        <IconButton
          icon="ellipsis"
          label={t.chat.header.actions(isolated(member.name))}
          size={18}
          expanded={menu.value !== undefined}
          onClick={(event) => (menu.value = placeBelow(event.currentTarget, "end"))}
        />
      )}
      {menu.value !== undefined && <Menu label={member.name} place={menu.value} items={items} onClose={() => (menu.value = undefined)} />}
      {asking.value && (
        <Confirm
          title={t.people.group.removal.title(isolated(member.name))}
          confirm={t.people.group.removal.confirm}
          onClose={() => (asking.value = false)}
          onConfirm={() => {
            asking.value = false
            void attempt(t.people.group.removal.failed(isolated(member.name)), () => device.removeMember(chat.id, member.accountId))
          }}
        >
          <p>{t.people.group.removal.words}</p>
        </Confirm>
      )}
    </li>
  )
}

function Rules(props: { readonly chat: ChatView }): JSX.Element {
  const { chat } = props
  const { device, attempt } = useModel()
  const options: readonly { readonly value: WhoMay; readonly label: string }[] = [
    { value: "everyone", label: t.people.rules.everyone },
    { value: "admins", label: t.people.rules.admins },
  ]
  const fixed = chat.ownRole !== "admin" || chat.state !== "active"
  // What was chosen elsewhere, by number, stays what its button says.
  const chosen = chat.history
  const shared = {
    messages: chosen && "messages" in chosen ? chosen : { messages: 50 },
    days: chosen && "days" in chosen ? chosen : { days: 7 },
  }
  const set = (change: Partial<GroupRules>): void =>
    void attempt(t.people.rules.notChanged, () => device.setRules(chat.id, { ...chat.rules, ...change }))
  return (
    <section class={css.rules} aria-label={t.people.rules.title}>
      <h4 class={css.heading}>
        {t.people.rules.title}
        {fixed && (
          <span class={css.fixed}>
            <Icon name="lock" size={13} /> {t.people.rules.fixed}
          </span>
        )}
      </h4>
      <Segmented legend={t.people.rules.add} options={options} value={chat.rules.add} disabled={fixed} onChange={(add) => set({ add })} />
      <Segmented
        legend={t.people.rules.rename}
        options={options}
        value={chat.rules.rename}
        disabled={fixed}
        onChange={(rename) => set({ rename })}
      />
      <Segmented
        legend={t.people.rules.post}
        options={options}
        value={chat.rules.post}
        disabled={fixed}
        onChange={(post) => set({ post })}
      />
      <Segmented
        legend={t.people.rules.history}
        options={[
          { value: "off", label: t.people.rules.historyOff },
          { value: "messages", label: t.people.rules.historyOf(shared.messages) },
          { value: "days", label: t.people.rules.historyOf(shared.days) },
        ]}
        value={chat.history === undefined ? "off" : "messages" in chat.history ? "messages" : "days"}
        disabled={fixed}
        onChange={(wanted) =>
          void attempt(t.people.rules.notChanged, () => device.setHistorySharing(chat.id, wanted === "off" ? {} : shared[wanted]))
        }
      />
      <p class={css.note}>{t.people.rules.historyNote}</p>
      <p class={css.note}>{t.people.rules.note}</p>
    </section>
  )
}

function Rename(props: { readonly chat: ChatView; readonly onClose: () => void }): JSX.Element {
  const { device, attempt } = useModel()
  const name = useSignal(props.chat.title)
  const busy = useSignal(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    busy.value = true
    if (await attempt(t.people.group.notRenamed, () => device.rename(props.chat.id, name.peek().trim()))) props.onClose()
    busy.value = false
  }
  return (
    <Dialog title={t.people.group.rename} onClose={props.onClose}>
      <form class={css.form} onSubmit={(event) => void submit(event)}>
        <Field
          label={t.people.group.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          seenBy={t.people.group.nameSeenBy}
          autoFocus
        />
        <Button type="submit" look="primary" busy={busy.value} disabled={showsNothing(name.value)}>
          {t.people.group.renameIt}
        </Button>
      </form>
    </Dialog>
  )
}

function AddPeople(props: { readonly chat: ChatView; readonly members: readonly MemberView[]; readonly onClose: () => void }): JSX.Element {
  const { device, attempt } = useModel()
  const chosen = useSignal<ReadonlyMap<string, string>>(new Map())
  const busy = useSignal(false)
  const add = async (): Promise<void> => {
    busy.value = true
    if (await attempt(t.people.group.nobodyAdded, () => device.addMembers(props.chat.id, [...chosen.peek().keys()]))) props.onClose()
    busy.value = false
  }
  return (
    <Dialog title={t.people.group.addPeople} onClose={props.onClose}>
      <div class={css.form}>
        <PeoplePicker chosen={chosen} without={props.members.map((member) => member.accountId)} />
        <Button look="primary" busy={busy.value} disabled={chosen.value.size === 0} onClick={() => void add()}>
          {t.people.group.add(chosen.value.size)}
        </Button>
      </div>
    </Dialog>
  )
}
