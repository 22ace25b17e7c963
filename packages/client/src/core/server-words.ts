// What a refusal of the server means, in words for a person. The server's own text is never shown in their place: it may be a word of
// the protocol, or whatever a changed server would like to be read.

import type { WireError } from "@nodoor/wire"
import type { DeliveryCode } from "@nodoor/wire/delivery"
import { deliveryTexts, serverTexts } from "../texts/en-server.ts"

/** Words for a code of this version; those for a failure of the server's for one of a later version. */
export function serverWords({ code }: Pick<WireError, "code">): string {
  return Object.hasOwn(serverTexts, code) ? serverTexts[code] : serverTexts.internal
}

/** The same for a refusal of the delivery service. */
export function deliveryWords(code: DeliveryCode): string {
  return deliveryTexts[code] ?? (Object.hasOwn(serverTexts, code) ? serverTexts[code as keyof typeof serverTexts] : serverTexts.internal)
}

/** How the own account is kept out as a whole, and when to ask again: undefined for never. */
export type AccountRefusal = "account_suspended" | "account_erased"

const askAgainMs: Readonly<Record<AccountRefusal, number | undefined>> = { account_suspended: 15 * 60_000, account_erased: undefined }

export function isAccountRefusal(code: string): code is AccountRefusal {
  return Object.hasOwn(askAgainMs, code)
}

export function askAgainAfterMs(code: AccountRefusal): number | undefined {
  return askAgainMs[code]
}
