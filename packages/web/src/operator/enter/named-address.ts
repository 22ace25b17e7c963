// Where the console can be opened by name, for somebody who opened it by an IP address.

import { isAddress } from "../passkeys.ts"

/** The console's address by name: the server's own, or localhost on the machine itself. */
export function namedAddress(
  location: { readonly protocol: string; readonly hostname: string; readonly port: string; readonly pathname: string },
  origin: string,
): string | undefined {
  const originHost = origin.replace(/:\d+$/, "")
  if (!isAddress(originHost)) return `${originHost === "localhost" ? location.protocol : "https:"}//${origin}${location.pathname}`
  if (!/^127\.|^\[::1\]$/.test(location.hostname)) return undefined
  return `${location.protocol}//localhost${location.port === "" ? "" : `:${location.port}`}${location.pathname}`
}
