// The links that were just created. They are shown only here, because the server keeps only their hashes.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button, IconButton } from "../../part/button.tsx"
import { QrCode } from "../../part/qr-code.tsx"
import { Card } from "../part/page.tsx"
import { SecretLink, useCopying } from "../part/secret-link.tsx"
import { t } from "../text/catalogue.ts"
import css from "./invites.module.css"

export function MadeInvites(props: { readonly links: readonly string[]; readonly onDone: () => void }): JSX.Element {
  const { links } = props
  const copy = useCopying()
  const shown = useSignal<string | undefined>(undefined)
  const [first] = links
  return (
    <Card title={t.invites.made.title(links.length)}>
      <p class={css.quiet}>{t.invites.made.words}</p>
      {links.length === 1 && first !== undefined ? (
        <SecretLink link={first} label={t.invites.made.qr} />
      ) : (
        <ol class={css.links}>
          {links.map((link, at) => (
            <li key={link} class={css.linkRow}>
              <span class={css.link} dir="ltr">
                {link}
              </span>
              <IconButton icon="copy" label={t.invites.made.copy(at + 1)} onClick={() => copy(link, t.invites.made.copied(at + 1))} />
              <IconButton
                icon="qr-code"
                label={t.invites.made.showQr(at + 1)}
                pressed={shown.value === link}
                onClick={() => (shown.value = shown.value === link ? undefined : link)}
              />
              {shown.value === link && <QrCode text={link} label={t.invites.made.qrOf(at + 1)} />}
            </li>
          ))}
        </ol>
      )}
      <div class={css.actions}>
        {links.length > 1 && (
          <Button look="primary" icon="copy" onClick={() => copy(links.join("\n"), t.invites.made.allCopied(links.length))}>
            {t.invites.made.copyAll}
          </Button>
        )}
        <Button look="quiet" onClick={props.onDone}>
          {t.invites.made.done}
        </Button>
      </div>
    </Card>
  )
}
