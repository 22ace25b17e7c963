import { operatorSignIn, operatorSignInOptions } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole } from "../context.ts"
import { t } from "../text/catalogue.ts"
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
    <EnterPage title={props.why === "idle" ? t.frame.enter.signedOut : t.frame.enter.signIn}>
      {props.why === "idle" && (
        <p class={parts.note} role="status">
          <Icon name="clock" size={18} />
          <span>
            {t.frame.enter.signedOutWhy}
            {draft.value !== undefined && ` ${t.frame.enter.draftKept}`}
          </span>
        </p>
      )}
      {passkeys.obstacle === undefined ? (
        <>
          <p class={css.words}>{t.frame.enter.how}</p>
          <Failure failure={act.failure.value} />
          <Button look="primary" icon="lock" wide busy={act.busy.value} onClick={signIn}>
            {t.frame.enter.withPasskey}
          </Button>
          <p class={css.words}>{t.frame.enter.noPasskey(<code>nodoor-server desk operator invite NAME</code>)}</p>
        </>
      ) : (
        <Obstacle obstacle={passkeys.obstacle} hash={window.location.hash} />
      )}
    </EnterPage>
  )
}
