// What a refusal of the server means, in words for a person, where the code alone would not say.

import type { ErrorCode, WireError } from "@nodoor/wire"

const words: Readonly<Partial<Record<ErrorCode, string>>> = {
  account_suspended:
    "Whoever runs this server has suspended your account. Nothing is sent or received meanwhile; everything on this device stays, and it goes on by itself when the account is resumed.",
  account_erased:
    "Your account was erased from the server: by whoever runs it, or because nobody had used it for long. Nothing is sent or received any more; your messages stay on this device, and nobody else gets your handle.",
  account_unavailable: "The server has suspended or erased that account; nobody can be let in from it.",
  registration_closed: "This server takes no new accounts.",
  server_full: "This server has as many accounts as it takes. Ask whoever runs it.",
}

export function serverWords(refusal: Pick<WireError, "code" | "message">): string {
  return words[refusal.code] ?? refusal.message
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
