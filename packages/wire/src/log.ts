// The transparency log's own routes. Requests and answers are the structures of docs/transparency.md in the TLS presentation
// language, carried as they are: whoever checks an answer checks its exact bytes.

import * as v from "valibot"
import { limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { boundedBytes, count } from "./schema.ts"

/** `SearchRequest`: 16 labels of up to 255 bytes with what the client knows. */
export const logSearchRequestBytes = 8_192
/** `SearchResponse`: usually 5 kB; deep ladders and long chains of 16 labels are bounded here. */
export const logSearchAnswerBytes = 4_194_304
/** A label has one byte of length. */
export const logLabelBytes = 255

/**
 * Looks up labels under one proven head. Without a session it counts for the address: so devices ask about everybody but themselves. A device
 * that asks about its own account may show its session, and then it counts for the account.
 */
export const logSearch: Route<{ readonly request: Uint8Array }, { readonly response: Uint8Array }> = {
  path: "/v1/kt/search",
  caller: "nobody",
  request: v.strictObject({ request: boundedBytes(logSearchRequestBytes) }),
  answer: v.strictObject({ response: boundedBytes(logSearchAnswerBytes) }),
  maxRequestBytes: logSearchRequestBytes + 64,
  maxAnswerBytes: logSearchAnswerBytes + 64,
}

export interface LogUpdateRequest {
  /** The next signed AccountState of the caller's own account. */
  readonly state: Uint8Array
  /** A `SearchRequest`, answered from the epoch that holds the state: the receipt. */
  readonly request: Uint8Array
}
/** Appends to the caller's own chain and answers after the next epoch. The same state again answers with a receipt again. */
export const logUpdate: Route<LogUpdateRequest, { readonly response: Uint8Array }> = {
  path: "/v1/kt/update",
  caller: "device",
  request: v.strictObject({ state: boundedBytes(limits.accountStateBytes), request: boundedBytes(logSearchRequestBytes) }),
  answer: v.strictObject({ response: boundedBytes(logSearchAnswerBytes) }),
  maxRequestBytes: limits.accountStateBytes + logSearchRequestBytes + 128,
  maxAnswerBytes: logSearchAnswerBytes + 64,
}

/** The VRF proofs of W(g), g being the label's greatest version: `WatchSetResponse`. Handed to an auditor after verifying. */
export const logWatchSet: Route<{ readonly label: Uint8Array }, { readonly response: Uint8Array }> = {
  path: "/v1/kt/watchset",
  caller: "nobody",
  request: v.strictObject({ label: boundedBytes(logLabelBytes) }),
  answer: v.strictObject({ response: boundedBytes(8_192) }),
  maxRequestBytes: 512,
  maxAnswerBytes: 8_192 + 64,
}

/** The log's first entry, which devices pin. The same bytes begin `/kt/tile/entries/000`. */
export const logConfig: Route<Record<string, never>, { readonly config: Uint8Array }> = {
  path: "/v1/kt/config",
  caller: "nobody",
  request: v.strictObject({}) as never,
  answer: v.strictObject({ config: boundedBytes(4_096) }),
  maxRequestBytes: 16,
  maxAnswerBytes: 4_096 + 64,
}

export interface LogInsertedRequest {
  readonly label: Uint8Array
  readonly version: number
  /** Size of the tree that the proof shall be in: the caller's verified head. */
  readonly size: number
}
export interface LogInsertedAnswer {
  /** The epoch whose delta holds the version, and its place in the log. */
  readonly entry: Uint8Array
  readonly index: number
  /** RFC 6962 inclusion proof, 32 bytes each. */
  readonly inclusion: Uint8Array
  readonly delta: Uint8Array
  /** Of the label and version, 80 bytes: whoever asks may not have seen the version while it was the newest. */
  readonly vrfProof: Uint8Array
}
/** Since when a version has been in the log: from then on a device of a hard reset is held. */
export const logInserted: Route<LogInsertedRequest, LogInsertedAnswer> = {
  path: "/v1/kt/inserted",
  caller: "nobody",
  request: v.strictObject({ label: boundedBytes(logLabelBytes), version: count, size: count }),
  answer: v.strictObject({
    entry: boundedBytes(16_384),
    index: count,
    inclusion: boundedBytes(2_048),
    delta: boundedBytes(logSearchAnswerBytes),
    vrfProof: boundedBytes(80),
  }),
  maxRequestBytes: 512,
  maxAnswerBytes: logSearchAnswerBytes + 32_768,
}

/** Where the static files of the log begin; c2sp.org/tlog-tiles below it. */
export const logFilesPath = "/kt/"
