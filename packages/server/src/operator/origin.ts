// The server's origin: the name and port by which people reach it. Accounts are bound to it by their signatures, so the first one stays.

import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { isLoopback } from "../core/address.ts"
import { ServerError } from "../core/server-error.ts"
import type { Store } from "../accounts/store/store.ts"

/**
 * The configured origin, or the one in the database, or one made of host and port.
 * @throws ServerError `origin_changed`; `config_invalid` if the server listens on every address and no origin was set
 */
export async function settleOrigin(
  store: Pick<Store, "notedSetting" | "setting" | "replaceSetting" | "countAccounts">,
  { wanted, host, port }: { readonly wanted: string | undefined; readonly host: string; readonly port: number },
): Promise<string> {
  if (wanted === undefined && isWildcard(host) && (await store.notedSetting({ name: "origin" })) === undefined)
    throw new ServerError(
      "config_invalid",
      "NODOOR_ORIGIN is not set. Set it to the name people will use to reach this server, for example chat.example.org. Accounts are bound to it.",
    )
  const otherwise = `${isLoopback(host) ? "localhost" : host}:${port}`
  const noted = fromUtf8(await store.setting({ name: "origin", value: toUtf8(wanted ?? otherwise) }))
  if (wanted === undefined || wanted === noted) return noted
  if ((await store.countAccounts({})) > 0)
    throw new ServerError(
      "origin_changed",
      `The accounts on this server are bound to ${noted} by their signatures. Set NODOOR_ORIGIN=${noted}, or start with an empty data directory.`,
    )
  await store.replaceSetting({ name: "origin", value: toUtf8(wanted) })
  return wanted
}

/** Every address of the machine is not a name that accounts could be bound to. */
function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === ""
}
