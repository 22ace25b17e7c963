import { type OperatorRole, operatorPersonInvite, operatorRoles } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { Field } from "../../part/field.tsx"
import { useConsole } from "../context.ts"
import { RadioGroup } from "../part/choice.tsx"
import { Failure } from "../part/failure.tsx"
import { useAct, useLeave, useProof } from "../part/use-act.ts"
import { roleWords, sentence } from "../text/words.ts"
import css from "./people.module.css"

/** As the server takes them. */
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
  const leave = useLeave(act, props.onClose)
  const typed = useSignal("")
  const role = useSignal<OperatorRole>("operator")
  const tried = useSignal(false)
  const name = typed.value.trim()
  const error = namePattern.test(name)
    ? undefined
    : name === ""
      ? "Give a name."
      : "Letters, digits, spaces, dots and hyphens, at most 64 of them."
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    tried.value = true
    if (error !== undefined) return
    void act.run(async () => {
      const made = await client.call(operatorPersonInvite, { name, role: role.value, proof: await proof("people", name) })
      props.onMade({ name, ...made })
    })
  }
  return (
    <Dialog title="Invite a person" onClose={leave}>
      <form class={css.dialog} onSubmit={submit} noValidate>
        <Field
          label="Name"
          value={typed.value}
          onInput={(value) => (typed.value = value)}
          error={tried.value ? error : undefined}
          maxLength={64}
          hint="As the others here know them. It stands in the log and stays."
        />
        <RadioGroup<OperatorRole>
          legend="Role"
          value={role.value}
          onChange={(value) => (role.value = value)}
          options={operatorRoles.map((value) => ({
            value,
            label: roleWords[value].name,
            hint: sentence(roleWords[value].does),
          }))}
        />
        <Failure failure={act.failure.value} />
        <div class={css.dialogActions}>
          <Button look="quiet" onClick={leave}>
            Cancel
          </Button>
          <Button look="primary" type="submit" icon="lock" busy={act.busy.value}>
            Make the link
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
