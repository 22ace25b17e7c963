// The operator's console on the real thing: this server's routes, this browser's passkeys.

import { siteStorage } from "../host/site-storage.ts"
import { createConsoleClient } from "./console-client.ts"
import { createBrowserPasskeys } from "./passkeys.ts"
import { createSession } from "./session.ts"
import { startConsole } from "./start-console.tsx"

const session = createSession(siteStorage(window, "sessionStorage"), () => Date.now())
const token = (): string | undefined => {
  const state = session.state.peek()
  return state.status === "in" ? state.token : undefined
}

startConsole({
  session,
  passkeys: createBrowserPasskeys(window),
  client: createConsoleClient({
    fetch: (path, init) => window.fetch(path, init),
    token,
    // A late answer to somebody who has signed out or in again meanwhile ends nothing.
    onUnauthorized: (refused) => refused === token() && session.end("idle"),
    onUse: session.used,
  }),
})
