// The present moment for what counts down: a screen that needs it is drawn again every second.

import { useEffect, useState } from "preact/hooks"

export function useNow(running: boolean): number {
  const [, setTick] = useState(0)
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(() => setTick((tick) => tick + 1), 1000)
    return () => clearInterval(timer)
  }, [running])
  return Date.now()
}
