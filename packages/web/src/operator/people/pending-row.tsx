// A link that was made and not used yet; an owner takes it back.

import { type OperatorEnrolment, operatorPersonChange } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import message from "../part/message.module.css"
import { useAct, useProof } from "../part/use-act.ts"
import { spanText } from "../text/amount.ts"
import { roleWords } from "../text/words.ts"
import css from "./people.module.css"

/** `isHere`: the link is for somebody who may act already, and stays one when it is taken back. */
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
      // Without a role it would be the person who goes; with the one they have, only the link.
      await client.call(operatorPersonChange, { name, role: props.isHere ? role : undefined, proof: await proof("people", name) })
      say("Taken back. The link opens nothing any more.")
      props.onChange()
    })
  if (recoveryAtMs !== undefined)
    return (
      <li class={message.alarm}>
        <Icon name="shield-alert" size={18} />
        <div class={message.words}>
          <p>
            <bdi>{name}</bdi> is being recovered from the server’s own command line: a link that replaces everything they sign in with works
            from {calendar.full(recoveryAtMs)}. If they did not ask for it, somebody else is at the machine
            {me.role === "owner" ? ": take the link back." : ". An owner takes the link back."}
          </p>
          {me.role === "owner" && (
            <Button look="quiet" icon="x" busy={act.busy.value} onClick={takeBack}>
              Take back
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
        <span class={css.quiet}>
          {roleWords[role].name} · the link works for {spanText(expiresAtMs - Date.now())} more
        </span>
      </span>
      {me.role === "owner" && name !== me.name && (
        <Button look="quiet" icon="x" busy={act.busy.value} onClick={takeBack}>
          Take back
        </Button>
      )}
      <div class={css.failure}>
        <Failure failure={act.failure.value} />
      </div>
    </li>
  )
}
