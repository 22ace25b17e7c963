import { assert } from "@nodoor/bytes"
import type { CipherSuiteId, CryptoProvider, Random, SuiteCrypto } from "./provider.ts"
import { dhkemX25519 } from "./dhkem.ts"
import { isStrictEd25519Point } from "./ed25519-points.ts"
import { Hpke } from "./hpke.ts"
import { Hkdf } from "./kdf.ts"
import type { Kem } from "./kem.ts"
import { type Primitives, tagBytes } from "./primitives.ts"
import { xWing } from "./xwing.ts"

const nonceBytes = 12
const ed25519Bytes = 32
const signatureBytes = 64

/** A whole provider from a platform's primitives: the three suites, and what transparency needs. */
export function makeProvider<XPublic, XPrivate, MPublic, MPrivate>(
  primitives: Primitives<XPublic, XPrivate, MPublic, MPrivate>,
  random: Random,
): CryptoProvider {
  const hkdf = new Hkdf(primitives.hmacSha256)
  const x25519 = dhkemX25519(primitives.x25519, hkdf)
  const hybrid = xWing(primitives)
  const suites: Record<CipherSuiteId, SuiteCrypto> = {
    0x0001: makeSuite(primitives, { id: 0x0001, kem: x25519, hkdf }),
    0x0003: makeSuite(primitives, { id: 0x0003, kem: x25519, hkdf }),
    0x004f: makeSuite(primitives, { id: 0x004f, kem: hybrid, hkdf }),
  }
  return {
    random,
    suite(id) {
      const suite = suites[id]
      assert(suite !== undefined, "a cipher suite of this engine")
      return suite
    },
    x25519: {
      scalar: (bytes) => {
        const key = primitives.x25519.importPrivate(bytes)
        return {
          base: primitives.x25519.publicBytes(key),
          times: (u) => primitives.x25519.agree(key, primitives.x25519.importPublic(u)),
        }
      },
    },
    sha256: primitives.sha256,
    hmacSha256: primitives.hmacSha256,
    verifyEd25519: ({ publicKey, message, signature }) => verify(primitives, { publicKey, message, signature }),
    signEd25519: ({ privateKey, message }) => primitives.ed25519.sign(privateKey, message),
  }
}

type AnyPrimitives = Pick<Primitives<never, never, never, never>, "sha256" | "hmacSha256" | "aes128Gcm" | "chaCha20Poly1305" | "ed25519">

function makeSuite(
  primitives: AnyPrimitives,
  { id, kem, hkdf }: { readonly id: CipherSuiteId; readonly kem: Kem; readonly hkdf: Hkdf },
): SuiteCrypto {
  const isChaCha = id === 0x0003
  const aead = isChaCha ? primitives.chaCha20Poly1305 : primitives.aes128Gcm
  const keyBytes = isChaCha ? 32 : 16
  const hpke = new Hpke({
    kem,
    hkdf,
    aead,
    aeadId: isChaCha ? 0x0003 : 0x0001,
    keyBytes,
    nonceBytes,
  })
  return {
    id,
    hashBytes: 32,
    keyBytes,
    nonceBytes,
    kemPublicKeyBytes: kem.publicKeyBytes,
    kemCiphertextBytes: kem.ciphertextBytes,
    hash: primitives.sha256,
    mac: primitives.hmacSha256,
    extract: (salt, ikm) => hkdf.extract(salt, ikm),
    expand: (prk, info, lengthBytes) => hkdf.expand(prk, info, lengthBytes),
    seal(key, nonce, aad, plaintext) {
      assert(key.length === keyBytes && nonce.length === nonceBytes, "an AEAD key and nonce of the suite's lengths")
      return aead.seal(key, nonce, aad, plaintext)
    },
    open(key, nonce, aad, ciphertext) {
      assert(key.length === keyBytes && nonce.length === nonceBytes, "an AEAD key and nonce of the suite's lengths")
      return ciphertext.length < tagBytes ? undefined : aead.open(key, nonce, aad, ciphertext)
    },
    deriveKeyPair(ikm) {
      const privateKey = kem.importPrivateKey(kem.derivePrivateKey(ikm))
      assert(privateKey !== undefined, "DeriveKeyPair makes a key of its KEM")
      return { privateKey, publicKey: kem.publicKeyOf(privateKey) }
    },
    importPublicKey: kem.importPublicKey,
    importPrivateKey: kem.importPrivateKey,
    publicKeyOf: kem.publicKeyOf,
    hpkeSeal: (to, info, aad, plaintext, random) => hpke.seal(to, info, aad, plaintext, random),
    hpkeOpen: (key, kemOutput, info, aad, ciphertext) =>
      ciphertext.length < tagBytes ? undefined : hpke.open(key, kemOutput, info, aad, ciphertext),
    hpkeExportTo: (to, info, context, lengthBytes, random) => hpke.exportTo(to, info, context, lengthBytes, random),
    hpkeExportFrom: (key, kemOutput, info, context, lengthBytes) => hpke.exportFrom(key, kemOutput, info, context, lengthBytes),
    signatureKeyPair(random) {
      const privateKey = random(ed25519Bytes)
      return { privateKey, publicKey: primitives.ed25519.publicBytes(privateKey) }
    },
    sign: (privateKey, message) => primitives.ed25519.sign(privateKey, message),
    verify: (publicKey, message, signature) => verify(primitives, { publicKey, message, signature }),
  }
}

/** Ed25519 with the strictness that all platforms share; see `isStrictEd25519Point`. */
function verify(
  primitives: AnyPrimitives,
  {
    publicKey,
    message,
    signature,
  }: {
    readonly publicKey: Uint8Array
    readonly message: Uint8Array
    readonly signature: Uint8Array
  },
): boolean {
  if (publicKey.length !== ed25519Bytes || signature.length !== signatureBytes) return false
  if (!isStrictEd25519Point(publicKey) || !isStrictEd25519Point(signature.subarray(0, 32))) return false
  return primitives.ed25519.verify(publicKey, message, signature)
}
