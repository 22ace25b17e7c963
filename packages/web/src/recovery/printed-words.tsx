// The page that comes out of the printer: only the words, whose they are, and what to do with them. Not seen on the screen.

import type { JSX } from "preact"
import { createPortal } from "preact/compat"
import { useApp, useModel } from "../app/context.ts"
import { Wordmark } from "../part/rings.tsx"
import { QrCode } from "../part/qr-code.tsx"
import { t } from "../text/catalogue.ts"
import css from "./printed-words.module.css"

export function PrintedWords(props: { readonly words: readonly string[] }): JSX.Element {
  const { today, calendar } = useApp()
  const { handle, origin, serverUrl } = useModel().account.value
  const words = t.recovery.words.printed
  return createPortal(
    <div class={css.sheet} data-printed aria-hidden="true">
      <Wordmark />
      <h1 class={css.title}>{words.title(handle, origin)}</h1>
      <ol class={css.grid} dir="ltr">
        {props.words.map((word, at) => (
          <li key={at}>
            <span class={css.place}>{at + 1}</span> {word}
          </li>
        ))}
      </ol>
      <div class={css.use}>
        <div class={css.code}>
          <QrCode text={serverUrl} label={serverUrl} />
        </div>
        <div>
          <p>{words.use(serverUrl)}</p>
          <p>{words.keep}</p>
          <p class={css.day}>{words.day(calendar.utcDay(calendar.dayKey(today.value)))}</p>
        </div>
      </div>
    </div>,
    document.body,
  ) as JSX.Element
}
