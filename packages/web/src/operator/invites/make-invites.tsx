import { operatorInviteCreate } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Field } from "../../part/field.tsx"
import { useConsole } from "../context.ts"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"
import css from "./invites.module.css"

export function MakeInvites(props: { readonly onMade: (links: readonly string[]) => void; readonly onClose: () => void }): JSX.Element {
  const { client } = useConsole()
  const act = useAct()
  const label = useSignal("")
  const count = useSignal("1")
  const uses = useSignal("1")
  const days = useSignal("14")
  const tried = useSignal(false)
  const errors = {
    label: label.value.trim() === "" ? t.invites.form.nameMissing : undefined,
    count: wholeError(count.value, 100),
    uses: wholeError(uses.value, 1000),
    days: wholeError(days.value, 365),
  }
  const shown = tried.value ? errors : { label: undefined, count: undefined, uses: undefined, days: undefined }
  const submit = (): void => {
    tried.value = true
    if (Object.values(errors).some((error) => error !== undefined)) return
    void act.run(async () => {
      const wanted = { label: label.value.trim(), count: Number(count.value), uses: Number(uses.value), days: Number(days.value) }
      const { links } = await client.call(operatorInviteCreate, wanted)
      props.onMade(links)
    })
  }
  return (
    <ActDialog title={t.invites.make} act={act} confirm={t.invites.form.make} form onConfirm={submit} onClose={props.onClose}>
      <Field
        label={t.invites.form.name}
        value={label.value}
        onInput={(value) => (label.value = value)}
        error={shown.label}
        maxLength={60}
        hint={t.invites.form.nameHint}
      />
      <div class={css.numbers}>
        <Field
          label={t.invites.form.links}
          value={count.value}
          onInput={(value) => (count.value = value)}
          error={shown.count}
          inputMode="numeric"
        />
        <Field
          label={t.invites.form.uses}
          value={uses.value}
          onInput={(value) => (uses.value = value)}
          error={shown.uses}
          inputMode="numeric"
        />
        <Field
          label={t.invites.form.days}
          value={days.value}
          onInput={(value) => (days.value = value)}
          error={shown.days}
          inputMode="numeric"
        />
      </div>
    </ActDialog>
  )
}

function wholeError(text: string, max: number): string | undefined {
  return /^\d{1,4}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= max ? undefined : t.invites.form.range(max)
}
