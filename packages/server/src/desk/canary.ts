// The canary: once a month k of n people sign by hand that nothing of a list has happened. It ends after 35 days; who cannot sign truthfully
// lets it end. Nobody can sign it for them, the server least of all.

import { canonicalJson, canonicalText, equal, fromBase64, fromUtf8, toBase64, toUtf8 } from "@nodoor/bytes"
import * as v from "valibot"
import { serverCrypto } from "../crypto.ts"
import type { SigningKey } from "../log/log-keys.ts"
import { ServerError } from "../server-error.ts"

/** Days for which a canary speaks. */
export const canaryDays = 35
export const canaryMaxBytes: number = 16 * 1024

const key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/))
const day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/))
const schema = v.strictObject({
  format: v.literal("nodoor-canary/v1"),
  origin: v.pipe(v.string(), v.maxLength(255)),
  issued: day,
  expires: day,
  statements: v.pipe(v.array(v.pipe(v.string(), v.maxLength(500))), v.maxLength(20)),
  threshold: v.pipe(v.number(), v.integer(), v.minValue(1)),
  keys: v.pipe(v.array(key), v.minLength(1), v.maxLength(20)),
  signatures: v.pipe(v.array(v.strictObject({ key, signature: v.pipe(v.string(), v.maxLength(88)) })), v.maxLength(20)),
})
export interface Canary {
  readonly format: "nodoor-canary/v1"
  readonly origin: string
  /** UTC days. */
  readonly issued: string
  readonly expires: string
  readonly statements: readonly string[]
  /** How many of `keys` must sign. */
  readonly threshold: number
  /** Ed25519, base64, ascending. */
  readonly keys: readonly string[]
  readonly signatures: readonly { readonly key: string; readonly signature: string }[]
}

/** What is signed unless the people who sign strike it out. */
const statements = [
  "Nobody has made us change a program, a key or the public log so that messages can be read.",
  "No key that signs the log or the archives of the desk has been given to anybody.",
  "Every request that we may speak of is on /transparency; every other has its place in the log.",
]

/** @throws ServerError `desk_refused` */
export function newCanary({
  origin,
  nowMs,
  threshold,
  keys,
}: {
  readonly origin: string
  readonly nowMs: number
  readonly threshold: number
  readonly keys: readonly string[]
}): Canary {
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const expires = dayOf(nowMs + canaryDays * 86_400_000)
  return checked({
    format: "nodoor-canary/v1",
    origin,
    issued: dayOf(nowMs),
    expires,
    statements,
    threshold,
    keys: keys.toSorted(),
    signatures: [],
  })
}

/** Reads one, signed by whoever has signed so far. @throws ServerError `desk_refused` for anything else, and for a signature that does not hold */
export function parseCanary(bytes: Uint8Array): Canary {
  if (bytes.length > canaryMaxBytes) throw refused("it is too large")
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    throw refused("it is not JSON")
  }
  const result = v.safeParse(schema, value)
  if (!result.success) throw refused("it is of another form")
  return checked(result.output)
}

/** Adds a signature. @throws ServerError `operator_unknown` if the key is none of those named */
export function signCanary(canary: Canary, signer: SigningKey): Canary {
  const name = toBase64(signer.publicKey)
  if (!canary.keys.includes(name)) throw new ServerError("operator_unknown", "This key is none of those that the canary names.")
  const signature = toBase64(serverCrypto.signEd25519({ privateKey: signer.privateKey, message: canaryInput(canary) }))
  const others = canary.signatures.filter((one) => one.key !== name)
  return { ...canary, signatures: [...others, { key: name, signature }].toSorted((a, b) => (a.key < b.key ? -1 : 1)) }
}

export function isSignedByEnough({ signatures, threshold }: Canary): boolean {
  return signatures.length >= threshold
}

export function formatCanary(canary: Canary): Uint8Array {
  return toUtf8(`${canonicalText(plain(canary))}\n`)
}

/** "nodoor/canary/v1" ‖ 0x00 ‖ the canonical JSON without its signatures. */
function canaryInput(canary: Canary): Uint8Array {
  return Buffer.concat([toUtf8("nodoor/canary/v1\0"), canonicalJson({ ...canary, signatures: undefined })])
}

function plain({ signatures, ...content }: Canary): {
  readonly [name: string]: string | number | readonly string[] | readonly { readonly [name: string]: string }[]
} {
  return { ...content, signatures: signatures.map((one) => ({ ...one })) }
}

function checked(canary: Canary): Canary {
  const { keys, threshold, signatures, issued, expires } = canary
  if (new Set(keys).size !== keys.length || threshold > keys.length) throw refused("its keys cannot reach the number that must sign")
  const daysBetween = (Date.parse(expires) - Date.parse(issued)) / 86_400_000
  if (!(daysBetween > 0 && daysBetween <= canaryDays)) throw refused(`it speaks for more than ${canaryDays} days`)
  const message = canaryInput(canary)
  for (const [at, { key: name, signature }] of signatures.entries()) {
    const once = signatures.findIndex((one) => equal(toUtf8(one.key), toUtf8(name))) === at
    const holds = keys.includes(name) && serverCrypto.verifyEd25519({ publicKey: fromBase64(name), message, signature: bytesOf(signature) })
    if (!once || !holds) throw refused("a signature does not hold")
  }
  return canary
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"))
}

function refused(what: string): ServerError {
  return new ServerError("desk_refused", `This is no canary: ${what}.`)
}
