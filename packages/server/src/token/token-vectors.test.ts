// The published vectors, as they are, and with one bit changed.

import assert from "node:assert/strict"
import { createHash, createPrivateKey, createPublicKey } from "node:crypto"
import { test } from "node:test"
import { equal } from "@nodoor/bytes"
import { decodeToken, decodeTokenKey, encodeToken, encodeTokenKey, tokenInput } from "@nodoor/wire"
import { blindSign, tokenSigner } from "../accounts/token-signer.ts"
import { rfc9474Vector, rfc9578Vector } from "../fixtures/token-vectors.ts"
import { blindMessage, inverseOf } from "../fixtures/tokens.ts"
import { isSigned } from "./token-check.ts"

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`)
const base64Url = (value: bigint): string => {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url")
}
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] as number) ^ 1)

function privateKey(p: bigint, q: bigint): ReturnType<typeof createPrivateKey> {
  const e = 65_537n
  const d = inverse(e, (p - 1n) * (q - 1n))
  const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, base64Url(value)]))
  return createPrivateKey({ key: { kty: "RSA", ...jwk }, format: "jwk" })
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

test("RFC 9474 appendix A.3: blinded message, blind signature and signature are those of the vector", () => {
  const { p, q, msg, salt, inverse: inv, blindedMessage, blindSignature, signature } = rfc9474Vector
  const secret = privateKey(number(p), number(q))
  const modulus = new Uint8Array(Buffer.from(base64Url(number(p) * number(q)), "base64url"))
  const { blinded, unblind } = blindMessage(msg, { modulus, salt, blind: inverseOf(inv, modulus) })
  assert.ok(equal(blinded, blindedMessage))
  assert.ok(equal(blindSign(secret, createPublicKey(secret), blinded), blindSignature))
  assert.ok(equal(unblind(blindSignature), signature))
  assert.ok(!equal(unblind(flipped(blindSignature, 511)), signature))
})

/** The primes of a key of which the private exponent is known. */
function primesOf(n: bigint, d: bigint): readonly [bigint, bigint] {
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base % n]
    for (let left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % n
      square = (square * square) % n
    }
    return result
  }
  const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b))
  let odd = 65_537n * d - 1n
  while (odd % 2n === 0n) odd /= 2n
  for (let base = 2n; ; base++) {
    let x = power(base, odd)
    for (let square = power(x, 2n); x !== 1n && x !== n - 1n && square !== 1n; square = power(x, 2n)) x = square
    if (x === 1n || x === n - 1n) continue
    const p = divisor(x - 1n, n)
    return [p, n / p]
  }
}

test("RFC 9578 appendix A.2: key, request, answer and token are those of the vector", () => {
  const { modulus, privateExponent, publicKey, challenge, nonce, blind, salt, token } = rfc9578Vector
  assert.ok(equal(encodeTokenKey(modulus), publicKey))
  assert.ok(equal(decodeTokenKey(publicKey), modulus))
  const decoded = decodeToken(token)
  assert.ok(equal(encodeToken(decoded), token))
  assert.ok(equal(decoded.keyId, sha256(publicKey)) && equal(decoded.challengeDigest, sha256(challenge)) && equal(decoded.nonce, nonce))
  assert.ok(isSigned(decoded, publicKey))
  for (const at of [0, 255]) assert.ok(!isSigned({ ...decoded, authenticator: flipped(decoded.authenticator, at) }, publicKey))
  assert.ok(!isSigned({ ...decoded, nonce: flipped(nonce, 0) }, publicKey))

  const secret = privateKey(...primesOf(number(modulus), number(privateExponent)))
  const signer = tokenSigner(new Uint8Array(secret.export({ format: "der", type: "pkcs8" })))
  assert.ok(equal(signer.key, publicKey))
  const { blinded, unblind } = blindMessage(tokenInput(decoded), { modulus, salt, blind })
  assert.ok(equal(unblind(signer.sign(blinded)), decoded.authenticator))
})
