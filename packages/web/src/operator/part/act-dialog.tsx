// A dialog for one action: what there is to say and to choose, why it failed, the way out, and the button that does it.

import type { ComponentChildren, JSX } from "preact"
import type { IconName } from "../../icon/names.ts"
import { Button } from "../../part/button.tsx"
import { Dialog } from "../../part/dialog.tsx"
import { partText } from "../../text/part-text.ts"
import css from "./act-dialog.module.css"
import { Failure } from "./failure.tsx"
import { type Act, useLeave } from "./use-act.ts"

export interface ActDialogProps {
  readonly title: string
  readonly act: Pick<Act, "busy" | "failure">
  readonly confirm: string
  readonly onConfirm: () => unknown
  /** Not called while the action runs. */
  readonly onClose: () => void
  readonly look?: "primary" | "alarm"
  readonly icon?: IconName
  readonly disabled?: boolean
  /** Whether Enter in a field does it, too. */
  readonly form?: boolean
  readonly children: ComponentChildren
}

export function ActDialog(props: ActDialogProps): JSX.Element {
  const { act, onConfirm, look = "primary", icon, disabled = false, form = false } = props
  const leave = useLeave(act, props.onClose)
  const confirm = { look, disabled, busy: act.busy.value, ...(icon && { icon }) }
  const inside = (
    <>
      {props.children}
      <Failure failure={act.failure.value} />
      <div class={css.actions}>
        <Button look="quiet" onClick={leave}>
          {partText.cancel}
        </Button>
        {form ? (
          <Button {...confirm} type="submit">
            {props.confirm}
          </Button>
        ) : (
          <Button {...confirm} onClick={() => void onConfirm()}>
            {props.confirm}
          </Button>
        )}
      </div>
    </>
  )
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!disabled) void onConfirm()
  }
  return (
    <Dialog title={props.title} onClose={leave}>
      {form ? (
        <form class={css.body} onSubmit={submit} noValidate>
          {inside}
        </form>
      ) : (
        <div class={css.body}>{inside}</div>
      )}
    </Dialog>
  )
}
