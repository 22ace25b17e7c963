// The canary on the operator's side: what a new one says, and refusals that an operator understands. Format and checks are those of @nodoor/keylog,
// the same that clients run. Only the people whose keys it names can sign it; the server can't.

import { type Json, canonicalJson, concat, fromUtf8, toBase64, toUtf8 } from "@nodoor/bytes"
import {
  type Canary,
  KeylogError,
  type VerifiedCanary,
  canaryDays,
  canaryEndMs,
  canaryMaxBytes,
  canaryOrderChange,
  formatCanary,
  parseCanary as parseFile,
  signCanary as sign,
  verifyCanary,
} from "@nodoor/keylog"
import { serverCrypto } from "../../core/crypto.ts"
import type { SigningKey } from "../../keylog/keeper/log-keys.ts"
import { ServerError } from "../../core/server-error.ts"

/** The statements, unless the people who sign change or remove them. */
const firstStatements = [
  "Nobody has made us change a program, a key or the public log so that messages can be read.",
  "No key that signs the log or the archives of the desk has been given to anybody.",
  "Every request that we may speak of is on /transparency; every other has its place in the log.",
]

/** An unsigned one from today on, that follows `published` and repeats its statements. @throws ServerError `desk_refused` for invalid keys */
export function newCanary({
  origin,
  nowMs,
  threshold,
  keys,
  published,
}: {
  readonly origin: string
  readonly nowMs: number
  readonly threshold: number
  readonly keys: readonly string[]
  readonly published: VerifiedCanary | undefined
}): Canary {
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const draft: Canary = {
    origin,
    issued: dayOf(nowMs),
    expires: dayOf(nowMs + canaryDays * 86_400_000),
    previous: published?.hash ?? null,
    statements: published?.statements ?? firstStatements,
    threshold,
    keys: keys.toSorted(),
    signatures: [],
  }
  // Read again as others will, so that an invalid key is found now.
  return parseCanary(formatCanary(draft))
}

/** Reads one with the signatures that it has so far. @throws ServerError `desk_refused` for anything else, and for an invalid signature */
export function parseCanary(bytes: Uint8Array): Canary {
  return inOurWords(() => parseFile(serverCrypto, bytes))
}

/** Reads one that enough have signed. @throws ServerError `desk_refused` */
export function parseSignedCanary(bytes: Uint8Array): VerifiedCanary {
  return inOurWords(() => verifyCanary(serverCrypto, bytes))
}

/** Reads a draft that somebody may have edited by hand: spaces and the order of fields do not matter. @throws ServerError `desk_refused` */
export function readDraft(bytes: Uint8Array): Canary {
  if (bytes.length > canaryMaxBytes) throw refused("it is too large")
  let spelled: Uint8Array
  try {
    spelled = concat(canonicalJson(JSON.parse(fromUtf8(bytes)) as Json), toUtf8("\n"))
  } catch {
    throw refused("it is not JSON of text and whole numbers")
  }
  return parseCanary(spelled)
}

/** Adds a signature. @throws ServerError `operator_unknown` if the canary does not name the key */
export function signCanary(canary: Canary, signer: SigningKey): Canary {
  if (!canary.keys.includes(toBase64(signer.publicKey))) throw new ServerError("operator_unknown", "The canary does not name this key.")
  return sign(serverCrypto, canary, signer)
}

/** Whether clients will see that nothing was left out. @throws ServerError `desk_refused` */
export function requireFollowing(published: VerifiedCanary | undefined, next: VerifiedCanary): void {
  if (published === undefined) {
    if (next.previous !== null)
      throw new ServerError("desk_refused", "The canary names an earlier one, but this server has published none.")
    return
  }
  const change = canaryOrderChange(published, next)
  if (change?.kind === "older") throw new ServerError("desk_refused", "The canary is older than the published one. Draft a new one.")
  if (change !== undefined)
    throw new ServerError(
      "desk_refused",
      "The canary does not follow the published one, and every client would show the gap. Draft a new one.",
    )
}

/** What the page and the console say of a published file. */
export type CanaryState =
  | { readonly status: "none" }
  | { readonly status: "fresh" | "expired"; readonly canary: VerifiedCanary }
  /** There is a file, and no client will take it. */
  | { readonly status: "unreadable" }

export function canaryState(file: Uint8Array | undefined, nowMs: number): CanaryState {
  if (file === undefined) return { status: "none" }
  try {
    const canary = verifyCanary(serverCrypto, file)
    return { status: nowMs < canaryEndMs(canary) ? "fresh" : "expired", canary }
  } catch (error) {
    if (error instanceof KeylogError) return { status: "unreadable" }
    throw error
  }
}

const words: Readonly<Record<string, string>> = {
  canary_malformed: "it has a different format",
  canary_lifetime: `it covers more than ${canaryDays} days, or none`,
  canary_keys: "it has no keys, or fewer than must sign",
  canary_signature: "a signature is not valid",
  canary_unsigned: "too few have signed",
}

function inOurWords<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof KeylogError) throw refused(words[error.code] ?? error.code, error)
    throw error
  }
}

function refused(what: string, cause?: unknown): ServerError {
  return new ServerError("desk_refused", `This is not a valid canary: ${what}.`, { cause })
}
