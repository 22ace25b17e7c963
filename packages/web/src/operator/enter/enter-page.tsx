// The frame of what stands before the console.

import type { ComponentChildren, JSX } from "preact"
import { useEffect } from "preact/hooks"
import { Wordmark } from "../../part/rings.tsx"
import css from "./enter.module.css"

export function EnterPage(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${props.title} · Nodoor operator’s console`
  }, [props.title])
  return (
    <div class={css.page}>
      <main class={css.card}>
        <p class={css.brand}>
          <Wordmark /> operator’s console
        </p>
        <h1 class={css.title}>{props.title}</h1>
        {props.children}
      </main>
      <footer class={css.foot}>
        Nobody who signs in here can read a message, or let anyone in who could. <a href="/transparency">What was asked of this server</a>
      </footer>
    </div>
  )
}
