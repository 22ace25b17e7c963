// Why passkeys cannot be used where this page was opened, and where they can.

import { serverInfo } from "@nodoor/wire"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import type { PasskeyObstacle } from "../passkeys.ts"
import { t } from "../text/catalogue.ts"
import parts from "../part/message.module.css"
import { namedAddress } from "./named-address.ts"

/** `hash`: what to keep when moving to the right address, such as an enrolment code. */
export function Obstacle(props: { readonly obstacle: PasskeyObstacle; readonly hash: string }): JSX.Element {
  return (
    <div class={parts.caution} role="alert">
      <Icon name="triangle-alert" size={18} />
      <div class={parts.words}>{words()}</div>
    </div>
  )

  function words(): JSX.Element {
    switch (props.obstacle) {
      case "address":
        return <AddressWords hash={props.hash} />
      case "insecure":
        return <p>{t.frame.passkey.insecure}</p>
      case "unsupported":
        return <p>{t.frame.passkey.unsupported}</p>
    }
  }
}

function AddressWords(props: { readonly hash: string }): JSX.Element {
  const { client } = useConsole()
  const server = useLoad(() => client.call(serverInfo, {}), [])
  const link = server.value === undefined ? undefined : namedAddress(window.location, server.value.origin)
  return (
    <>
      <p>{t.frame.passkey.address}</p>
      {link !== undefined ? (
        <p>{t.frame.passkey.open(<a href={`${link}${props.hash}`}>{link}</a>)}</p>
      ) : (
        server.value !== undefined && <p>{t.frame.passkey.noName(<code>NODOOR_ORIGIN</code>)}</p>
      )}
    </>
  )
}
