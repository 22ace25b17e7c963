// The canary (docs/transparency.md, "Lawful requests"): once a month k of n people sign by hand that nothing of a list has happened. It
// ends after 35 days at most, so that silence shows. What readers compare with the one before, and what they refuse, stands here.

import {
  CodecError,
  type Json,
  canonicalJson,
  canonicalText,
  compare,
  concat,
  equal,
  fromBase64,
  fromUtf8,
  toBase64,
  toHex,
  toUtf8,
} from "@nodoor/bytes"
import type { LogCrypto } from "./core/crypto.ts"
import { KeylogError, rule } from "./core/keylog-error.ts"
import { isOriginText } from "./core/origin.ts"
import { isFitPublicKey } from "./core/public-key.ts"

/** Days for which a canary speaks at most. */
export const canaryDays = 35
/** Largest file, in bytes. */
export const canaryMaxBytes = 16384
const maxKeys = 20
const maxStatements = 20
const maxStatementCharacters = 500
const format = "nodoor-canary/v1"
const dayMs = 86_400_000

/** What people sign, and the signatures there are so far. */
export interface Canary {
  /** Name of the server, as its accounts have it. */
  readonly origin: string
  /** UTC, `YYYY-MM-DD`. */
  readonly issued: string
  /** It speaks until this UTC day begins. */
  readonly expires: string
  /** SHA-256 of the file that was published before, 64 hexadecimal digits; null of the first. */
  readonly previous: string | null
  readonly statements: readonly string[]
  /** How many of `keys` must sign. */
  readonly threshold: number
  /** Ed25519 public keys, base64, ascending. */
  readonly keys: readonly string[]
  /** Ascending by key, each of one of `keys`. */
  readonly signatures: readonly { readonly key: string; readonly signature: string }[]
}

/** A canary that enough of its keys have signed. */
export interface VerifiedCanary extends Canary {
  /** SHA-256 of the file, hexadecimal: what the next one names as `previous`. */
  readonly hash: string
}

/** How one canary differs from the one that a reader knows. A renewal, with other days and nothing else, is no change. */
export type CanaryChange =
  | { readonly kind: "origin"; readonly was: string; readonly now: string }
  | { readonly kind: "keys"; readonly was: readonly string[]; readonly now: readonly string[] }
  | { readonly kind: "threshold"; readonly was: number; readonly now: number }
  | { readonly kind: "statement_gone"; readonly was: string }
  | { readonly kind: "statement_reworded"; readonly was: string; readonly now: string }
  | { readonly kind: "statement_added"; readonly now: string }
  /** Days of issue: the server shows one that is older than the one it showed before. */
  | { readonly kind: "older"; readonly was: string; readonly now: string }
  /** Days of issue: it names another one as the one before; one in between is missing, or there are two lines. */
  | { readonly kind: "not_following"; readonly was: string; readonly now: string }

/**
 * Reads a file: its one spelling (canonical JSON and a newline), and every signature in it holds. Not all need be there yet.
 * @throws KeylogError `canary_malformed`, `canary_lifetime`, `canary_keys`, `canary_signature`
 */
export function parseCanary(crypto: LogCrypto, file: Uint8Array): Canary {
  rule(file.length <= canaryMaxBytes, "canary_malformed", "too long") // K1
  const text = read(() => fromUtf8(file))
  const canary = readFields(read(() => JSON.parse(text) as unknown))
  // Keys that stand twice, other numbers' spellings and spaces all end here.
  rule(equal(formatCanary(canary), file), "canary_malformed", "another spelling") // K1
  const lifeMs = canaryEndMs(canary) - canaryBeginMs(canary)
  rule(lifeMs > 0 && lifeMs <= canaryDays * dayMs, "canary_lifetime", "days for which it speaks") // K2
  checkKeys(canary)
  checkSignatures(crypto, canary)
  return canary
}

