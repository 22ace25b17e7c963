// A menu at a button, a message or the pointer. Arrow keys move in it; Esc or a click elsewhere closes it.

import type { ComponentChildren, JSX } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import css from "./menu.module.css"

export interface MenuItem {
  readonly label: string
  readonly icon: IconName
  readonly run: () => void
  /** Cannot be undone. */
  readonly final?: boolean
}

export interface MenuPlace {
  readonly x: number
  readonly y: number
  /** Which side of the place the menu hangs from. */
  readonly align: "start" | "end"
}

export function placeBelow(element: Element, align: "start" | "end"): MenuPlace {
  const box = element.getBoundingClientRect()
  return { x: align === "start" ? box.left : box.right, y: box.bottom + 4, align }
}

const edgePx = 8

export function Menu(props: {
  readonly label: string
  readonly place: MenuPlace
  readonly items: readonly MenuItem[]
  readonly header?: ComponentChildren
  readonly onClose: () => void
}): JSX.Element {
  const menu = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = menu.current
    if (element === null) return undefined
    const before = document.activeElement
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    const left = props.place.align === "start" ? props.place.x : props.place.x - width
    element.style.left = `${Math.max(edgePx, Math.min(left, window.innerWidth - width - edgePx))}px`
    element.style.top = `${Math.max(edgePx, Math.min(props.place.y, window.innerHeight - height - edgePx))}px`
    element.querySelector<HTMLElement>("[role=menuitem]")?.focus()
    return () => {
      if (element.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
    }
  }, [])
  useEffect(() => {
    const close = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) === true) return
      props.onClose()
    }
    window.addEventListener("pointerdown", close, true)
    window.addEventListener("resize", close)
    return () => {
      window.removeEventListener("pointerdown", close, true)
      window.removeEventListener("resize", close)
    }
  }, [])

  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])]
    const at = items.findIndex((item) => item === document.activeElement)
    const step = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : event.key === "ArrowUp" || event.key === "ArrowLeft" ? -1 : 0
    if (event.key === "Escape" || event.key === "Tab") props.onClose()
    else if (step !== 0) items[(at + step + items.length) % items.length]?.focus()
    else if (event.key === "Home") items[0]?.focus()
    else if (event.key === "End") items.at(-1)?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div ref={menu} popover="manual" role="menu" aria-label={props.label} class={css.menu} onKeyDown={onKeyDown}>
      {props.header}
      {props.items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={`${css.item} ${item.final === true ? css.final : ""}`}
          onClick={() => {
            props.onClose()
            item.run()
          }}
        >
          <Icon name={item.icon} size={18} />
          {item.label}
        </button>
      ))}
    </div>
  )
}
