// The code that another device shows, typed or pasted. What exactly is a code is the library's business; this only takes it.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { HostError } from "../host/host.ts"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./link-screen.module.css"

export function CodeForm(props: { readonly initial?: string; readonly onCode: (code: string) => Promise<void> }): JSX.Element {
  const code = useSignal(props.initial ?? "")
  const error = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (code.peek().trim() === "") return void (error.value = t.link.code.empty)
    busy.value = true
    try {
      await props.onCode(code.peek().trim())
    } catch (reason) {
      error.value = reason instanceof HostError ? reason.message : partText.unexpected
    }
    busy.value = false
  }
  return (
    <form class={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <Field
        label={t.link.code.label}
        value={code.value}
        onInput={(value) => {
          code.value = value
          error.value = undefined
        }}
        error={error.value}
        hint={t.link.code.hint}
        maxLength={400}
        mono
        autoFocus
      />
      <Button type="submit" look="primary" wide busy={busy.value}>
        {t.link.code.connect}
      </Button>
    </form>
  )
}