/** Reads a published file. @throws KeylogError as `parseCanary`, and `canary_unsigned` */
export function verifyCanary(crypto: LogCrypto, file: Uint8Array): VerifiedCanary {
  const canary = parseCanary(crypto, file)
  rule(isSignedByEnough(canary), "canary_unsigned", "too few have signed") // K5
  return { ...canary, hash: toHex(crypto.sha256(file)) }
}

/** The bytes of the file. */
export function formatCanary(canary: Canary): Uint8Array {
  return toUtf8(`${canonicalText({ ...contentOf(canary), signatures: canary.signatures.map((one) => ({ ...one })) })}\n`)
}

/** What is signed: "nodoor/canary/v1" ‖ 0x00 ‖ the canonical JSON without `signatures`. */
export function canaryInput(canary: Omit<Canary, "signatures">): Uint8Array {
  return concat(toUtf8("nodoor/canary/v1\0"), canonicalJson(contentOf(canary)))
}

/** Adds or replaces the signature of a key, 32-byte seed and public key. Whoever calls has made sure that the canary names the key. */
export function signCanary(
  crypto: LogCrypto,
  canary: Canary,
  signer: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
): Canary {
  const key = toBase64(signer.publicKey)
  const signature = toBase64(crypto.signEd25519({ privateKey: signer.privateKey, message: canaryInput(canary) }))
  const all = [...canary.signatures.filter((one) => one.key !== key), { key, signature }]
  return { ...canary, signatures: all.toSorted((a, b) => order(a.key, b.key)) }
}

export function isSignedByEnough({ signatures, threshold }: Canary): boolean {
  return signatures.length >= threshold
}

/** Unix milliseconds of the beginning of the day on which it was issued. */
export function canaryBeginMs({ issued }: Canary): number {
  return Date.parse(issued)
}

/** Unix milliseconds from which on it says nothing any more. */
export function canaryEndMs({ expires }: Canary): number {
  return Date.parse(expires)
}

/** What `now` says otherwise than `was`: who signs, how many, for which server, and what. */
export function canaryContentChanges(was: Canary, now: Canary): readonly CanaryChange[] {
  const changes: CanaryChange[] = []
  if (was.origin !== now.origin) changes.push({ kind: "origin", was: was.origin, now: now.origin })
  if (canonicalText(was.keys) !== canonicalText(now.keys)) changes.push({ kind: "keys", was: was.keys, now: now.keys })
  if (was.threshold !== now.threshold) changes.push({ kind: "threshold", was: was.threshold, now: now.threshold })
  const added = new Set(now.statements.filter((statement) => !was.statements.includes(statement)))
  for (const [at, statement] of was.statements.entries()) {
    if (now.statements.includes(statement)) continue
    const inItsPlace = now.statements[at]
    // Another text in the same place is taken for a new wording; whoever reads sees both.
    if (inItsPlace !== undefined && added.delete(inItsPlace)) changes.push({ kind: "statement_reworded", was: statement, now: inItsPlace })
    else changes.push({ kind: "statement_gone", was: statement })
  }
  for (const statement of added) changes.push({ kind: "statement_added", now: statement })
  return changes
}

/** Whether `now` is `was` or the one published right after it; otherwise how their order is broken. */
export function canaryOrderChange(was: VerifiedCanary, now: VerifiedCanary): CanaryChange | undefined {
  if (now.hash === was.hash) return undefined
  const days = { was: was.issued, now: now.issued }
  if (now.hash === was.previous || now.issued < was.issued) return { kind: "older", ...days }
  return now.previous === was.hash ? undefined : { kind: "not_following", ...days }
}

function contentOf({ origin, issued, expires, previous, statements, threshold, keys }: Omit<Canary, "signatures">): {
  readonly [name: string]: Json
} {
  return { format, origin, issued, expires, previous, statements: [...statements], threshold, keys: [...keys] }
}

const fieldNames = "expires format issued keys origin previous signatures statements threshold"

