import { useRef } from "preact/hooks"

const holdMs = 450
const slackPx = 10

export interface LongPress {
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onPointerMove: (event: PointerEvent) => void
  readonly onPointerUp: () => void
  readonly onPointerCancel: () => void
}

/** A finger held still. With a mouse, the right button does this. */
export function useLongPress(run: (x: number, y: number) => void): LongPress {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const from = useRef({ x: 0, y: 0 })
  const stop = (): void => clearTimeout(timer.current)
  return {
    onPointerDown(event) {
      if (event.pointerType !== "touch") return
      from.current = { x: event.clientX, y: event.clientY }
      timer.current = setTimeout(() => run(from.current.x, from.current.y), holdMs)
    },
    onPointerMove(event) {
      if (Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > slackPx) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  }
}
