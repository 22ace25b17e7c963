// The provider for Node: everything native through node:crypto (OpenSSL), synchronous.

import {
  type CipherGCMTypes,
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  hash,
  randomBytes,
  randomFillSync,
  sign,
  verify,
} from "node:crypto"
import { assert, equal } from "@nodoor/bytes"
import type { CryptoProvider } from "./provider.ts"
import { type Aead, type Primitives, tagBytes } from "./primitives.ts"
import { makeProvider } from "./suite.ts"

export type NodePrimitives = Primitives<KeyObject, KeyObject, KeyObject, KeyObject>

/**
 * OpenSSL's implementations. Node cannot hand randomness to ML-KEM encapsulation: there, and only there, the randomness is
 * OpenSSL's own instead of the caller's. `deterministicProvider` is for whoever must replay a run byte for byte.
 */
export const nodePrimitives: NodePrimitives = {
  sha256: (data) => plain(hash("sha256", data, "buffer")),
  hmacSha256: (key, data) => plain(createHmac("sha256", key).update(data).digest()),
  sha3_256: (data) => plain(hash("sha3-256", data, "buffer")),
  shake256: (data, lengthBytes) => plain(createHash("shake256", { outputLength: lengthBytes }).update(data).digest()),
  aes128Gcm: aead("aes-128-gcm"),
  chaCha20Poly1305: aead("chacha20-poly1305"),
  x25519: {
    importPrivate: (scalar) => createPrivateKey({ key: scalar, format: "raw-private", asymmetricKeyType: "x25519" }),
    importPublic: (point) => createPublicKey({ key: point, format: "raw-public", asymmetricKeyType: "x25519" }),
    publicBytes: (key) => plain(createPublicKey(key).export({ format: "raw-public" })),
    agree: (privateKey, publicKey) => plain(diffieHellman({ privateKey, publicKey })),
  },
  mlKem768: {
    importPrivate: (seed) => createPrivateKey({ key: seed, format: "raw-seed", asymmetricKeyType: "ml-kem-768" }),
    importPublic: (key) => createPublicKey({ key, format: "raw-public", asymmetricKeyType: "ml-kem-768" }),
    publicBytes: (key) => plain(createPublicKey(key).export({ format: "raw-public" })),
    encapsulate: (key) => {
      const { sharedKey, ciphertext } = encapsulate(key)
      return { sharedSecret: plain(sharedKey), ciphertext: plain(ciphertext) }
    },
    decapsulate: (key, ciphertext) => plain(decapsulate(key, ciphertext)),
  },
  ed25519: {
    publicBytes: (seed) => plain(createPublicKey(importSeed(seed)).export({ format: "raw-public" })),
    sign: (seed, message) => plain(sign(null, message, importedSeed(seed))),
    verify(publicKey, message, signature) {
      const key = importedPublicKey(publicKey)
      return key !== undefined && verify(null, message, key, signature)
    },
  },
}

/** All suites on node:crypto. */
export const nodeProvider: CryptoProvider = makeProvider(nodePrimitives, random)

/** Random bytes at hand for draws too short to be a key: each message needs four, and OpenSSL takes 3 µs for a draw of any size. */
const drawn = new Uint8Array(1024)
const maxShortDrawBytes = 8
let drawnAt = drawn.length

function random(sizeBytes: number): Uint8Array {
  if (sizeBytes > maxShortDrawBytes) return plain(randomBytes(sizeBytes))
  if (drawnAt + sizeBytes > drawn.length) {
    randomFillSync(drawn)
    drawnAt = 0
  }
  const out = drawn.slice(drawnAt, drawnAt + sizeBytes)
  drawn.fill(0, drawnAt, drawnAt + sizeBytes)
  drawnAt += sizeBytes
  return out
}

/** The same bytes as a Uint8Array: a Buffer's `slice` would share memory where everyone else's copies. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

function aead(algorithm: CipherGCMTypes | "chacha20-poly1305"): Aead {
  // One name covers both in Node's types; the option of the tag's length is needed by ChaCha20-Poly1305 and is the default of GCM.
  const cipher = algorithm as CipherGCMTypes
  const options = { authTagLength: tagBytes }
  return {
    seal(key, nonce, aad, plaintext) {
      const sealing = createCipheriv(cipher, key, nonce, options)
      sealing.setAAD(aad)
      const head = sealing.update(plaintext)
      sealing.final()
      const out = new Uint8Array(head.length + tagBytes)
      out.set(head)
      out.set(sealing.getAuthTag(), head.length)
      return out
    },
    open(key, nonce, aad, ciphertext) {
      const at = ciphertext.length - tagBytes
      const opening = createDecipheriv(cipher, key, nonce, options)
      opening.setAAD(aad)
      opening.setAuthTag(ciphertext.subarray(at))
      const plaintext = opening.update(ciphertext.subarray(0, at))
      try {
        opening.final()
      } catch {
        return undefined
      }
      return plain(plaintext)
    },
  }
}

function importSeed(seed: Uint8Array): KeyObject {
  assert(seed.length === 32, "an Ed25519 seed of 32 bytes")
  return createPrivateKey({ key: seed, format: "raw-private", asymmetricKeyType: "ed25519" })
}

/** Imported signature keys, as long as the caller holds the very array: no secret outlives its owner here. */
const seeds = new WeakMap<Uint8Array, { readonly bytes: Uint8Array; readonly key: KeyObject }>()

function importedSeed(seed: Uint8Array): KeyObject {
  const known = seeds.get(seed)
  if (known !== undefined && equal(known.bytes, seed)) return known.key
  const key = importSeed(seed)
  seeds.set(seed, { bytes: seed.slice(), key })
  return key
}

/** Imported verification keys, by their bytes; emptied when full, which costs one import of 3 µs per key still in use. */
const publicKeys = new Map<string, KeyObject>()
const publicKeysMax = 4096

function importedPublicKey(bytes: Uint8Array): KeyObject | undefined {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
  const known = publicKeys.get(name)
  if (known !== undefined) return known
  let key: KeyObject
  try {
    key = createPublicKey({ key: bytes, format: "raw-public", asymmetricKeyType: "ed25519" })
  } catch {
    return undefined
  }
  if (publicKeys.size >= publicKeysMax) publicKeys.clear()
  publicKeys.set(name, key)
  return key
}
