// What the server's refusals mean for a person, by their codes.

import type { ErrorCode } from "@nodoor/wire"
import type { DeliveryCode } from "@nodoor/wire/delivery"

const tooMuch = "This is more than the server accepts at once. Try again with less."
const outOfStep = "The server and this device are out of step. Try again in a moment."

/** What a refusal of the server means, by its code. */
export const serverTexts: Readonly<Record<ErrorCode, string>> = {
  bad_request:
    "The server did not understand this device. One of them may need an update: reload the page or update the program, then try again.",
  unauthorized: "The server no longer knows this device. It may have been removed from the account.",
  challenge_expired: "Signing in took too long. Nodoor will try again automatically.",
  invalid_signature: "The server could not verify this device's signature. Try again. If it keeps failing, ask the server's operator.",
  registration_closed: "This server does not accept new accounts.",
  server_full: "This server has reached its limit of accounts. Ask its operator.",
  invite_required: "This server accepts new accounts by invite only. Ask its operator for a code.",
  invite_invalid: "This invite is not valid, or no longer valid. Ask for a new one.",
  email_required: "This server requires an e-mail address.",
  email_code_invalid: "The code from the e-mail is wrong or has expired. Ask for a new one.",
  email_domain_refused: "This server accepts e-mail addresses only from certain domains. Ask its operator which ones.",
  token_invalid: "The server did not accept the proof that this device may ask. Nodoor will try again automatically.",
  token_spent: "The server has already taken this proof that the device may ask. Nodoor will try again with another one.",
  pass_invalid: "The server did not accept the proof that this device may store something. Nodoor will try again automatically.",
  pass_used_up: "This device has stored as much today as the server allows. Nodoor will try again tomorrow.",
  blob_not_found: "The server does not have what was stored there. It may have been deleted, or its time has passed.",
  blob_exists: "The server has something else stored there. Nothing was replaced.",
  blob_offset: "The upload is at another place than expected. Nodoor will continue from there.",
  storage_full: "The server has no room left for this. Choose another place, or try again later.",
  account_suspended:
    "The server's operator has suspended your account. Nothing is sent or received until the account is resumed; then it continues automatically. Everything on this device stays.",
  account_erased:
    "Your account was erased from the server, either by its operator or because it had not been used for a long time. Nothing is sent or received any more. Your messages stay on this device, and nobody else gets your handle.",
  account_unavailable: "The server has suspended or erased that account. Nobody from it can be added.",
  forbidden_role: "Your role does not allow this.",
  operator_refused: "A rule of this server does not allow this.",
  account_not_found: "There is no such account on this server.",
  not_found: "Not found. It may have been removed.",
  handle_taken: "This handle is taken. Choose another.",
  rendezvous_used: "This linking code was used already. Show a new one.",
  account_exists: "An account with these keys already exists.",
  account_state_stale: outOfStep,
  account_state_invalid: "The server rejected the change to your account. Nothing was changed.",
  epoch_stale: outOfStep,
  too_large: tooMuch,
  too_many_key_packages: tooMuch,
  rate_limited: "Too many attempts in a short time. Wait a moment, then try again.",
  proxy_unreadable: "The server is set up in a way that hides who is connecting. Ask its operator.",
  unavailable: "The server cannot do this right now. Nothing was lost. Try again in a minute.",
  internal: "Something went wrong on the server. Nothing was lost. Try again in a minute.",
}

/** Refusals of the delivery service that the account service does not have. */
export const deliveryTexts: Readonly<Partial<Record<DeliveryCode, string>>> = {
  invalid_mac: "The server did not take this as coming from a member of the chat. Try again.",
  group_not_found: "The server does not know this chat, or this device is not in it.",
  group_exists: "The server already has this chat.",
  epoch_future: outOfStep,
  slow_reader: "The connection was too slow and was closed. It is reopened automatically.",
  cursor_ahead: "The server has fewer messages of this chat than before. It may have been restored from a backup.",
  seat_unknown: "The server does not know this device in this chat any more. Ask somebody in it to add you again.",
  seat_taken: "This device reads the chat elsewhere.",
  too_many_seats: "This chat has as many devices as a chat can have.",
  pass_used_up: "This device has sent as much as it may for now. Nodoor will try again automatically.",
  log_full: tooMuch,
}
