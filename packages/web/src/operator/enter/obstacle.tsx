// Why passkeys cannot be used where this page was opened, and where they can.

import { serverInfo } from "@nodoor/wire"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import type { PasskeyObstacle } from "../passkeys.ts"
import parts from "../part/message.module.css"
import { namedAddress } from "./named-address.ts"

/** `hash`: what to carry along to the right address, such as an enrolment code. */
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
        return <p>Passkeys need a secure connection. Open this page with https://, or on the server’s own machine with localhost.</p>
      case "unsupported":
        return <p>This browser knows no passkeys. Current versions of Chrome, Edge, Firefox and Safari do.</p>
    }
  }
}

function AddressWords(props: { readonly hash: string }): JSX.Element {
  const { client } = useConsole()
  const server = useLoad(() => client.call(serverInfo, {}), [])
  const link = server.value === undefined ? undefined : namedAddress(window.location, server.value.origin)
  return (
    <>
      <p>Passkeys belong to a name, and this page was opened by an IP address.</p>
      {link !== undefined ? (
        <p>
          Open <a href={`${link}${props.hash}`}>{link}</a>
        </p>
      ) : (
        server.value !== undefined && (
          <p>
            The server has no name yet. Give it one with <code>NODOOR_ORIGIN</code>, or open the console on its own machine at localhost.
          </p>
        )
      )}
    </>
  )
}
