// The Tab key stops once at a whole list; the arrow keys move inside it.

import type { RefObject } from "preact"

export interface Roving {
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onFocusIn: (event: FocusEvent) => void
}

/** The list's items are the elements with `data-roving`. */
export function useRoving(list: RefObject<HTMLElement | null>): Roving {
  const items = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[data-roving]") ?? [])]
  return {
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return
      const all = items()
      const at = all.findIndex((item) => item === document.activeElement)
      if (at < 0) return
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
      if (to === undefined) return
      event.preventDefault()
      all[Math.max(0, Math.min(all.length - 1, to))]?.focus()
    },
    onFocusIn(event) {
      const focused = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-roving]") : null
      if (focused === null) return
      for (const item of items()) item.tabIndex = item === focused ? 0 : -1
    },
  }
}