function readFields(value: unknown): Canary {
  const fields = object(value, fieldNames)
  rule(fields["format"] === format, "canary_malformed", "format") // K1
  const threshold = fields["threshold"]
  rule(typeof threshold === "number" && Number.isInteger(threshold), "canary_malformed", "threshold") // K1
  rule(threshold >= 1 && threshold <= maxKeys, "canary_malformed", "threshold") // K1
  const origin = text(fields["origin"], 255)
  rule(isOriginText(origin), "canary_malformed", "origin") // K1
  const previous = fields["previous"] === null ? null : text(fields["previous"], 64)
  rule(previous === null || /^[0-9a-f]{64}$/.test(previous), "canary_malformed", "hash of the one before") // K1
  const statements = list(fields["statements"], maxStatements).map((one) => text(one, maxStatementCharacters))
  rule(statements.every(isPlain), "canary_malformed", "statement") // K1
  rule(new Set(statements).size === statements.length, "canary_malformed", "statement twice") // K1
  const signatures = list(fields["signatures"], maxKeys).map((one) => {
    const { key, signature } = object(one, "key signature")
    return { key: text(key, 44), signature: text(signature, 88) }
  })
  return {
    origin,
    issued: day(fields["issued"]),
    expires: day(fields["expires"]),
    previous,
    statements,
    threshold,
    keys: list(fields["keys"], maxKeys).map((one) => text(one, 44)),
    signatures,
  }
}

function checkKeys({ keys, threshold }: Canary): void {
  const raw = keys.map((key) => read(() => fromBase64(key)))
  rule(raw.every(isFitPublicKey), "canary_keys", "a key that is none") // K3
  rule(isAscending(keys), "canary_keys", "keys in their order, each once") // K3
  rule(threshold <= keys.length, "canary_keys", "more must sign than there are") // K3
}

function checkSignatures(crypto: LogCrypto, canary: Canary): void {
  const { keys, signatures } = canary
  rule(isAscending(signatures.map(({ key }) => key)), "canary_signature", "signatures in their order, each once") // K4
  const message = canaryInput(canary)
  for (const { key, signature } of signatures) {
    rule(keys.includes(key), "canary_signature", "a key that it does not name") // K4
    const raw = read(() => fromBase64(signature))
    const good = raw.length === 64 && crypto.verifyEd25519({ publicKey: fromBase64(key), message, signature: raw })
    rule(good, "canary_signature", "a signature does not hold") // K4
  }
}

/** No control characters, no change of the reading direction, nothing that is half a character: it is shown to people as it is. */
function isPlain(statement: string): boolean {
  return statement.trim() !== "" && !/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u.test(statement)
}

function isAscending(texts: readonly string[]): boolean {
  return texts.every((one, at) => at === 0 || order(texts[at - 1] as string, one) < 0)
}

function order(a: string, b: string): number {
  return compare(toUtf8(a), toUtf8(b))
}

function object(value: unknown, names: string): Readonly<Record<string, unknown>> {
  rule(typeof value === "object" && value !== null && !Array.isArray(value), "canary_malformed", "an object") // K1
  rule(Object.keys(value).toSorted().join(" ") === names, "canary_malformed", "its fields and no others") // K1
  return value as Record<string, unknown>
}

function list(value: unknown, max: number): readonly unknown[] {
  rule(Array.isArray(value) && value.length <= max, "canary_malformed", "a list") // K1
  return value as readonly unknown[]
}

function text(value: unknown, maxCharacters: number): string {
  rule(typeof value === "string" && value.length <= maxCharacters, "canary_malformed", "a text") // K1
  return value
}

function day(value: unknown): string {
  const written = text(value, 10)
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(written) ? Date.parse(written) : Number.NaN
  rule(!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(written), "canary_malformed", "a day") // K1
  return written
}

function read<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError || error instanceof SyntaxError)
      throw new KeylogError("canary_malformed", "not readable", { cause: error }) // K1
    throw error
  }
}
