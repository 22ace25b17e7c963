// A link that is shown once, to scan or to copy.

import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { QrCode } from "../../part/qr-code.tsx"
import { useConsole } from "../context.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./secret-link.module.css"

export function useCopying(): (text: string, done: string) => void {
  const { say } = useConsole()
  return (text, done) =>
    void navigator.clipboard.writeText(text).then(
      () => say(done),
      () => say(partText.copyRefused),
    )
}

export function SecretLink(props: { readonly link: string; readonly label: string }): JSX.Element {
  const copy = useCopying()
  return (
    <div class={css.split}>
      <div class={css.words}>
        <p class={css.link} dir="ltr">
          {props.link}
        </p>
        <Button look="primary" icon="copy" onClick={() => copy(props.link, t.frame.linkCopied)}>
          {t.frame.copyLink}
        </Button>
      </div>
      <QrCode text={props.link} label={props.label} />
    </div>
  )
}
