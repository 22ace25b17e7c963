import { operatorSignIn, operatorSignInOptions } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole } from "../context.ts"
import parts from "../part/message.module.css"
import { Failure } from "../part/failure.tsx"
import { useAct } from "../part/use-act.ts"
import css from "./enter.module.css"
import { EnterPage } from "./enter-page.tsx"
import { Obstacle } from "./obstacle.tsx"

export function SignIn(props: { readonly why: "new" | "left" | "idle" }): JSX.Element {
  const { client, passkeys, session, draft } = useConsole()
  const act = useAct()
  const signIn = (): Promise<boolean> =>
    act.run(async () => {
      const { options } = await client.call(operatorSignInOptions, {})
      const response = await passkeys.sign(options)
      session.begin(await client.call(operatorSignIn, { response }))
    })
  return (
    <EnterPage title={props.why === "idle" ? "You were signed out" : "Sign in"}>
      {props.why === "idle" && (
        <p class={parts.note} role="status">
          <Icon name="clock" size={18} />
          <span>
            Nothing was done for a while, or the server was started again.
            {draft.value !== undefined && " What you typed of the new case is still here."}
          </span>
        </p>
      )}
      {passkeys.obstacle === undefined ? (
        <>
          <p class={css.words}>With the passkey you made for this server. There is no password.</p>
          <Failure failure={act.failure.value} />
          <Button look="primary" icon="lock" wide busy={act.busy.value} onClick={signIn}>
            Sign in with a passkey
          </Button>
          <p class={css.words}>
            No passkey yet? One of the owners invites you with a link. The first link comes from the server’s own command line:{" "}
            <code>nodoor-server desk operator invite NAME</code>.
          </p>
        </>
      ) : (
        <Obstacle obstacle={passkeys.obstacle} hash={window.location.hash} />
      )}
    </EnterPage>
  )
}
