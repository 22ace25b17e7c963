// What a refusal of the server means, in words for a person. The server's own text is never shown in their place: it may be a word of
// the protocol, or whatever a changed server would like to be read.

import type { ErrorCode, WireError } from "@nodoor/wire"

const tooMuch = "This is more than the server takes at once. Try it with less."
const outOfStep = "The server and this device are out of step. Try again in a moment."
const notUnderstood =
  "The server did not understand this device. One of them may need an update: reload the page, or update the program, and try again."

const words: Readonly<Record<ErrorCode, string>> = {
  bad_request: notUnderstood,
  unauthorized: "The server does not know this device any more. It may have been removed from the account.",
  challenge_expired: "The sign-in took too long. It is tried again by itself.",
  invalid_signature: "The server could not verify this device's signature. Try again; if it stays so, ask whoever runs the server.",
  registration_closed: "This server takes no new accounts.",
  server_full: "This server has as many accounts as it takes. Ask whoever runs it.",
  invite_required: "This server takes new accounts by invite only. Ask whoever runs it for a code.",
  invite_invalid: "This invite does not work, or not any more. Ask for a new one.",
  email_required: "This server asks for an e-mail address.",
  email_code_invalid: "The code from the e-mail is wrong or too old. Ask for a new one.",
  email_domain_refused: "This server takes e-mail addresses of certain domains only. Ask whoever runs it which.",
  claim_invalid: "The server did not let the change to this group through. It is tried again.",
  blocked: "This person does not take messages from you.",
  account_suspended:
    "Whoever runs this server has suspended your account. Nothing is sent or received meanwhile; everything on this device stays, and it goes on by itself when the account is resumed.",
  account_erased:
    "Your account was erased from the server: by whoever runs it, or because nobody had used it for long. Nothing is sent or received any more; your messages stay on this device, and nobody else gets your handle.",
  account_unavailable: "The server has suspended or erased that account; nobody can be let in from it.",
  forbidden_role: "Your role does not allow this.",
  operator_refused: "A rule of this server does not allow this.",
  account_not_found: "There is no such account on this server.",
  group_not_found: "The server does not know this chat, or does not let this device into it.",
  not_found: "Not found. It may have been removed.",
  handle_taken: "This handle is taken. Choose another.",
  account_exists: "There is an account with these keys already.",
  account_state_stale: outOfStep,
  account_state_invalid: "The server did not accept the change to your account. Nothing was changed.",
  group_exists: "The server has this chat already.",
  epoch_stale: outOfStep,
  epoch_future: outOfStep,
  too_large: tooMuch,
  too_many_devices: "The account has as many devices as it can have. Remove one first.",
  too_many_key_packages: tooMuch,
  rate_limited: "That was too often in a short time. Wait a moment, then try again.",
  slow_reader: "The connection was too slow and was cut. It is made again by itself.",
  session_replaced: "This device is connected a second time: a copy of it is open somewhere else.",
  cursor_ahead: "The server has fewer messages for this device than it had. It may have been put back from a backup.",
  proxy_unreadable: "The server cannot tell whom it is talking to, because of how it is set up. Ask whoever runs it.",
  unavailable: "The server cannot do this right now. Nothing was lost; try again in a minute.",
  internal: "Something went wrong on the server. Nothing was lost; try again in a minute.",
}

/** Words for a code of this version; those for a failure of the server's for one of a later version. */
export function serverWords({ code }: Pick<WireError, "code">): string {
  return Object.hasOwn(words, code) ? words[code] : words.internal
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
