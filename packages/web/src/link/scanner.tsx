// The camera, looking for a linking code. Its pictures never leave this page, and it is off as soon as this is gone.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import { createCodeReader } from "./read-code.ts"
import css from "./scanner.module.css"

const everyMs = 150
type State = "asking" | "looking" | "none" | "refused" | "busy"

export function Scanner(props: {
  /** Answers whether it was the right kind of code. The camera goes on until then. */
  readonly onCode: (text: string) => boolean
  readonly onType: () => void
  /** For screens that are shown without a camera. */
  readonly openCamera?: () => Promise<MediaStream>
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null)
  const state = useSignal<State>("asking")
  const isOther = useSignal(false)
  const turn = useSignal(0)
  useEffect(() => {
    let over = false
    let stream: MediaStream | undefined
    const look = async (): Promise<void> => {
      try {
        stream = await (props.openCamera ?? openCamera)()
      } catch (error) {
        if (!over) state.value = stateOf(error)
        return
      }
      if (over || video.current === null) return stop(stream)
      video.current.srcObject = stream
      await video.current.play().catch(() => undefined)
      state.value = "looking"
      const reader = await createCodeReader()
      while (!over && video.current !== null) {
        const text = await reader.read(video.current).catch(() => undefined)
        if (over) return
        if (text !== undefined && text !== "") {
          if (props.onCode(text)) return
          isOther.value = true
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
    state.value = "asking"
    look().catch(() => (state.value = "busy"))
    return () => {
      over = true
      stop(stream)
    }
  }, [turn.value])

  const obstacle = obstacles(state.value)
  if (obstacle !== undefined) {
    return (
      <div class={css.obstacle} role="alert">
        <span class={css.mark}>
          <Icon name="camera-off" size={26} />
        </span>
        <h3 class={css.title}>{obstacle.title}</h3>
        <p class={css.words}>{obstacle.words}</p>
        <div class={css.actions}>
          <Button look="primary" icon="keyboard" onClick={props.onType}>
            {t.link.camera.typeInstead}
          </Button>
          <Button look="quiet" onClick={() => void turn.value++}>
            {partText.tryAgain}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div class={css.scanner}>
      <div class={css.frame}>
        <video ref={video} class={css.video} muted playsInline aria-label={t.link.camera.label} />
        <span class={css.corners} aria-hidden="true" />
      </div>
      <p class={isOther.value ? css.other : css.words} role="status">
        {isOther.value ? t.link.camera.other : state.value === "asking" ? t.link.camera.asking : t.link.camera.look}
      </p>
      <Button look="quiet" icon="keyboard" onClick={props.onType}>
        {t.link.camera.typeInstead}
      </Button>
    </div>
  )
}

async function openCamera(): Promise<MediaStream> {
  if (navigator.mediaDevices?.getUserMedia === undefined) throw new DOMException("", "NotFoundError")
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } })
}

function stop(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

function stateOf(error: unknown): State {
  const name = error instanceof Error ? error.name : ""
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none"
  return name === "NotAllowedError" || name === "SecurityError" ? "refused" : "busy"
}

function obstacles(state: State): { readonly title: string; readonly words: string } | undefined {
  switch (state) {
    case "none":
      return { title: t.link.camera.none, words: t.link.camera.noneWords }
    case "refused":
      return { title: t.link.camera.refused, words: t.link.camera.refusedWords }
    case "busy":
      return { title: t.link.camera.busy, words: t.link.camera.busyWords }
    default:
      return undefined
  }
}
