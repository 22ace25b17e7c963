// The provider for browsers: libsodium as WebAssembly, and noble for what libsodium does not bring there. Runs in Node as well.

import { gcm } from "@noble/ciphers/aes.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { assert, concat, equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "./provider.ts"
import { type Aead, type Primitives, tagBytes } from "./primitives.ts"
import { type Sodium, loadSodium } from "./sodium.ts"
import { makeProvider } from "./suite.ts"

/** An X25519 scalar with its public key; an ML-KEM-768 decapsulation key of 2,400 bytes with its encapsulation key. */
export interface PrivateKey {
  readonly secret: Uint8Array
  readonly publicBytes: Uint8Array
}

/** All suites on libsodium's WebAssembly, with AES-GCM and SHA-256 from noble. Loads the WebAssembly once per call. */
export async function browserProvider(): Promise<CryptoProvider> {
  return makeProvider(await browserPrimitives(), platformRandom)
}

/** getRandomValues gives at most 65,536 bytes at once, far more than anything here asks for. */
const platformRandom: Random = (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes))

const keyBytes = 32
const nonceBytes = 12
const mlKemPublicBytes = 1184
const mlKemSecretBytes = 2400
const mlKemCiphertextBytes = 1088

/** Loads libsodium's WebAssembly and wraps it. */
export async function browserPrimitives(): Promise<Primitives<Uint8Array, PrivateKey, Uint8Array, PrivateKey>> {
  const sodium = await loadSodium()
  return {
    sha256: (data) => sha256(data),
    /** HKDF-Extract with the key as salt is HMAC (RFC 5869 §2.2), which libsodium exports under that name only. */
    hmacSha256: (key, data) =>
      sodium.call(key.length + data.length + keyBytes, (module) => {
        const out = sodium.room(keyBytes)
        module.crypto_kdf_hkdf_sha256_extract(out, sodium.put(key), key.length, sodium.put(data), data.length)
        return sodium.take(out, keyBytes)
      }),
    sha3_256: (data) =>
      sodium.call(data.length + keyBytes, (module) => {
        const out = sodium.room(keyBytes)
        module.crypto_hash_sha3256(out, sodium.put(data), data.length, 0)
        return sodium.take(out, keyBytes)
      }),
    shake256: (data, lengthBytes) =>
      sodium.call(data.length + lengthBytes, (module) => {
        const out = sodium.room(lengthBytes)
        module.crypto_xof_shake256(out, lengthBytes, sodium.put(data), data.length, 0)
        return sodium.take(out, lengthBytes)
      }),
    aes128Gcm,
    chaCha20Poly1305: chaCha20Poly1305(sodium),
    x25519: x25519(sodium),
    mlKem768: mlKem768(sodium),
    ed25519: ed25519(sodium),
  }
}

const aes128Gcm: Aead = {
  seal: (key, nonce, aad, plaintext) => gcm(key, nonce, aad).encrypt(plaintext),
  open(key, nonce, aad, ciphertext) {
    try {
      return gcm(key, nonce, aad).decrypt(ciphertext)
    } catch {
      return undefined
    }
  },
}

function chaCha20Poly1305(sodium: Sodium): Aead {
  const argumentsBytes = keyBytes + nonceBytes + tagBytes
  return {
    seal: (key, nonce, aad, plaintext) =>
      sodium.call(argumentsBytes + aad.length + 2 * plaintext.length, (module) => {
        const outBytes = plaintext.length + tagBytes
        const out = sodium.room(outBytes)
        // prettier-ignore
        module.crypto_aead_chacha20poly1305_ietf_encrypt(out, 0, sodium.put(plaintext), plaintext.length, 0, sodium.put(aad), aad.length, 0, 0, sodium.put(nonce), sodium.put(key))
        return sodium.take(out, outBytes)
      }),
    open: (key, nonce, aad, ciphertext) =>
      sodium.call(argumentsBytes + aad.length + 2 * ciphertext.length, (module) => {
        const outBytes = ciphertext.length - tagBytes
        const out = sodium.room(outBytes)
        // prettier-ignore
        const failed = module.crypto_aead_chacha20poly1305_ietf_decrypt(out, 0, 0, sodium.put(ciphertext), ciphertext.length, 0, sodium.put(aad), aad.length, 0, sodium.put(nonce), sodium.put(key))
        return failed === 0 ? sodium.take(out, outBytes) : undefined
      }),
  }
}

