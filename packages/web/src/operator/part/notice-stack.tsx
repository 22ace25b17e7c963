import type { JSX } from "preact"
import css from "../../part/notices.module.css"
import { useConsole } from "../context.ts"

/** Short answers to what was just done. They disappear on their own. */
export function NoticeStack(): JSX.Element {
  const { notices } = useConsole()
  return (
    <div class={css.stack} role="status" aria-live="polite">
      {notices.value.map((notice) => (
        <div key={notice.id} class={css.notice}>
          <span class={css.text} dir="auto">
            {notice.text}
          </span>
        </div>
      ))}
    </div>
  )
}
