// Whether the people named are told. Telling them is what happens if nobody decides otherwise.

import type { JSX } from "preact"
import { RadioGroup } from "../part/choice.tsx"
import { dayText } from "../text/amount.ts"

export function TellChoice(props: {
  readonly gagUntil: string | undefined
  readonly tell: boolean
  readonly onChange: (tell: boolean) => void
}): JSX.Element {
  const { gagUntil } = props
  return (
    <RadioGroup
      legend="The people named"
      value={props.tell ? "tell" : "silent"}
      onChange={(value) => props.onChange(value === "tell")}
      options={[
        {
          value: "tell",
          label: gagUntil === undefined ? "Are told at once" : "Are told when the gag ends",
          hint:
            gagUntil === undefined
              ? "In their app, with what was asked for and how it ended."
              : `In their app, after ${dayText(gagUntil)}.`,
        },
        { value: "silent", label: "Are not told", hint: "The public notice says that they were not." },
      ]}
    />
  )
}