function x25519(sodium: Sodium): Primitives<Uint8Array, PrivateKey, Uint8Array, PrivateKey>["x25519"] {
  return {
    importPrivate: (scalar) => ({
      secret: scalar.slice(),
      publicBytes: sodium.call(2 * keyBytes, (module) => {
        const point = sodium.room(keyBytes)
        module.crypto_scalarmult_base(point, sodium.put(scalar))
        return sodium.take(point, keyBytes)
      }),
    }),
    importPublic: (point) => point,
    publicBytes: (key) => key.publicBytes,
    agree: (key, point) =>
      sodium.call(3 * keyBytes, (module) => {
        const shared = sodium.room(keyBytes)
        assert(module.crypto_scalarmult(shared, sodium.put(key.secret), sodium.put(point)) === 0, "a point that is not of small order")
        return sodium.take(shared, keyBytes)
      }),
  }
}

function mlKem768(sodium: Sodium): Primitives<Uint8Array, PrivateKey, Uint8Array, PrivateKey>["mlKem768"] {
  return {
    importPrivate: (seed) =>
      sodium.call(mlKemPublicBytes + mlKemSecretBytes + seed.length, (module) => {
        const publicKey = sodium.room(mlKemPublicBytes)
        const secretKey = sodium.room(mlKemSecretBytes)
        module.crypto_kem_mlkem768_seed_keypair(publicKey, secretKey, sodium.put(seed))
        return { secret: sodium.take(secretKey, mlKemSecretBytes), publicBytes: sodium.take(publicKey, mlKemPublicBytes) }
      }),
    importPublic: (key) => key,
    publicBytes: (key) => key.publicBytes,
    encapsulate: (key, random) =>
      sodium.call(mlKemCiphertextBytes + mlKemPublicBytes + 2 * keyBytes, (module) => {
        const ciphertext = sodium.room(mlKemCiphertextBytes)
        const shared = sodium.room(keyBytes)
        const failed = module.crypto_kem_mlkem768_enc_deterministic(ciphertext, shared, sodium.put(key), sodium.put(random(keyBytes)))
        assert(failed === 0, "an encapsulation key that has been checked")
        return { sharedSecret: sodium.take(shared, keyBytes), ciphertext: sodium.take(ciphertext, mlKemCiphertextBytes) }
      }),
    decapsulate: (key, ciphertext) =>
      sodium.call(mlKemCiphertextBytes + mlKemSecretBytes + keyBytes, (module) => {
        const shared = sodium.room(keyBytes)
        module.crypto_kem_mlkem768_dec(shared, sodium.put(ciphertext), sodium.put(key.secret))
        return sodium.take(shared, keyBytes)
      }),
  }
}

function ed25519(sodium: Sodium): Primitives<Uint8Array, PrivateKey, Uint8Array, PrivateKey>["ed25519"] {
  /** libsodium's 64-byte secret keys (seed ‖ public key), as long as the caller holds the very array of the seed. */
  const expanded = new WeakMap<Uint8Array, Uint8Array>()

  function publicBytes(seed: Uint8Array): Uint8Array {
    assert(seed.length === keyBytes, "an Ed25519 seed of 32 bytes")
    return sodium.call(4 * keyBytes, (module) => {
      const publicKey = sodium.room(keyBytes)
      module.crypto_sign_seed_keypair(publicKey, sodium.room(2 * keyBytes), sodium.put(seed))
      return sodium.take(publicKey, keyBytes)
    })
  }

  function secretKeyOf(seed: Uint8Array): Uint8Array {
    const known = expanded.get(seed)
    if (known !== undefined && equal(known.subarray(0, keyBytes), seed)) return known
    const made = concat(seed, publicBytes(seed))
    expanded.set(seed, made)
    return made
  }

  return {
    publicBytes,
    sign(seed, message) {
      const secretKey = secretKeyOf(seed)
      return sodium.call(4 * keyBytes + message.length, (module) => {
        const signature = sodium.room(2 * keyBytes)
        module.crypto_sign_detached(signature, 0, sodium.put(message), message.length, 0, sodium.put(secretKey))
        return sodium.take(signature, 2 * keyBytes)
      })
    },
    verify: (publicKey, message, signature) =>
      sodium.call(3 * keyBytes + message.length, (module) => {
        return (
          module.crypto_sign_verify_detached(sodium.put(signature), sodium.put(message), message.length, 0, sodium.put(publicKey)) === 0
        )
      }),
  }
}
