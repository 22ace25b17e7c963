// What a passkey signed (WebAuthn Level 3 §7.2), checked again from what the desk keeps: years later, by anybody who has its file, and
// without the challenge's memory.

import { type JsonWebKeyInput, createPublicKey, verify } from "node:crypto"
import { concat, equal, fromUtf8, toBase64Url, toHex, toUtf8 } from "@nodoor/bytes"
import { decodeCredentialPublicKey, parseAuthenticatorData } from "@simplewebauthn/server/helpers"
import { sha256 } from "../../core/crypto.ts"

/** The three byte strings of an AuthenticatorAssertionResponse. */
export interface Assertion {
  readonly authenticatorData: Uint8Array
  /** `clientDataJSON` as it came: what was signed is its SHA-256. */
  readonly clientData: Uint8Array
  readonly signature: Uint8Array
}

/** COSE algorithms (RFC 9053 §2, RFC 8812 §2): ES256, EdDSA with Ed25519, and RS256, as older machines' built-in authenticators have no other. */
export const passkeyAlgorithms = [-7, -8, -257] as const

/**
 * Whether the key signed this challenge for this purpose, at the host that the browser named, with the person present and verified. Of bytes
 * that mean nothing: false.
 */
export function assertionHolds({
  publicKey,
  assertion,
  challenge,
}: {
  /** COSE. */
  readonly publicKey: Uint8Array
  readonly assertion: Assertion
  readonly challenge: Uint8Array
}): boolean {
  try {
    const { authenticatorData, clientData, signature } = assertion
    const said = JSON.parse(fromUtf8(clientData)) as { readonly [name: string]: unknown } | null
    if (said?.["type"] !== "webauthn.get" || said["challenge"] !== toBase64Url(challenge) || said["crossOrigin"] === true) return false
    const { rpIdHash, flags } = parseAuthenticatorData(new Uint8Array(authenticatorData))
    const host = new URL(String(said["origin"])).hostname
    if (!flags.up || !flags.uv || !equal(rpIdHash, sha256(toUtf8(host)))) return false
    const { key, hash } = keyOf(publicKey)
    return verify(hash, concat(authenticatorData, sha256(clientData)), createPublicKey({ key, format: "jwk" }), signature)
  } catch {
    return false
  }
}

/** Whether passkeys may have this key: one of `passkeyAlgorithms`, and an RSA key of a size that holds. `publicKey`: COSE. */
export function isPasskeyKey(publicKey: Uint8Array): boolean {
  try {
    return createPublicKey({ key: keyOf(publicKey).key, format: "jwk" }).type === "public"
  } catch {
    return false
  }
}

/** Parameters of COSE keys (RFC 9053 §7.1 and §7.2; RFC 8230 §4 for RSA). */
const [algorithm, curve, xCoordinate, yCoordinate] = [3, -1, -2, -3] as const
const [rsaModulus, rsaExponent] = [-1, -2] as const
/** Of RSA: 2048 to 4096 bits. */
const [modulusMinBytes, modulusMaxBytes] = [256, 512] as const

function keyOf(cose: Uint8Array): { readonly key: JsonWebKeyInput["key"]; readonly hash: "sha256" | null } {
  const parts = decodeCredentialPublicKey(new Uint8Array(cose)) as unknown as Map<number, unknown>
  const coordinate = (name: number): string => {
    const bytes = parts.get(name)
    if (!(bytes instanceof Uint8Array) || bytes.length !== 32) throw new RangeError("a coordinate has 32 bytes")
    return toBase64Url(bytes)
  }
  if (parts.get(algorithm) === -7 && parts.get(curve) === 1)
    return { key: { kty: "EC", crv: "P-256", x: coordinate(xCoordinate), y: coordinate(yCoordinate) }, hash: "sha256" }
  if (parts.get(algorithm) === -8 && parts.get(curve) === 6)
    return { key: { kty: "OKP", crv: "Ed25519", x: coordinate(xCoordinate) }, hash: null }
  const [n, e] = [parts.get(rsaModulus), parts.get(rsaExponent)]
  if (parts.get(algorithm) === -257 && n instanceof Uint8Array && e instanceof Uint8Array) {
    if (n.length < modulusMinBytes || n.length > modulusMaxBytes || toHex(e) !== "010001")
      throw new RangeError("an RSA key of 2048 to 4096 bits")
    return { key: { kty: "RSA", n: toBase64Url(n), e: toBase64Url(e) }, hash: "sha256" }
  }
  throw new RangeError("no key that passkeys may have here")
}
