import { assert, concat, toUtf8 } from "@nodoor/bytes"
import type { KemPrivateKey, KemPublicKey } from "./provider.ts"
import { labeledDeriveInput, twoBytes } from "./kdf.ts"
import { type Kem, lazy } from "./kem.ts"
import type { Primitives } from "./primitives.ts"
import { isSmallOrderX25519 } from "./x25519-points.ts"

const id = 0x647a
const suiteId = concat(toUtf8("KEM"), twoBytes(id))
/** `\.//^\` */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c)
const seedBytes = 32
const mlKemSeedBytes = 64
const mlKemPublicKeyBytes = 1184
const mlKemCiphertextBytes = 1088
const x25519Bytes = 32
const publicKeyBytes = mlKemPublicKeyBytes + x25519Bytes
const ciphertextBytes = mlKemCiphertextBytes + x25519Bytes

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem), which draft-ietf-hpke-pq calls MLKEM768-X25519: ML-KEM-768 and X25519 joined by SHA3-256.
 * The private key is a 32-byte seed. DeriveKeyPair is that of draft-ietf-hpke-pq: SHAKE256 with a label.
 */
export function xWing<XPublic, XPrivate, MPublic, MPrivate>(primitives: Primitives<XPublic, XPrivate, MPublic, MPrivate>): Kem {
  const { x25519, mlKem768 } = primitives

  class PublicKey implements KemPublicKey {
    readonly bytes: Uint8Array
    readonly mlKem: () => MPublic
    readonly x: () => XPublic
    constructor(bytes: Uint8Array) {
      this.bytes = bytes
      this.mlKem = lazy(() => mlKem768.importPublic(bytes.subarray(0, mlKemPublicKeyBytes)))
      this.x = lazy(() => x25519.importPublic(this.xBytes))
    }
    get xBytes(): Uint8Array {
      return this.bytes.subarray(mlKemPublicKeyBytes)
    }
  }
  class PrivateKey implements KemPrivateKey {
    readonly bytes: Uint8Array
    readonly expanded: () => { readonly mlKem: MPrivate; readonly x: XPrivate }
    readonly publicKey: () => PublicKey
    constructor(bytes: Uint8Array) {
      this.bytes = bytes
      this.expanded = lazy(() => {
        const seeds = primitives.shake256(bytes, mlKemSeedBytes + x25519Bytes)
        return {
          mlKem: mlKem768.importPrivate(seeds.subarray(0, mlKemSeedBytes)),
          x: x25519.importPrivate(seeds.subarray(mlKemSeedBytes)),
        }
      })
      this.publicKey = lazy(() => {
        const { mlKem, x } = this.expanded()
        return new PublicKey(concat(mlKem768.publicBytes(mlKem), x25519.publicBytes(x)))
      })
    }
  }

  function combine(parts: {
    readonly mlKem: Uint8Array
    readonly x: Uint8Array
    readonly xCiphertext: Uint8Array
    readonly xPublic: Uint8Array
  }): Uint8Array {
    return primitives.sha3_256(concat(parts.mlKem, parts.x, parts.xCiphertext, parts.xPublic, label))
  }

  return {
    id,
    publicKeyBytes,
    ciphertextBytes,
    derivePrivateKey: (ikm) =>
      primitives.shake256(labeledDeriveInput(suiteId, { ikm, label: "DeriveKeyPair", lengthBytes: seedBytes }), seedBytes),
    importPublicKey(bytes) {
      if (bytes.length !== publicKeyBytes || !isReduced(bytes) || isSmallOrderX25519(bytes.subarray(mlKemPublicKeyBytes))) return undefined
      return new PublicKey(bytes.slice())
    },
    importPrivateKey: (bytes) => (bytes.length === seedBytes ? new PrivateKey(bytes.slice()) : undefined),
    publicKeyOf(key) {
      assert(key instanceof PrivateKey, "an X-Wing private key of this provider")
      return key.publicKey()
    },
    encapsulate(to, random) {
      assert(to instanceof PublicKey, "an X-Wing public key of this provider")
      const mlKem = mlKem768.encapsulate(to.mlKem(), random)
      const ephemeral = x25519.importPrivate(random(x25519Bytes))
      const xCiphertext = x25519.publicBytes(ephemeral)
      const sharedSecret = combine({
        mlKem: mlKem.sharedSecret,
        x: x25519.agree(ephemeral, to.x()),
        xCiphertext,
        xPublic: to.xBytes,
      })
      return { sharedSecret, kemOutput: concat(mlKem.ciphertext, xCiphertext) }
    },
    decapsulate(key, kemOutput) {
      assert(key instanceof PrivateKey, "an X-Wing private key of this provider")
      const xCiphertext = kemOutput.subarray(mlKemCiphertextBytes)
      // A point of small order would make the classical half known to all; no honest sender makes one.
      if (kemOutput.length !== ciphertextBytes || isSmallOrderX25519(xCiphertext)) return undefined
      const { mlKem, x } = key.expanded()
      return combine({
        mlKem: mlKem768.decapsulate(mlKem, kemOutput.subarray(0, mlKemCiphertextBytes)),
        x: x25519.agree(x, x25519.importPublic(xCiphertext)),
        xCiphertext,
        xPublic: key.publicKey().xBytes,
      })
    },
  }
}

/** The modulus check of FIPS 203 §7.2: each of the 768 twelve-bit coefficients is below 3,329. */
function isReduced(publicKey: Uint8Array): boolean {
  for (let i = 0; i < mlKemPublicKeyBytes - 32; i += 3) {
    const middle = publicKey[i + 1] as number
    if (((publicKey[i] as number) | ((middle & 0x0f) << 8)) >= 3329) return false
    if (((middle >> 4) | ((publicKey[i + 2] as number) << 4)) >= 3329) return false
  }
  return true
}
