// Zooming and moving a picture, for the wheel, one or two fingers, keys and a double click.

import { useSignal } from "@preact/signals"
import type { Ref } from "preact"
import { useEffect, useRef } from "preact/hooks"

const most = 8
const clickScale = 2.5

interface Place {
  readonly scale: number
  /** Of the picture's middle from the stage's, in pixels. */
  readonly x: number
  readonly y: number
}

export interface Zoom {
  readonly stage: Ref<HTMLDivElement>
  readonly transform: string
  readonly isIn: boolean
  by(factor: number): void
  toggle(): void
  reset(): void
}

const whole: Place = { scale: 1, x: 0, y: 0 }

/** `about`: another picture is shown as a whole. */
export function useZoom(about: string): Zoom {
  const stage = useRef<HTMLDivElement>(null)
  const place = useSignal<Place>(whole)
  const set = (next: Place): void => {
    const element = stage.current
    const scale = Math.max(1, Math.min(most, next.scale))
    const [width, height] = [element?.clientWidth ?? 0, element?.clientHeight ?? 0]
    const within = (value: number, side: number): number => Math.max(-((scale - 1) * side) / 2, Math.min(((scale - 1) * side) / 2, value))
    place.value = scale === 1 ? whole : { scale, x: within(next.x, width), y: within(next.y, height) }
  }
  /** The point under `at`, from the stage's middle, stays where it is. */
  const zoom = (factor: number, at: { readonly x: number; readonly y: number } = { x: 0, y: 0 }): void => {
    const { scale, x, y } = place.peek()
    const next = Math.max(1, Math.min(most, scale * factor))
    set({ scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale })
  }
  useEffect(() => {
    place.value = whole
  }, [about])
  useEffect(() => {
    const element = stage.current
    if (element === null) return undefined
    const fingers = new Map<number, { x: number; y: number }>()
    const fromMiddle = (point: { readonly clientX: number; readonly clientY: number }): { x: number; y: number } => {
      const box = element.getBoundingClientRect()
      return { x: point.clientX - box.left - box.width / 2, y: point.clientY - box.top - box.height / 2 }
    }
    const distance = (): number => {
      const [a, b] = [...fingers.values()]
      return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
    }
    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), fromMiddle(event))
    }
    const double = (event: MouseEvent): void => (place.peek().scale > 1 ? set(whole) : zoom(clickScale, fromMiddle(event)))
    const down = (event: PointerEvent): void => {
      if (event.target instanceof HTMLImageElement) element.setPointerCapture(event.pointerId)
      fingers.set(event.pointerId, fromMiddle(event))
    }
    const move = (event: PointerEvent): void => {
      const before = fingers.get(event.pointerId)
      if (before === undefined) return
      const spread = distance()
      const now = fromMiddle(event)
      fingers.set(event.pointerId, now)
      if (fingers.size === 2 && spread > 0) zoom(distance() / spread, now)
      else if (fingers.size === 1 && place.peek().scale > 1) {
        const { scale, x, y } = place.peek()
        set({ scale, x: x + now.x - before.x, y: y + now.y - before.y })
      }
    }
    const up = (event: PointerEvent): void => void fingers.delete(event.pointerId)
    const listeners = { wheel, dblclick: double, pointerdown: down, pointermove: move, pointerup: up, pointercancel: up } as const
    for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener, { passive: false })
    return () => {
      for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener as EventListener)
    }
  }, [])
  const { scale, x, y } = place.value
  return {
    stage,
    transform: `translate(${x}px, ${y}px) scale(${scale})`,
    isIn: scale > 1,
    by: (factor) => zoom(factor),
    toggle: () => (place.peek().scale > 1 ? set(whole) : zoom(clickScale)),
    reset: () => set(whole),
  }
}
