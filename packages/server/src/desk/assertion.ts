// What a passkey signed (WebAuthn Level 3 §7.2), checked again from what the desk keeps: years later, by anybody who has its file, and
// without the challenge's memory.

import { type JsonWebKeyInput, createPublicKey, verify } from "node:crypto"
import { concat, equal, fromUtf8, toBase64Url, toUtf8 } from "@nodoor/bytes"
import { decodeCredentialPublicKey, parseAuthenticatorData } from "@simplewebauthn/server/helpers"
import { sha256 } from "../crypto.ts"

/** The three byte strings of an AuthenticatorAssertionResponse. */
export interface Assertion {
  readonly authenticatorData: Uint8Array
  /** `clientDataJSON` as it came: what was signed is its SHA-256. */
  readonly clientData: Uint8Array
  readonly signature: Uint8Array
}

/** COSE algorithms (RFC 9053 §2): ES256 and EdDSA with Ed25519. */
export const passkeyAlgorithms = [-7, -8] as const

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

/** Parameters of COSE keys (RFC 9053 §7.1 and §7.2). */
const [algorithm, curve, xCoordinate, yCoordinate] = [3, -1, -2, -3] as const

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
  throw new RangeError("neither ES256 nor Ed25519")
}
