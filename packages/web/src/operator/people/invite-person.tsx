import { type OperatorRole, operatorPersonInvite, operatorRoles } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Field } from "../../part/field.tsx"
import { useConsole } from "../context.ts"
import { RadioGroup } from "../part/choice.tsx"
import { ActDialog } from "../part/act-dialog.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { t } from "../text/catalogue.ts"

/** The names that the server accepts. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u

export interface MadeLink {
  readonly name: string
  readonly link: string
  readonly expiresAtMs: number
}

export function InvitePerson(props: { readonly onMade: (made: MadeLink) => void; readonly onClose: () => void }): JSX.Element {
  const { client } = useConsole()
  const proof = useProof()
  const act = useAct()
  const typed = useSignal("")
  const role = useSignal<OperatorRole>("operator")
  const tried = useSignal(false)
  const name = typed.value.trim()
  const error = namePattern.test(name) ? undefined : name === "" ? t.people.form.nameMissing : t.people.form.nameForm
  const submit = (): void => {
    tried.value = true
    if (error !== undefined) return
    void act.run(async () => {
      const made = await client.call(operatorPersonInvite, { name, role: role.value, proof: await proof("people", name) })
      props.onMade({ name, ...made })
    })
  }
  return (
    <ActDialog title={t.people.invite} act={act} confirm={t.people.form.make} icon="lock" form onConfirm={submit} onClose={props.onClose}>
      <Field
        label={t.people.form.name}
        value={typed.value}
        onInput={(value) => (typed.value = value)}
        error={tried.value ? error : undefined}
        maxLength={64}
        hint={t.people.form.nameHint}
      />
      <RadioGroup<OperatorRole>
        legend={t.people.role.legend}
        value={role.value}
        onChange={(value) => (role.value = value)}
        options={operatorRoles.map((value) => ({
          value,
          label: t.terms.roles[value].name,
          hint: t.terms.roles[value].does,
        }))}
      />
    </ActDialog>
  )
}
