// A part of a screen whose code is loaded when it is first shown.

import { useSignal } from "@preact/signals"
import type { ComponentType, JSX } from "preact"
import { useEffect } from "preact/hooks"

/** `Meanwhile` is drawn until the code is there, in the same place. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Meanwhile: ComponentType<Props> = () => null,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined
  return function Later(props: Props): JSX.Element {
    const count = useSignal(0)
    useEffect(() => {
      if (Loaded !== undefined) return
      // Without a connection it is tried again when the part is shown the next time.
      load().then(
        (component) => {
          Loaded = component
          count.value++
        },
        () => undefined,
      )
    }, [])
    void count.value
    return Loaded === undefined ? <Meanwhile {...props} /> : <Loaded {...props} />
  }
}
