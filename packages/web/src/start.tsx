import { signal } from "@preact/signals"
import { render } from "preact"
import { AppContext, type App } from "./app/context.ts"
import { createAppearance } from "./app/appearance.ts"
import { createRouter, parseArrival } from "./app/route.ts"
import { Gate } from "./app/gate.tsx"
import type { Host } from "./host/host.ts"
import { createCalendar } from "./text/time.ts"
import "./style/tokens.css"
import "./style/base.css"

/** Draws the app on `host`. The address that led here is understood once and then cleaned, so that a reload does not repeat it. */
export function start(host: Host): void {
  const arrival = parseArrival(window.location)
  if (window.location.pathname !== "/") window.history.replaceState(null, "", "/")
  const app: App = {
    host,
    router: createRouter(window),
    appearance: createAppearance(document.documentElement, window.localStorage),
    calendar: createCalendar({ locale: navigator.language }),
    arrival: signal(arrival),
  }
  const root = document.getElementById("app")
  if (root !== null) {
    render(
      <AppContext.Provider value={app}>
        <Gate />
      </AppContext.Provider>,
      root,
    )
  }
}
