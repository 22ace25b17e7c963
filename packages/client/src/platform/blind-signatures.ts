// Blind signatures by Cloudflare's library, in Node and in browsers, on the platform's own hash and verification.

import { RSABSSA } from "@cloudflare/blindrsa-ts"
import { decodeTokenKey } from "@nodoor/wire"
import type { BlindSignatures } from "../core/ports.ts"

const suite = RSABSSA.SHA384.PSS.Deterministic()

export const blindSignatures: BlindSignatures = {
  async blind(key, message) {
    const { blindedMsg: blinded, inv: inverse } = await suite.blind(await imported(key), suite.prepare(message))
    return { blinded, inverse }
  },
  async finalize(key, message, { signature, inverse }) {
    const publicKey = await imported(key)
    try {
      return await suite.finalize(publicKey, suite.prepare(message), signature, inverse)
    } catch {
      return undefined
    }
  },
}

/** WebCrypto reads keys of this kind as JWK only. */
async function imported(key: Uint8Array): Promise<CryptoKey> {
  const jwk = { kty: "RSA", alg: "PS384", n: base64Url(decodeTokenKey(key)), e: "AQAB", ext: true }
  return await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"])
}

function base64Url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}
