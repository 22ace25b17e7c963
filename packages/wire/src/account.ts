// Accounts, their chains and the sessions of their devices.

import * as v from "valibot"
import { emailAddress } from "./email.ts"
import { countGraphemes } from "./graphemes.ts"
import { hashBytes, idBytes, limits, signatureBytes } from "./limits.ts"
import type { Route } from "./route.ts"
import { type Schema, boundedBytes, count, fixedBytes, list, text } from "./schema.ts"
import { showsNothing } from "./shown-text.ts"

const none: Schema<Record<string, never>> = v.strictObject({}) as Schema<Record<string, never>>
const handle: Schema<string> = v.pipe(v.string(), v.regex(/^[a-z0-9._-]{3,32}$/))
const email: Schema<string> = v.pipe(
  text(limits.emailBytes),
  v.check((value) => emailAddress(value) !== undefined, "an e-mail address"),
  v.transform((value) => emailAddress(value) ?? value),
)
const answerBytes: number = limits.accountStatesPerAnswer * limits.accountStateBytes + 4096

export interface ServerInfo {
  /** `host` or `host:port`: what every signature of this server's accounts is bound to. */
  readonly origin: string
  readonly version: string
  readonly registration: "open" | "invite" | "closed"
  readonly email: "none" | "optional" | "required"
  /** Days IP addresses are kept (0–90), and days an unacknowledged message waits in a mailbox. */
  readonly ipDays: number
  readonly messageDays: number
  /** Days after which an account that nobody uses is erased; 0: never. */
  readonly inactiveDays: number
  /** `host` or `host:port` under which the streams for reading and for posting are, if they have names of their own. */
  readonly readHost?: string | undefined
  readonly postHost?: string | undefined
}
export const serverInfo: Route<Record<string, never>, ServerInfo> = {
  path: "/v1/server",
  caller: "nobody",
  request: none,
  answer: v.strictObject({
    origin: text(255),
    version: text(32),
    registration: v.picklist(["open", "invite", "closed"]),
    email: v.picklist(["none", "optional", "required"]),
    ipDays: count,
    messageDays: count,
    inactiveDays: count,
    readHost: v.exactOptional(text(255)),
    postHost: v.exactOptional(text(255)),
  }),
  maxRequestBytes: 16,
  maxAnswerBytes: 4096,
}

/** Asks for a code to be sent to an address before registering. Answers the same whether or not the address is known. */
export const emailCode: Route<{ readonly email: string }, Record<string, never>> = {
  path: "/v1/email-code",
  caller: "nobody",
  request: v.strictObject({ email }),
  answer: none,
  maxRequestBytes: 512,
  maxAnswerBytes: 16,
}

/** Whether an invite lets somebody register now. @throws WireError `invite_invalid`: unknown, revoked, used up or expired */
export const checkInvite: Route<{ readonly invite: string }, Record<string, never>> = {
  path: "/v1/invite",
  caller: "nobody",
  request: v.strictObject({ invite: text(limits.inviteBytes) }),
  answer: none,
  maxRequestBytes: 256,
  maxAnswerBytes: 16,
}

export interface RegisterRequest {
  readonly handle: string
  /** Name of the account holder: the operator's record, disclosable on a lawful request. */
  readonly name: string
  readonly email?: string | undefined
  readonly emailCode?: string | undefined
  readonly invite?: string | undefined
  /** Signed AccountState, version 0 (docs/transparency.md §1). */
  readonly genesis: Uint8Array
  /** Signed HandleBinding. */
  readonly handleBinding: Uint8Array
}
export const register: Route<RegisterRequest, { readonly accountId: Uint8Array }> = {
  path: "/v1/register",
  caller: "nobody",
  request: v.strictObject({
    handle,
    name: v.pipe(
      text(limits.nameBytes),
      v.minLength(1),
      v.check((value) => !showsNothing(value), "a name that shows something"),
      v.check((value) => countGraphemes(value, limits.nameCharacters) <= limits.nameCharacters, "a name that is not too long"),
    ),
    email: v.exactOptional(email),
    emailCode: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9]{8}$/))),
    invite: v.exactOptional(text(limits.inviteBytes)),
    genesis: boundedBytes(limits.accountStateBytes),
    handleBinding: boundedBytes(1024),
  }),
  answer: v.strictObject({ accountId: fixedBytes(idBytes) }),
  maxRequestBytes: 32 * 1024,
  maxAnswerBytes: 64,
}

export const sessionChallenge: Route<{ readonly deviceId: Uint8Array }, { readonly challenge: Uint8Array }> = {
  path: "/v1/session/challenge",
  caller: "nobody",
  request: v.strictObject({ deviceId: fixedBytes(idBytes) }),
  answer: v.strictObject({ challenge: fixedBytes(hashBytes) }),
  maxRequestBytes: 64,
  maxAnswerBytes: 64,
}

