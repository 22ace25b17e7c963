import { assert, concat, toUtf8 } from "@nodoor/bytes"
import type { KemPrivateKey, KemPublicKey } from "./provider.ts"
import { type Hkdf, LabeledKdf, twoBytes } from "./kdf.ts"
import { type Kem, lazy } from "./kem.ts"
import type { Primitives } from "./primitives.ts"
import { isSmallOrderX25519 } from "./x25519-points.ts"

const id = 0x0020
const empty = new Uint8Array(0)
const keyBytes = 32

/** DHKEM(X25519, HKDF-SHA256): RFC 9180 §4.1, §7.1. */
export function dhkemX25519<XPublic, XPrivate>(x25519: Primitives<XPublic, XPrivate, never, never>["x25519"], hkdf: Hkdf): Kem {
  const kdf = new LabeledKdf(hkdf, concat(toUtf8("KEM"), twoBytes(id)))

  class PublicKey implements KemPublicKey {
    readonly bytes: Uint8Array
    readonly imported: () => XPublic
    constructor(bytes: Uint8Array) {
      this.bytes = bytes
      this.imported = lazy(() => x25519.importPublic(bytes))
    }
  }
  class PrivateKey implements KemPrivateKey {
    readonly bytes: Uint8Array
    readonly imported: () => XPrivate
    readonly publicKey: () => PublicKey
    constructor(bytes: Uint8Array) {
      this.bytes = bytes
      this.imported = lazy(() => x25519.importPrivate(bytes))
      this.publicKey = lazy(() => new PublicKey(x25519.publicBytes(this.imported())))
    }
  }

  function importPublicKey(bytes: Uint8Array): PublicKey | undefined {
    return bytes.length === keyBytes && !isSmallOrderX25519(bytes) ? new PublicKey(bytes.slice()) : undefined
  }

  /** ExtractAndExpand (RFC 9180 §4.1). */
  function sharedSecret(agreed: Uint8Array, kemOutput: Uint8Array, to: Uint8Array): Uint8Array {
    return kdf.expand(kdf.extract(empty, "eae_prk", agreed), "shared_secret", concat(kemOutput, to), 32)
  }

  return {
    id,
    publicKeyBytes: keyBytes,
    ciphertextBytes: keyBytes,
    // RFC 9180 §7.1.3: for X25519 the private key is the expanded bytes as they are.
    derivePrivateKey: (ikm) => kdf.expand(kdf.extract(empty, "dkp_prk", ikm), "sk", empty, keyBytes),
    importPublicKey,
    importPrivateKey: (bytes) => (bytes.length === keyBytes ? new PrivateKey(bytes.slice()) : undefined),
    publicKeyOf(key) {
      assert(key instanceof PrivateKey, "an X25519 private key of this provider")
      return key.publicKey()
    },
    encapsulate(to, random) {
      assert(to instanceof PublicKey, "an X25519 public key of this provider")
      // The key pair of one encapsulation: RFC 9180 §4.1 GenerateKeyPair gives uniform bytes for X25519.
      const ephemeral = x25519.importPrivate(random(keyBytes))
      const kemOutput = x25519.publicBytes(ephemeral)
      return {
        kemOutput,
        sharedSecret: sharedSecret(x25519.agree(ephemeral, to.imported()), kemOutput, to.bytes),
      }
    },
    decapsulate(key, kemOutput) {
      assert(key instanceof PrivateKey, "an X25519 private key of this provider")
      const from = importPublicKey(kemOutput)
      return from === undefined ? undefined : sharedSecret(x25519.agree(key.imported(), from.imported()), kemOutput, key.publicKey().bytes)
    },
  }
}
