// The server's primitives, over node:crypto: hashes and signatures of what everybody may see. It holds no key that opens anything.

import { type KeyObject, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hash, sign, verify } from "node:crypto"
import { concat, fromHex } from "@nodoor/bytes"
import type { LogCrypto, X25519 } from "@nodoor/keylog"
import { RecentMap } from "./recent-map.ts"

const spkiPrefix = fromHex("302a300506032b6570032100")
const pkcs8Prefix = fromHex("302e020100300506032b657004220420")

/** Public keys that were imported lately: an import costs a tenth of a verification. */
const importedKeys = new RecentMap<KeyObject>(4096)

function importKey(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("latin1")
  let key = importedKeys.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.from(concat(spkiPrefix, publicKey)), format: "der", type: "spki" })
    importedKeys.set(name, key)
  }
  return key
}

export const serverCrypto: LogCrypto = {
  sha256: (data) => new Uint8Array(hash("sha256", data, "buffer")),
  hmacSha256: (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
  verifyEd25519: ({ publicKey, message, signature }) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      return verify(null, message, importKey(publicKey), signature)
    } catch {
      return false
    }
  },
  signEd25519: ({ privateKey, message }) => {
    const key = createPrivateKey({ key: Buffer.from(concat(pkcs8Prefix, privateKey)), format: "der", type: "pkcs8" })
    return new Uint8Array(sign(null, message, key))
  },
}

/** The multiplication of curve25519, for the map's places (RFC 7748 §5). */
export const serverX25519: X25519 = {
  scalar: (bytes) => {
    const privateKey = createPrivateKey({ key: Buffer.from(bytes), format: "raw-private", asymmetricKeyType: "x25519" })
    return {
      base: new Uint8Array(createPublicKey(privateKey).export({ format: "raw-public" })),
      times: (u) => {
        const publicKey = createPublicKey({ key: Buffer.from(u), format: "raw-public", asymmetricKeyType: "x25519" })
        return new Uint8Array(diffieHellman({ privateKey, publicKey }))
      },
    }
  },
}

export const sha256: (data: Uint8Array) => Uint8Array = serverCrypto.sha256

/** SHA-256 over the parts one after the other. */
export function sha256Of(parts: Iterable<Uint8Array>): Uint8Array {
  const digest = createHash("sha256")
  for (const part of parts) digest.update(part)
  return new Uint8Array(digest.digest())
}
