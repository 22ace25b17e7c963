// A page of its own over the whole window, for moments with one thing to do: linking, recovering, bringing back.

import type { ComponentChildren, JSX } from "preact"
import { IconButton } from "./button.tsx"
import { Wordmark } from "./rings.tsx"
import { partText } from "../text/part-text.ts"
import css from "./full-page.module.css"

export function FullPage(props: {
  readonly onBack?: (() => void) | undefined
  readonly children: ComponentChildren
  readonly foot?: ComponentChildren
}): JSX.Element {
  return (
    <main class={css.page}>
      <header class={css.bar}>
        {props.onBack !== undefined && <IconButton icon="arrow-left" label={partText.back} class={css.back} onClick={props.onBack} />}
        <Wordmark />
      </header>
      <div class={css.body}>{props.children}</div>
      {props.foot !== undefined && <footer class={css.foot}>{props.foot}</footer>}
    </main>
  )
}
