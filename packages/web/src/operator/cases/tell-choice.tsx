// Whether the people named are told. They are, unless somebody decides otherwise.

import type { JSX } from "preact"
import { RadioGroup } from "../part/choice.tsx"
import { dayText } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"

export function TellChoice(props: {
  readonly gagUntil: string | undefined
  readonly tell: boolean
  readonly onChange: (tell: boolean) => void
}): JSX.Element {
  const { gagUntil } = props
  return (
    <RadioGroup
      legend={t.cases.telling.legend}
      value={props.tell ? "tell" : "silent"}
      onChange={(value) => props.onChange(value === "tell")}
      options={[
        {
          value: "tell",
          label: gagUntil === undefined ? t.cases.telling.now : t.cases.telling.later,
          hint: gagUntil === undefined ? t.cases.telling.nowHint : t.cases.telling.laterHint(dayText(gagUntil)),
        },
        { value: "silent", label: t.cases.telling.no, hint: t.cases.telling.noHint },
      ]}
    />
  )
}
