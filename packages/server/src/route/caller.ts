import { toHex } from "@nodoor/bytes"

/** What rate limits count a signed-in caller by: all devices of an account together. */
export function callerOfAccount(session: { readonly accountId: Uint8Array }): string {
  return toHex(session.accountId)
}
