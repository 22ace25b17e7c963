import type { ComponentChildren, JSX, Ref } from "preact"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./button.module.css"

export interface ButtonProps {
  readonly children: ComponentChildren
  readonly onClick?: ((event: MouseEvent) => void) | undefined
  /** One `primary` per surface. `alarm` only for what cannot be undone. */
  readonly look?: "primary" | "plain" | "quiet" | "link" | "alarm"
  readonly icon?: IconName
  readonly type?: "button" | "submit"
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly wide?: boolean
  readonly autoFocus?: boolean
}

export function Button(props: ButtonProps): JSX.Element {
  const { look = "plain", icon, busy = false, disabled = false } = props
  return (
    <button
      type={props.type ?? "button"}
      class={`${css.button} ${css[look]} ${props.wide === true ? css.wide : ""}`}
      disabled={disabled}
      aria-busy={busy}
      aria-disabled={busy}
      autoFocus={props.autoFocus ?? false}
      onClick={busy ? undefined : props.onClick}
    >
      {busy ? <span class={css.spinner} /> : icon !== undefined && <Icon name={icon} size={18} />}
      <span>{props.children}</span>
    </button>
  )
}

export interface IconButtonProps {
  readonly icon: IconName
  /** What it does, for the tooltip and for people who cannot see the icon. */
  readonly label: string
  readonly onClick?: ((event: MouseEvent & { readonly currentTarget: HTMLElement }) => void) | undefined
  readonly size?: number
  readonly type?: "button" | "submit"
  readonly disabled?: boolean
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly class?: string | undefined
  readonly tabIndex?: number
  readonly buttonRef?: Ref<HTMLButtonElement>
}

export function IconButton(props: IconButtonProps): JSX.Element {
  return (
    <button
      ref={props.buttonRef ?? null}
      type={props.type ?? "button"}
      class={`${css.icon} ${props.class ?? ""}`}
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled ?? false}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-haspopup={props.expanded === undefined ? undefined : "menu"}
      tabIndex={props.tabIndex ?? 0}
      onClick={props.onClick}
    >
      <Icon name={props.icon} size={props.size ?? 20} />
    </button>
  )
}
