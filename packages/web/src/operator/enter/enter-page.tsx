// The frame of the pages before the console: sign-in and enrolment.

import type { ComponentChildren, JSX } from "preact"
import { useEffect } from "preact/hooks"
import { Wordmark } from "../../part/rings.tsx"
import { t } from "../text/catalogue.ts"
import css from "./enter.module.css"

export function EnterPage(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = t.frame.windowTitle(props.title)
  }, [props.title])
  return (
    <div class={css.page}>
      <main class={css.card}>
        <p class={css.brand}>
          <Wordmark /> {t.frame.brand}
        </p>
        <h1 class={css.title}>{props.title}</h1>
        {props.children}
      </main>
      <footer class={css.foot}>
        {t.frame.enter.foot} <a href="/transparency">{t.frame.enter.requests}</a>
      </footer>
    </div>
  )
}
