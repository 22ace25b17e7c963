// Somebody who looks at the app sees within seconds when the connection is lost and when it is back.

import { useEffect } from "preact/hooks"
import { useModel } from "./context.ts"

/** Below two seconds, so that the server's return is noticed within two. */
const everyMs = 1_500
/** After this long a server is not just starting again; the device's own pause, up to half a minute, is enough then. */
const closelyForMs = 5 * 60_000

/** Passes on what the browser says of the network, and asks often while the app is in view and the server is not there. */
export function useReconnect(): void {
  const { connection, device } = useModel()
  const offline = connection.value.status === "offline" || connection.value.status === "connecting"
  useEffect(() => {
    // Both events: "offline" may be wrong (a server on this machine is still there), so that the connection is tried either way.
    const look = (): void => void device.reconnect().catch(() => undefined)
    const seen = (): void => {
      if (document.visibilityState === "visible") look()
    }
    window.addEventListener("online", look)
    window.addEventListener("offline", look)
    document.addEventListener("visibilitychange", seen)
    return () => {
      window.removeEventListener("online", look)
      window.removeEventListener("offline", look)
      document.removeEventListener("visibilitychange", seen)
    }
  }, [device])
  useEffect(() => {
    if (!offline) return
    const sinceMs = performance.now()
    const timer = setInterval(() => {
      if (performance.now() - sinceMs > closelyForMs) return clearInterval(timer)
      if (document.visibilityState === "visible") void device.reconnect().catch(() => undefined)
    }, everyMs)
    return () => clearInterval(timer)
  }, [offline, device])
}
