// A modal question or panel, made of the browser's own <dialog>, which keeps the focus inside and returns it.

import type { ComponentChildren, JSX } from "preact"
import { useId, useLayoutEffect, useRef } from "preact/hooks"
import { Button } from "./button.tsx"
import { partText } from "../text/part-text.ts"
import css from "./dialog.module.css"

export interface DialogProps {
  readonly title: string
  readonly children: ComponentChildren
  readonly onClose: () => void
  /** `alertdialog` for alarms: the focus goes to the heading. */
  readonly role?: "dialog" | "alertdialog"
  readonly look?: "panel" | "top" | "full"
  readonly hideTitle?: boolean
}

export function Dialog(props: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  // Focus before the next key arrives: keys typed right after Ctrl+K belong to the dialog.
  useLayoutEffect(() => {
    const element = dialog.current
    if (element === null || element.open) return undefined
    element.showModal()
    if (props.role === "alertdialog") heading.current?.focus()
    return () => element.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      role={props.role}
      class={`${css.dialog} ${css[props.look ?? "panel"]}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current && props.look !== "full") props.onClose()
      }}
    >
      <div class={css.content}>
        <h2 id={id} ref={heading} tabIndex={-1} class={props.hideTitle === true ? "visually-hidden" : css.title}>
          {props.title}
        </h2>
        {props.children}
      </div>
    </dialog>
  )
}

export interface ConfirmProps {
  readonly title: string
  readonly children: ComponentChildren
  readonly confirm: string
  /** The action cannot be undone. */
  readonly final?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function Confirm(props: ConfirmProps): JSX.Element {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div class={css.body}>{props.children}</div>
      <div class={css.actions}>
        <Button look="quiet" onClick={props.onClose} autoFocus>
          {partText.cancel}
        </Button>
        <Button look={props.final === true ? "alarm" : "primary"} onClick={props.onConfirm}>
          {props.confirm}
        </Button>
      </div>
    </Dialog>
  )
}
