// The links that were made just now: here and nowhere else, as the server keeps hashes of them only.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button, IconButton } from "../../part/button.tsx"
import { QrCode } from "../../part/qr-code.tsx"
import { Card } from "../part/page.tsx"
import { SecretLink, useCopying } from "../part/secret-link.tsx"
import css from "./invites.module.css"

export function MadeInvites(props: { readonly links: readonly string[]; readonly onDone: () => void }): JSX.Element {
  const { links } = props
  const copy = useCopying()
  const shown = useSignal<string | undefined>(undefined)
  const [first] = links
  return (
    <Card title={links.length === 1 ? "Here is the link" : `Here are ${links.length} links`}>
      <p class={css.quiet}>Shown once: the server keeps only a hash of each. Send them now, or copy them to where they are safe.</p>
      {links.length === 1 && first !== undefined ? (
        <SecretLink link={first} label="The invite as a QR code" />
      ) : (
        <ol class={css.links}>
          {links.map((link, at) => (
            <li key={link} class={css.linkRow}>
              <span class={css.link} dir="ltr">
                {link}
              </span>
              <IconButton icon="copy" label={`Copy link ${at + 1}`} onClick={() => copy(link, `Link ${at + 1} copied.`)} />
              <IconButton
                icon="qr-code"
                label={`QR code of link ${at + 1}`}
                pressed={shown.value === link}
                onClick={() => (shown.value = shown.value === link ? undefined : link)}
              />
              {shown.value === link && <QrCode text={link} label={`Link ${at + 1} as a QR code`} />}
            </li>
          ))}
        </ol>
      )}
      <div class={css.actions}>
        {links.length > 1 && (
          <Button look="primary" icon="copy" onClick={() => copy(links.join("\n"), `${links.length} links copied.`)}>
            Copy all
          </Button>
        )}
        <Button look="quiet" onClick={props.onDone}>
          I have {links.length === 1 ? "it" : "them"}
        </Button>
      </div>
    </Card>
  )
}
