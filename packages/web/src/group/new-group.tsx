import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useOpenChat } from "../app/use-open-chat.ts"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { Pane } from "../part/pane.tsx"
import { PeoplePicker } from "./people-picker.tsx"
import css from "./new-group.module.css"

/** A name and some people; whoever makes the group is its admin. */
export function NewGroup(): JSX.Element {
  const openChat = useOpenChat()
  const { device, attempt } = useModel()
  const name = useSignal("")
  const chosen = useSignal<ReadonlyMap<string, string>>(new Map())
  const busy = useSignal(false)
  const create = async (): Promise<void> => {
    busy.value = true
    await attempt("The group was not made.", () =>
      openChat(() => device.createGroup({ name: name.peek().trim(), accountIds: [...chosen.peek().keys()] })),
    )
    busy.value = false
  }
  const count = chosen.value.size
  return (
    <Pane
      title="New group"
      leave="back"
      level="h1"
      foot={
        <div class={css.foot}>
          <Button look="primary" wide busy={busy.value} disabled={showsNothing(name.value) || count === 0} onClick={() => void create()}>
            {count === 0 ? "Create group" : count === 1 ? "Create group with 1 person" : `Create group with ${count} people`}
          </Button>
        </div>
      }
    >
      <div class={css.form}>
        <Field
          label="Name of the group"
          value={name.value}
          onInput={(value) => (name.value = value)}
          seenBy="Only the people in the group see it. The server does not."
          autoFocus
        />
        <PeoplePicker chosen={chosen} without={[]} />
      </div>
    </Pane>
  )
}
