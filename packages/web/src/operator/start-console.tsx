import { signal } from "@preact/signals"
import { render } from "preact"
import { createAppearance } from "../app/appearance.ts"
import { Mishap, drawOrSay } from "../app/mishap.tsx"
import { siteStorage } from "../host/site-storage.ts"
import { readerLocale } from "../text/reader-locale.ts"
import { createCalendar } from "../text/time.ts"
import { type Console, ConsoleContext, type Notice } from "./context.ts"
import type { ConsoleClient } from "./console-client.ts"
import { Gate } from "./gate.tsx"
import type { Passkeys } from "./passkeys.ts"
import { createPlaces, parseEnrolment } from "./place.ts"
import type { Session } from "./session.ts"
import "../style/tokens.css"
import "../style/base.css"

const noticeMs = 6000

/** Draws the console. A code in the address is taken once and then cleaned away, so that neither history nor a reload holds it. */
export function startConsole(ports: { readonly client: ConsoleClient; readonly passkeys: Passkeys; readonly session: Session }): void {
  const enrolment = parseEnrolment(window.location.hash)
  if (enrolment !== undefined) window.history.replaceState(null, "", `${window.location.pathname}${window.location.search}#/overview`)
  const notices = signal<readonly Notice[]>([])
  let nextId = 1
  const console: Console = {
    ...ports,
    places: createPlaces(window),
    calendar: createCalendar({ locale: readerLocale(navigator.languages) }),
    notices,
    say(text) {
      const id = nextId++
      notices.value = [...notices.value.slice(-2), { id, text }]
      setTimeout(() => {
        notices.value = notices.value.filter((notice) => notice.id !== id)
      }, noticeMs)
    },
    draft: signal(undefined),
    enrolment: signal(enrolment),
  }
  createAppearance(document.documentElement, siteStorage(window, "localStorage"))
  const root = document.getElementById("app")
  if (root === null) return
  drawOrSay(root, () =>
    render(
      <ConsoleContext.Provider value={console}>
        <Mishap>
          <Gate />
        </Mishap>
      </ConsoleContext.Provider>,
      root,
    ),
  )
}
