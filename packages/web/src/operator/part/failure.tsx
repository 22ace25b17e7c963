import type { JSX } from "preact"
import type { HostError } from "../../host/host.ts"
import { Icon } from "../../icon/icon.tsx"
import css from "./message.module.css"

/** Why the last action failed. It is announced at once and goes with the next try. */
export function Failure(props: { readonly failure: HostError | undefined }): JSX.Element {
  return (
    <div role="alert" class={css.place}>
      {props.failure !== undefined && (
        <p class={css.caution}>
          <Icon name="triangle-alert" size={18} />
          <span dir="auto">{props.failure.message}</span>
        </p>
      )}
    </div>
  )
}
