// One address for a server on one's own machine. A browser keeps what `localhost` stored apart from what `127.0.0.1` stored: somebody who
// typed the other name would look at an empty app and believe that the account is gone.

import { isLoopbackOrigin } from "../core/address.ts"

/**
 * Where a request for a page goes instead: to this server's own name, when `host` (the Host header) is another name of this machine.
 * Undefined when the page is answered as it is.
 */
export function otherAddress(origin: string, host: string | undefined, pathAndQuery: string): string | undefined {
  if (host === undefined || host === origin || !isLoopbackOrigin(origin) || !isLoopbackOrigin(host)) return undefined
  // A tunnel or a container listens on another port than the server knows of: there the origin's address leads nowhere.
  if (portOf(host) !== portOf(origin)) return undefined
  // Two slashes at the start would be read as another host.
  return `http://${origin}/${pathAndQuery.replace(/^[/\\]+/, "")}`
}

function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? "80"
}
