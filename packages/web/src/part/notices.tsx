// Short answers to what somebody just did, at the bottom. They disappear on their own.

import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { IconButton } from "./button.tsx"
import { partText } from "../text/part-text.ts"
import css from "./notices.module.css"

export function Notices(): JSX.Element {
  const model = useModel()
  return (
    <div class={css.stack} role="status" aria-live="polite">
      {model.notices.value.map((notice) => (
        <div key={notice.id} class={css.notice}>
          <span class={css.text}>{notice.text}</span>
          {notice.action !== undefined && (
            <button
              type="button"
              class={css.action}
              onClick={() => {
                model.dismiss(notice.id)
                notice.action?.run()
              }}
            >
              {notice.action.label}
            </button>
          )}
          <IconButton icon="x" label={partText.dismiss} size={16} class={css.close} onClick={() => model.dismiss(notice.id)} />
        </div>
      ))}
    </div>
  )
}
