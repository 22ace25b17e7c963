import type { JSX } from "preact"
import type { IconName } from "./names.ts"
import sprite from "./sprite.svg?url"

/** Decoration only: the words beside it or the label of its button say what it means. */
export function Icon(props: { readonly name: IconName; readonly size?: number; readonly class?: string | undefined }): JSX.Element {
  const size = props.size ?? 20
  return (
    <svg
      class={props.class}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <use href={`${sprite}#${props.name}`} />
    </svg>
  )
}
