import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { useOpenChat } from "../app/use-open-chat.ts"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { Pane } from "../part/pane.tsx"
import { PeoplePicker } from "./people-picker.tsx"
import { t } from "../text/catalogue.ts"
import css from "./new-group.module.css"

/** Creates a group from a name and some people. The person who creates it is its admin. */
export function NewGroup(): JSX.Element {
  const openChat = useOpenChat()
  const { device, attempt } = useModel()
  const name = useSignal("")
  const chosen = useSignal<ReadonlyMap<string, string>>(new Map())
  const busy = useSignal(false)
  const create = async (): Promise<void> => {
    busy.value = true
    await attempt(t.people.group.notCreated, () =>
      openChat(() => device.createGroup({ name: name.peek().trim(), accountIds: [...chosen.peek().keys()] })),
    )
    busy.value = false
  }
  const count = chosen.value.size
  return (
    <Pane
      title={t.people.group.create}
      leave="back"
      level="h1"
      foot={
        <div class={css.foot}>
          <Button look="primary" wide busy={busy.value} disabled={showsNothing(name.value) || count === 0} onClick={() => void create()}>
            {t.people.group.createIt(count)}
          </Button>
        </div>
      }
    >
      <div class={css.form}>
        <Field
          label={t.people.group.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          seenBy={t.people.group.nameSeenBy}
          autoFocus
        />
        <PeoplePicker chosen={chosen} without={[]} />
      </div>
    </Pane>
  )
}