export interface SessionRequest {
  readonly deviceId: Uint8Array
  readonly challenge: Uint8Array
  /** Ed25519 by the device key over `sessionSignatureInput`. */
  readonly signature: Uint8Array
}
/**
 * The token is 32 bytes, sent as `Authorization: Bearer <base64url>`; the server stores its SHA-256. Lives one hour: `expiresAtMs` less
 * `timeMs`, which is the server's clock, for a device to compare with its own.
 */
export const session: Route<SessionRequest, { readonly token: Uint8Array; readonly expiresAtMs: number; readonly timeMs: number }> = {
  path: "/v1/session",
  caller: "nobody",
  request: v.strictObject({ deviceId: fixedBytes(idBytes), challenge: fixedBytes(hashBytes), signature: fixedBytes(signatureBytes) }),
  answer: v.strictObject({ token: fixedBytes(hashBytes), expiresAtMs: count, timeMs: count }),
  maxRequestBytes: 256,
  maxAnswerBytes: 128,
}

export interface LookupRequest {
  readonly handle?: string | undefined
  readonly accountId?: Uint8Array | undefined
  /** Only states with a greater version are sent. */
  readonly knownVersion?: number | undefined
}
export interface LookupAnswer {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly handleBinding: Uint8Array
  /** Signed AccountStates in order of version. */
  readonly states: readonly Uint8Array[]
}
/** Exactly one of `handle` and `accountId` is given. */
export const lookup: Route<LookupRequest, LookupAnswer> = {
  path: "/v1/account/lookup",
  caller: "nobody",
  request: v.pipe(
    v.strictObject({
      handle: v.exactOptional(handle),
      accountId: v.exactOptional(fixedBytes(idBytes)),
      knownVersion: v.exactOptional(count),
    }),
    v.check((request) => (request.handle === undefined) !== (request.accountId === undefined), "handle or accountId"),
  ),
  answer: v.strictObject({
    accountId: fixedBytes(idBytes),
    handle,
    handleBinding: boundedBytes(1024),
    states: list(boundedBytes(limits.accountStateBytes), limits.accountStatesPerAnswer),
  }),
  maxRequestBytes: 256,
  maxAnswerBytes: answerBytes,
}

/** Appends the next signed AccountState to the caller's own chain. */
export const updateAccount: Route<{ readonly state: Uint8Array }, { readonly version: number }> = {
  path: "/v1/account/update",
  caller: "device",
  request: v.strictObject({ state: boundedBytes(limits.accountStateBytes) }),
  answer: v.strictObject({ version: count }),
  maxRequestBytes: limits.accountStateBytes + 64,
  maxAnswerBytes: 64,
}

/**
 * Starts an account over: its next signed AccountState is a reset that its recovery key signed. Whoever asks has no session yet; the signature
 * is the proof. The same state again is answered the same.
 */
export const recoverAccount: Route<{ readonly state: Uint8Array }, { readonly version: number }> = {
  path: "/v1/account/recover",
  caller: "nobody",
  request: v.strictObject({ state: boundedBytes(limits.accountStateBytes) }),
  answer: v.strictObject({ version: count }),
  maxRequestBytes: limits.accountStateBytes + 64,
  maxAnswerBytes: 64,
}

/** Everything the server holds about the caller's account that is not ciphertext: the same rows the lawful desk could export. */
export interface OwnRecord {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly name: string
  readonly email?: string | undefined
  readonly createdAtMs: number
  /** UTC day, `YYYY-MM-DD`. */
  readonly lastSeenDay: string
  readonly deviceCount: number
  readonly addresses: readonly { readonly address: string; readonly firstSeenMs: number; readonly lastSeenMs: number }[]
}
export const ownRecord: Route<Record<string, never>, OwnRecord> = {
  path: "/v1/account/own-record",
  caller: "device",
  request: none,
  answer: v.strictObject({
    accountId: fixedBytes(idBytes),
    handle,
    name: text(limits.nameBytes),
    email: v.exactOptional(text(limits.emailBytes)),
    createdAtMs: count,
    lastSeenDay: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
    deviceCount: count,
    addresses: list(v.strictObject({ address: text(64), firstSeenMs: count, lastSeenMs: count }), 10_000),
  }),
  maxRequestBytes: 16,
  maxAnswerBytes: limits.requestBytes,
}

/** The same archive that the server's desk makes of an account, of one's own: signed JSON (docs/disclosure.md), everything that is ever handed over. */
export const ownArchive: Route<Record<string, never>, { readonly archive: Uint8Array }> = {
  path: "/v1/account/archive",
  caller: "device",
  request: none,
  answer: v.strictObject({ archive: boundedBytes(limits.commitBundleBytes) }),
  maxRequestBytes: 16,
  maxAnswerBytes: limits.commitBundleBytes + 64,
}
