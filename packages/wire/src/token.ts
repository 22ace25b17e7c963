// Anonymous tokens of Privacy Pass: RFC 9578 token type 0x0002, blind RSA of 2,048 bits (RFC 9474, RSABSSA-SHA384-PSS-Deterministic). The
// account service signs them blindly, so nobody can tell who drew the one that is spent.

import { CodecError, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import * as v from "valibot"
import { hashBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { boundedBytes, count, fixedBytes, list } from "./schema.ts"

export const tokenType = 0x0002
/** Bytes of a signature, of a blinded message and of the modulus. */
export const tokenSignatureBytes = 256
/** Bytes of a token. */
export const tokenBytes = 354

/** What a token is for. Each half of the server redeems one kind and keeps its own list of what was spent. */
export type TokenUse = "claim" | "pass"

export interface Token {
  /** 32 random bytes. */
  readonly nonce: Uint8Array
  /** SHA-256 of `tokenChallenge`. */
  readonly challengeDigest: Uint8Array
  /** SHA-256 of the key's SubjectPublicKeyInfo as RFC 9578 section 6.5 writes it. */
  readonly keyId: Uint8Array
  /** The unblinded signature over `tokenInput`, 256 bytes. */
  readonly authenticator: Uint8Array
}

/** TokenChallenge of RFC 9577 section 2.1: issuer is the server's origin, no redemption context, and the use as origin_info. */
export function tokenChallenge(origin: string, use: TokenUse): Uint8Array {
  return encodeTls((w) => w.u16(tokenType).prefixed(2, toUtf8(origin)).prefixed(1, new Uint8Array()).prefixed(2, toUtf8(use)))
}

/** What the signature is over: token type, nonce, challenge digest, key id (RFC 9578 section 6.2). 98 bytes. */
export function tokenInput({ nonce, challengeDigest, keyId }: Omit<Token, "authenticator">): Uint8Array {
  return encodeTls((w) => w.u16(tokenType).raw(nonce).raw(challengeDigest).raw(keyId))
}

export function encodeToken(token: Token): Uint8Array {
  return encodeTls((w) => w.raw(tokenInput(token)).raw(token.authenticator))
}

/** @throws CodecError */
export function decodeToken(input: Uint8Array): Token {
  return decodeTls(input, (r) => {
    if (r.u16() !== tokenType) throw new CodecError("invalid_value", "type of a token")
    return {
      nonce: r.raw(hashBytes),
      challengeDigest: r.raw(hashBytes),
      keyId: r.raw(hashBytes),
      authenticator: r.raw(tokenSignatureBytes),
    }
  })
}

const dayMs = 86_400_000
/** Days for which one key signs. Its tokens are good until the key after it ends too. */
export const tokenKeyDays = 3

/** Number of the key epoch: Unix days / 3, rounded down. */
export function tokenKeyEpoch(timeMs: number): number {
  return Math.floor(timeMs / (tokenKeyDays * dayMs))
}

export interface TokenKey {
  readonly epoch: number
  /** SubjectPublicKeyInfo, DER. */
  readonly key: Uint8Array
}
/** The public keys of the present and the previous key epoch. A client believes none that the key log does not hold. */
export const tokenKeys: Route<Record<string, never>, { readonly keys: readonly TokenKey[] }> = {
  path: "/v1/tokens/keys",
  caller: "nobody",
  request: v.strictObject({}) as never,
  answer: v.strictObject({ keys: list(v.strictObject({ epoch: count, key: boundedBytes(limits.tokenKeyBytes) }), 2) }),
  maxRequestBytes: 16,
  maxAnswerBytes: 2_048,
}

/** One batch for each device and UTC day. The same batch again is answered again while the server remembers it. */
export const drawTokens: Route<
  { readonly epoch: number; readonly blinded: readonly Uint8Array[] },
  { readonly signatures: readonly Uint8Array[] }
> = {
  path: "/v1/tokens/draw",
  caller: "device",
  request: v.strictObject({ epoch: count, blinded: list(fixedBytes(tokenSignatureBytes), limits.tokensPerDay) }),
  answer: v.strictObject({ signatures: list(fixedBytes(tokenSignatureBytes), limits.tokensPerDay) }),
  maxRequestBytes: limits.tokensPerDay * (tokenSignatureBytes + 3) + 64,
  maxAnswerBytes: limits.tokensPerDay * (tokenSignatureBytes + 3) + 64,
}
