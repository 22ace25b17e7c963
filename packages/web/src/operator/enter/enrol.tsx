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
import { roleWords } from "../text/words.ts"
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
      <EnterPage title="Your invitation">
        {asked.failure === undefined ? (
          <Skeleton rows={4} look="lines" />
        ) : (
          <>
            <FailedState
              title={asked.failure.code === "offline" ? "Nobody answered" : "This link opens nothing"}
              failure={asked.failure}
              onRetry={asked.reload}
            />
            <p class={css.words}>A link is good once, and for a day. Ask whoever sent it for another.</p>
            <Button look="quiet" onClick={leave}>
              Sign in instead
            </Button>
          </>
        )}
      </EnterPage>
    )
  const { name, role, options, invitedBy, recovery } = asked.value
  return (
    <EnterPage title="Make your passkey">
      <p class={css.words}>
        {invitedBy === undefined ? "Somebody at the server’s own machine" : invitedBy === name ? "You yourself" : <bdi>{invitedBy}</bdi>}{" "}
        invited you to the console of <strong>{window.location.host}</strong> as{" "}
        <strong>
          <bdi>{name}</bdi>
        </strong>
        , with the role <strong>{roleWords[role].name.toLowerCase()}</strong>: {roleWords[role].does}
      </p>
      {recovery === true && <p class={css.words}>This passkey replaces every passkey and key that you had here.</p>}
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
      const name = label.value.trim() || "My first passkey"
      session.begin(await client.call(operatorEnrol, { code: props.code, response, label: name }))
      props.onDone()
    })
  }
  return (
    <form class={css.form} onSubmit={submit}>
      <Field
        label="Name of the passkey"
        value={label.value}
        onInput={(value) => (label.value = value)}
        optional
        maxLength={60}
        placeholder="For example: laptop, or the key on my ring"
        hint="So that you can tell it from others later."
      />
      <Failure failure={act.failure.value} />
      <Button look="primary" type="submit" icon="lock" wide busy={act.busy.value}>
        Make the passkey
      </Button>
    </form>
  )
}
