// Data that one screen reads from the device: loading, loaded, or failed with a way to try again.

import { useCallback, useEffect, useRef, useState } from "preact/hooks"
import { HostError } from "../host/host.ts"
import { partText } from "../text/part-text.ts"

export interface Loaded<T> {
  readonly value: T | undefined
  readonly failure: HostError | undefined
  readonly reload: () => void
}

/** Reads again when an entry of `when` changes. The old value stays until the new one is there. */
export function useLoad<T>(read: () => Promise<T>, when: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ readonly value: T | undefined; readonly failure: HostError | undefined }>({
    value: undefined,
    failure: undefined,
  })
  const turn = useRef(0)
  const reload = useCallback(() => {
    const mine = ++turn.current
    read().then(
      (value) => mine === turn.current && setState({ value, failure: undefined }),
      (error: unknown) =>
        mine === turn.current &&
        setState((old) => ({
          value: old.value,
          failure: error instanceof HostError ? error : new HostError("unexpected", partText.notLoaded),
        })),
    )
  }, when)
  useEffect(reload, [reload])
  return { ...state, reload }
}
