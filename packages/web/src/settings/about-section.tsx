import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Rings } from "../part/rings.tsx"
import css from "./section.module.css"

export function AboutSection(): JSX.Element {
  const { account } = useModel()
  const { server, origin } = account.value
  return (
    <>
      <section class={css.card}>
        <Rings size={30} />
        <p class={css.lead}>Whoever runs this server cannot read your messages, and cannot let anybody in without your devices noticing.</p>
        <ul class={css.points}>
          <li class={css.point}>
            <Icon name="lock" size={18} />
            <span>
              Messages are encrypted on your device for the devices of the people in the chat (MLS, RFC 9420, with post-quantum key
              exchange).
            </span>
          </li>
          <li class={css.point}>
            <Icon name="users" size={18} />
            <span>Nobody joins a chat except through a change that every member’s device checks against the group’s rules.</span>
          </li>
          <li class={css.point}>
            <Icon name="shield" size={18} />
            <span>
              Everything stored in this browser is encrypted. Its key is kept by the browser in a form that cannot be copied out of it.
            </span>
          </li>
        </ul>
      </section>
      <section class={css.card}>
        <h3 class={css.title}>What it does not protect against</h3>
        <ul class={css.points}>
          <li class={css.point}>
            <Icon name="globe" size={18} />
            <span>
              A web page is sent by the server each time. A changed page can be found out, but not ruled out. If you are at high risk, use
              the command line client.
            </span>
          </li>
          <li class={css.point}>
            <Icon name="monitor" size={18} />
            <span>Someone who can use this computer as you can read what you can read.</span>
          </li>
          <li class={css.point}>
            <Icon name="server" size={18} />
            <span>
              The server sees when your device connects and from which address, which devices a message goes to, and how large it is.
            </span>
          </li>
          <li class={css.point}>
            <Icon name="triangle-alert" size={18} />
            <span>Nodoor has not been audited by anyone outside the project.</span>
          </li>
        </ul>
      </section>
      <section class={css.card}>
        <dl class={css.facts}>
          <div class={css.fact}>
            <dt>Server</dt>
            <dd>{origin}</dd>
          </div>
          <div class={css.fact}>
            <dt>Version of the server</dt>
            <dd>{server.version}</dd>
          </div>
        </dl>
      </section>
    </>
  )
}
