import { render } from "preact"
import { createArrival } from "./app/arrival.ts"
import { AppContext, type App } from "./app/context.ts"
import { createAppearance } from "./app/appearance.ts"
import { createRouter, parseArrival } from "./app/route.ts"
import { createToday } from "./app/today.ts"
import { Gate } from "./app/gate.tsx"
import { Mishap, drawOrSay } from "./app/mishap.tsx"
import type { Host } from "./host/host.ts"
import { siteStorage } from "./host/site-storage.ts"
import { readerLocale } from "./text/reader-locale.ts"
import { createCalendar } from "./text/time.ts"
import "./style/tokens.css"
import "./style/base.css"

/** Draws the app on a host. The address that led here is understood once and then cleaned, so that a reload does not repeat it. */
export function start(createHost: () => Host): void {
  const root = document.getElementById("app")
  if (root === null) return
  drawOrSay(root, () => {
    const arrival = parseArrival(window.location)
    if (window.location.pathname !== "/" || arrival.link !== undefined) window.history.replaceState(null, "", "/")
    const calendar = createCalendar({ locale: readerLocale(navigator.languages) })
    const app: App = {
      host: createHost(),
      router: createRouter(window),
      appearance: createAppearance(document.documentElement, siteStorage(window, "localStorage")),
      calendar,
      today: createToday(window, calendar, Date.now),
      arrival: createArrival(arrival, siteStorage(window, "sessionStorage")),
    }
    render(
      <AppContext.Provider value={app}>
        <Mishap>
          <Gate />
        </Mishap>
      </AppContext.Provider>,
      root,
    )
  })
}
