// Node's own hashes and signatures for the programs that check logs.

import { createHmac, createPrivateKey, createPublicKey, hash, sign, verify } from "node:crypto"
import type { LogCrypto } from "@nodoor/keylog"

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex")

export const crypto: LogCrypto = {
  sha256: (data) => new Uint8Array(hash("sha256", data, "buffer")),
  hmacSha256: (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
  verifyEd25519: ({ publicKey, message, signature }) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" })
      return verify(null, message, key, signature)
    } catch {
      return false
    }
  },
  signEd25519: ({ privateKey, message }) => new Uint8Array(sign(null, message, privateKeyOf(privateKey))),
}

/** The public key, 32 bytes, of a 32-byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: "der", type: "spki" })
  return new Uint8Array(spki.subarray(spki.length - 32))
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function privateKeyOf(seed: Uint8Array): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" })
}
