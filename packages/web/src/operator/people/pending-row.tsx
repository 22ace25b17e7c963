// A link that was created and not used yet. An owner can withdraw it.

import { type OperatorEnrolment, operatorPersonChange } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { t } from "../text/catalogue.ts"
import message from "../part/message.module.css"
import { useAct, useProof } from "../part/use-act.ts"
import { spanText } from "../text/amount.ts"
import css from "./people.module.css"

/** `isHere`: the link is for somebody who can already act here and still can when it is withdrawn. */
export function PendingRow(props: {
  readonly enrolment: OperatorEnrolment
  readonly isHere: boolean
  readonly onChange: () => void
}): JSX.Element {
  const { name, role, expiresAtMs, recoveryAtMs } = props.enrolment
  const { client, say, calendar } = useConsole()
  const me = usePerson()
  const proof = useProof()
  const act = useAct()
  const takeBack = (): Promise<boolean> =>
    act.run(async () => {
      // Without a role, this would remove the person. With their present role, it removes only the link.
      await client.call(operatorPersonChange, { name, role: props.isHere ? role : undefined, proof: await proof("people", name) })
      say(t.people.waiting.takenBack)
      props.onChange()
    })
  if (recoveryAtMs !== undefined)
    return (
      <li class={message.alarm}>
        <Icon name="shield-alert" size={18} />
        <div class={message.words}>
          <p>
            {t.people.waiting.recovery(<bdi>{name}</bdi>, calendar.full(recoveryAtMs))}{" "}
            {me.role === "owner" ? t.people.waiting.recoveryOwner : t.people.waiting.recoveryOther}
          </p>
          {me.role === "owner" && (
            <Button look="quiet" icon="x" busy={act.busy.value} onClick={takeBack}>
              {t.people.waiting.takeBack}
            </Button>
          )}
          <Failure failure={act.failure.value} />
        </div>
      </li>
    )
  return (
    <li class={css.row}>
      <span class={css.words}>
        <span class={css.name}>
          <bdi>{name}</bdi>
        </span>
        <span class={css.quiet}>{t.people.waiting.words(t.terms.roles[role].name, spanText(expiresAtMs - Date.now()))}</span>
      </span>
      {me.role === "owner" && name !== me.name && (
        <Button look="quiet" icon="x" busy={act.busy.value} onClick={takeBack}>
          {t.people.waiting.takeBack}
        </Button>
      )}
      <div class={css.failure}>
        <Failure failure={act.failure.value} />
      </div>
    </li>
  )
}
