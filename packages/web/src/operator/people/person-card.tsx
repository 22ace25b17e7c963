import { type OperatorPerson, type OperatorRole, operatorPersonChange, operatorRoles } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { RadioGroup } from "../part/choice.tsx"
import { ActDialog } from "../part/act-dialog.tsx"
import { Card } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./people.module.css"

export function PersonCard(props: {
  readonly person: OperatorPerson
  readonly onChange: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  const { person } = props
  const { calendar } = useConsole()
  const me = usePerson()
  const asking = useSignal<"role" | "remove" | undefined>(undefined)
  const onDone = (): void => {
    asking.value = undefined
    props.onChange()
  }
  return (
    <Card>
      <div class={css.row}>
        <h2 class={css.name}>
          <bdi>{person.name}</bdi>
          {person.me && <span class={css.quiet}> {t.people.you}</span>}
        </h2>
        <Tag look={person.role === "owner" ? "accent" : "plain"}>{t.terms.roles[person.role].name}</Tag>
      </div>
      <p class={css.quiet}>{t.people.since(t.terms.roles[person.role].does, since(calendar.day(person.addedAtMs, Date.now())))}</p>
      <ul class={css.credentials} aria-label={t.people.signsInWith(person.name)}>
        {person.credentials.map((one) => (
          <li key={one.id} class={css.credential}>
            <Icon name={one.kind === "passkey" ? "lock" : "terminal"} size={18} />
            <span class={css.words}>
              <span>
                <bdi>{one.label}</bdi>
              </span>
              <span class={css.quiet}>
                {one.kind === "passkey" ? t.people.passkey : t.people.key} ·{" "}
                {one.usedAtMs === undefined ? t.people.notUsed : t.people.lastUsed(calendar.brief(one.usedAtMs, Date.now()))}
              </span>
            </span>
          </li>
        ))}
        {person.credentials.length === 0 && <li class={css.quiet}>{t.people.nothing}</li>}
      </ul>
      {props.children}
      {me.role === "owner" && (
        <div class={css.actions}>
          <Button look="quiet" onClick={() => (asking.value = "role")}>
            {t.people.changeRole}
          </Button>
          <Button look="quiet" onClick={() => (asking.value = "remove")}>
            {t.people.remove}
          </Button>
        </div>
      )}
      {asking.value === "role" && <RoleDialog person={person} onDone={onDone} onClose={() => (asking.value = undefined)} />}
      {asking.value === "remove" && <RemoveDialog person={person} onDone={onDone} onClose={() => (asking.value = undefined)} />}
    </Card>
  )
}

interface ChangeProps {
  readonly person: OperatorPerson
  readonly onDone: () => void
  readonly onClose: () => void
}

function RoleDialog({ person: { name, role, me }, onDone, onClose }: ChangeProps): JSX.Element {
  const { say } = useConsole()
  const chosen = useSignal<OperatorRole>(role)
  const change = useChange(name)
  const run = (): Promise<boolean> =>
    change.run(chosen.value, () => {
      say(t.people.role.done(name, t.terms.roles[chosen.value].one))
      onDone()
    })
  return (
    <ActDialog
      title={me ? t.people.role.own : t.people.role.title(name)}
      act={change}
      confirm={t.people.role.confirm}
      icon="lock"
      disabled={chosen.value === role}
      onConfirm={run}
      onClose={onClose}
    >
      <RadioGroup<OperatorRole>
        legend={t.people.role.legend}
        value={chosen.value}
        onChange={(value) => (chosen.value = value)}
        options={operatorRoles.map((value) => ({ value, label: t.terms.roles[value].name, hint: t.terms.roles[value].does }))}
      />
    </ActDialog>
  )
}

function RemoveDialog({ person: { name, me }, onDone, onClose }: ChangeProps): JSX.Element {
  const { say } = useConsole()
  const change = useChange(name)
  const run = (): Promise<boolean> =>
    change.run(undefined, () => {
      say(t.people.removal.done(name))
      onDone()
    })
  return (
    <ActDialog
      title={me ? t.people.removal.own : t.people.removal.title(name)}
      act={change}
      confirm={t.people.removal.confirm}
      look="alarm"
      icon="user-minus"
      onConfirm={run}
      onClose={onClose}
    >
      <p class={css.quiet}>{t.people.removal.words}</p>
    </ActDialog>
  )
}

function useChange(name: string): {
  readonly busy: ReturnType<typeof useAct>["busy"]
  readonly failure: ReturnType<typeof useAct>["failure"]
  readonly run: (role: OperatorRole | undefined, done: () => void) => Promise<boolean>
} {
  const { client } = useConsole()
  const proof = useProof()
  const act = useAct()
  return {
    ...act,
    run: (role, done) =>
      act.run(async () => {
        await client.call(operatorPersonChange, { name, role, proof: await proof("people", name) })
        done()
      }),
  }
}

/** A day in the middle of a sentence. */
function since(day: string): string {
  return day === partText.today || day === partText.yesterday ? day.toLowerCase() : day
}
