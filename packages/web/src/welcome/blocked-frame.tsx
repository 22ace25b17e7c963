// The frame of the screens shown when the app cannot open, and the one that both pages share: drawing the page failed.

import type { ComponentChildren, JSX } from "preact"
import { Button } from "../part/button.tsx"
import { Rings } from "../part/rings.tsx"
import { partText } from "../text/part-text.ts"
import css from "./blocked.module.css"

export function Blocked(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <main class={css.page}>
      <div class={css.box}>
        <Rings size={36} class={css.rings} />
        <h1 class={css.title}>{props.title}</h1>
        <div class={css.body}>{props.children}</div>
      </div>
    </main>
  )
}

/** Drawing the page threw an error. Stored data is not affected. */
export function MishapScreen(): JSX.Element {
  return (
    <Blocked title={partText.mishap.title}>
      <p>{partText.mishap.words}</p>
      <div class={css.actions}>
        <Button look="primary" icon="refresh-cw" onClick={() => window.location.reload()}>
          {partText.mishap.reload}
        </Button>
      </div>
    </Blocked>
  )
}
