// Whether the words on the paper are the right ones. They are looked at on this device.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { partText } from "../text/part-text.ts"
import { WordsForm, noWords } from "./words-form.tsx"
import { t } from "../text/catalogue.ts"
import css from "./recovery-pages.module.css"

export function CheckPage(): JSX.Element {
  const { device, notify } = useModel()
  const words = useSignal(noWords)
  const busy = useSignal(false)
  const right = useSignal(false)
  return (
    <div class={css.page}>
      <p class={css.lead}>{t.recovery.check.lead}</p>
      <WordsForm
        words={words}
        submit={t.recovery.check.check}
        busy={busy.value}
        onSubmit={async (given) => {
          busy.value = true
          right.value = false
          const check = await device.checkRecoveryWords(given).catch((error: unknown) => {
            notify(error instanceof HostError ? error.message : partText.unexpected)
            return undefined
          })
          busy.value = false
          right.value = check?.status === "right"
          return check
        }}
      />
      <p class={right.value ? css.right : ""} role="status">
        {right.value && (
          <>
            <Icon name="circle-check" size={20} />
            <span>{t.recovery.check.right}</span>
          </>
        )}
      </p>
    </div>
  )
}
