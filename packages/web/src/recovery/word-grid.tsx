// The 24 words, numbered, in columns that are read from top to bottom.

import type { JSX } from "preact"
import { t } from "../text/catalogue.ts"
import css from "./word-grid.module.css"

export function WordGrid(props: { readonly words: readonly string[] }): JSX.Element {
  return (
    <ol class={css.grid} aria-label={t.recovery.words.list} dir="ltr" lang="en" translate={false}>
      {props.words.map((word, at) => (
        <li key={at} class={css.word}>
          <span class={css.place}>{at + 1}</span>
          <span>{word}</span>
        </li>
      ))}
    </ol>
  )
}
