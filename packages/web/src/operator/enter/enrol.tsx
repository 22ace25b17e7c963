// An invited person makes their passkey.

import { operatorEnrol, operatorEnrolOptions } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Button } from "../../part/button.tsx"
import { Field } from "../../part/field.tsx"
import { FailedState, Skeleton } from "../../part/states.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { useAct } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import css from "./enter.module.css"
import { EnterPage } from "./enter-page.tsx"
import { Obstacle } from "./obstacle.tsx"

export function Enrol(props: { readonly code: string }): JSX.Element {
  const { client, passkeys, enrolment } = useConsole()
  const asked = useLoad(() => client.call(operatorEnrolOptions, { code: props.code }), [props.code])
  const leave = (): void => {
    enrolment.value = undefined
  }
  if (asked.value === undefined)
    return (
      <EnterPage title={t.frame.enter.invitation}>
        {asked.failure === undefined ? (
          <Skeleton rows={4} look="lines" />
        ) : (
          <>
            <FailedState
              title={asked.failure.code === "offline" ? t.frame.enter.noAnswer : t.frame.enter.deadLink}
              failure={asked.failure}
              onRetry={asked.reload}
            />
            <p class={css.words}>{t.frame.enter.deadLinkWords}</p>
            <Button look="quiet" onClick={leave}>
              {t.frame.enter.signInInstead}
            </Button>
          </>
        )}
      </EnterPage>
    )
  const { name, role, options, invitedBy, recovery } = asked.value
  const invitation = {
    host: <strong>{window.location.host}</strong>,
    name: (
      <strong>
        <bdi>{name}</bdi>
      </strong>
    ),
    role: <strong>{t.terms.roles[role].name}</strong>,
    does: t.terms.roles[role].does,
  }
  return (
    <EnterPage title={t.frame.enter.makePasskey}>
      <p class={css.words}>
        {invitedBy === name
          ? t.frame.enter.ownLink(invitation)
          : t.frame.enter.invited({ ...invitation, by: invitedBy === undefined ? t.frame.enter.byMachine : <bdi>{invitedBy}</bdi> })}
      </p>
      {recovery === true && <p class={css.words}>{t.frame.enter.replaces}</p>}
      {passkeys.obstacle === undefined ? (
        <EnrolForm code={props.code} options={options} onDone={leave} />
      ) : (
        <Obstacle obstacle={passkeys.obstacle} hash={`#enrol=${props.code}`} />
      )}
    </EnterPage>
  )
}

function EnrolForm(props: { readonly code: string; readonly options: string; readonly onDone: () => void }): JSX.Element {
  const { client, passkeys, session } = useConsole()
  const label = useSignal("")
  const act = useAct()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void act.run(async () => {
      const response = await passkeys.create(props.options)
      const name = label.value.trim() || t.frame.enter.firstPasskey
      session.begin(await client.call(operatorEnrol, { code: props.code, response, label: name }))
      props.onDone()
    })
  }
  return (
    <form class={css.form} onSubmit={submit}>
      <Field
        label={t.frame.enter.passkeyName}
        value={label.value}
        onInput={(value) => (label.value = value)}
        optional
        maxLength={60}
        placeholder={t.frame.enter.passkeyExample}
        hint={t.frame.enter.passkeyHint}
      />
      <Failure failure={act.failure.value} />
      <Button look="primary" type="submit" icon="lock" wide busy={act.busy.value}>
        {t.frame.enter.make}
      </Button>
    </form>
  )
}
