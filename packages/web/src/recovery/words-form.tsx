// 24 numbered fields. A word that is not on the list is marked where it stands, with the words it may have been.

import type { WordsCheck } from "@nodoor/client"
import { type Signal, useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useRef } from "preact/hooks"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { withTyped } from "./word-list.ts"
import { t } from "../text/catalogue.ts"
import css from "./words-form.module.css"

export const wordCount = 24
export const noWords: readonly string[] = Array.from({ length: wordCount }, () => "")

export function WordsForm(props: {
  readonly words: Signal<readonly string[]>
  readonly submit: string
  readonly busy: boolean
  /** Looks at the words; then whatever else is to happen. Answers what is wrong with them. */
  readonly onSubmit: (words: readonly string[]) => Promise<WordsCheck | undefined>
  /** What stands above the words in the same form. */
  readonly before?: ComponentChildren
  readonly after?: ComponentChildren
}): JSX.Element {
  const { words } = props
  const form = useRef<HTMLFormElement>(null)
  const check = useSignal<WordsCheck | undefined>(undefined)
  const focus = (at: number): void => form.current?.querySelector<HTMLInputElement>(`[data-word="${at}"]`)?.focus()
  const change = (at: number, text: string): void => {
    const next = withTyped(words.peek(), at, text)
    const pasted = next.filter((word, place) => word !== words.peek()[place]).length > 1
    words.value = next
    check.value = undefined
    if (pasted) focus(Math.max(0, next.indexOf("") === -1 ? wordCount - 1 : next.indexOf("")))
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const given = words.peek()
    const count = given.filter((word) => word !== "").length
    check.value = count < wordCount ? { status: "wrong_count", count } : await props.onSubmit(given)
    if (check.value?.status === "wrong_count") focus(given.indexOf(""))
    if (check.value?.status === "unknown_words") focus(check.value.wrong[0]?.at ?? 0)
  }
  const wrong = check.value?.status === "unknown_words" ? check.value.wrong : []
  const problem = check.value === undefined ? undefined : problemOf(check.value)
  return (
    <form ref={form} class={css.form} onSubmit={(event) => void submit(event)} noValidate>
      {props.before}
      <fieldset class={css.words}>
        <legend class={css.legend}>{t.recovery.form.legend}</legend>
        <div class={css.grid} dir="ltr">
          {words.value.map((word, at) => {
            const mistake = wrong.find((one) => one.at === at)
            return (
              <div key={at} class={css.cell}>
                <label class={`${css.field} ${mistake === undefined ? "" : css.wrong}`}>
                  <span class={css.place} aria-hidden="true">
                    {at + 1}
                  </span>
                  <input
                    class={css.input}
                    data-word={at}
                    aria-label={t.recovery.form.word(at + 1)}
                    aria-invalid={mistake !== undefined}
                    aria-describedby={mistake === undefined ? undefined : `nearest-${at}`}
                    value={word}
                    autoComplete="off"
                    autoCapitalize="none"
                    autoCorrect="off"
                    spellcheck={false}
                    enterKeyHint={at === wordCount - 1 ? "done" : "next"}
                    onInput={(event) => change(at, event.currentTarget.value)}
                    onKeyDown={(event) => {
                      // A space ends a word, as it does on paper.
                      if (event.key !== " " && !(event.key === "Enter" && at < wordCount - 1)) return
                      event.preventDefault()
                      if (event.currentTarget.value !== "") focus(at + 1)
                    }}
                  />
                </label>
                {mistake !== undefined && (
                  <div class={css.nearest} id={`nearest-${at}`}>
                    <span class={css.mistake}>{mistake.nearest.length === 0 ? t.recovery.form.unknownOne : t.recovery.form.nearest}</span>
                    {mistake.nearest.map((near) => (
                      <button
                        key={near}
                        type="button"
                        class={css.take}
                        aria-label={t.recovery.form.take(near, at + 1)}
                        onClick={() => {
                          words.value = words.peek().with(at, near)
                          if (check.peek()?.status === "unknown_words")
                            check.value = { status: "unknown_words", wrong: wrong.filter((one) => one.at !== at) }
                          focus(at)
                        }}
                      >
                        {near}
                      </button>
                    ))}
                  </div>
                )}
              </div>
            )
          })}
        </div>
      </fieldset>
      {problem === undefined ? <p class={css.hint}>{t.recovery.form.paste}</p> : <Caution role="alert">{problem}</Caution>}
      <Button type="submit" look="primary" wide busy={props.busy}>
        {props.submit}
      </Button>
      {props.after}
    </form>
  )
}

function problemOf(check: WordsCheck): string | undefined {
  switch (check.status) {
    case "right":
      return undefined
    case "unknown_words":
      return check.wrong.length === 0 ? undefined : t.recovery.form.unknown(check.wrong.length)
    case "wrong_count":
      return t.recovery.form.missing(wordCount - check.count)
    case "wrong_checksum":
      return t.recovery.form.checksum
    case "other_account":
      return t.recovery.form.otherAccount
  }
}
