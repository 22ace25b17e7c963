import type { AccountView } from "@nodoor/client"

/** The link by which others find this account. */
export function ownLink(account: AccountView): string {
  return new URL(`/@${account.handle}`, account.serverUrl).href
}
