import type { LogCrypto } from "@nodoor/keylog"

/** IANA "MLS Cipher Suites" this engine implements. The product uses 0x004F only; 1 and 3 are for interoperability. */
export type CipherSuiteId =
  | 0x0001 // MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519
  | 0x0003 // MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519
  | 0x004f // MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519 (draft-ietf-mls-pq-ciphersuites; X-Wing)

/** A public HPKE key imported once; use it for as many operations as wanted. Opaque to the engine. */
export interface KemPublicKey {
  readonly bytes: Uint8Array
}
/** A private HPKE key imported once. `bytes` is what is stored (32 bytes for every suite here: X25519 scalar or X-Wing seed). */
export interface KemPrivateKey {
  readonly bytes: Uint8Array
}

/**
 * One cipher suite's operations on one platform. Synchronous; keeps no state other than caches of imported keys.
 * What is signed, verified or sealed is lent for the call: its memory may be written over afterwards.
 * Nothing here throws for a peer's bad bytes except where stated; our own misuse (a wrong length of our own key) asserts.
 */
export interface SuiteCrypto {
  readonly id: CipherSuiteId
  /** Nh, Nk, Nn of the suite in bytes: 32, 16 or 32, 12. */
  readonly hashBytes: number
  readonly keyBytes: number
  readonly nonceBytes: number
  /** Size in bytes of a KEM public key (32 or 1,216) and of `enc` (32 or 1,120). */
  readonly kemPublicKeyBytes: number
  readonly kemCiphertextBytes: number

  hash(data: Uint8Array): Uint8Array
  mac(key: Uint8Array, data: Uint8Array): Uint8Array
  /** HKDF-Extract and HKDF-Expand (RFC 5869) with the suite's hash. */
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array
  expand(prk: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array

  /** AEAD seal: ciphertext ‖ 16-byte tag. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** AEAD open; undefined when the tag does not fit or the input is too short. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined

  /** KEM.DeriveKeyPair(ikm) (RFC 9180 §4, §7.1.3; X-Wing: draft-connolly-cfrg-xwing-kem). */
  deriveKeyPair(ikm: Uint8Array): { readonly publicKey: KemPublicKey; readonly privateKey: KemPrivateKey }
  /** Undefined for bytes that are not a key of this KEM (wrong length, non-canonical where the KEM checks). */
  importPublicKey(bytes: Uint8Array): KemPublicKey | undefined
  importPrivateKey(bytes: Uint8Array): KemPrivateKey | undefined
  /** The public key of a private key. */
  publicKeyOf(privateKey: KemPrivateKey): KemPublicKey
  /**
   * HPKE base mode, single shot (RFC 9180 §6.1). `random` gives the KEM's randomness. A batch hands in one `info` array for all its calls
   * (a Welcome's is the whole GroupInfo); it is hashed once and not changed in between.
   */
  hpkeSeal(
    to: KemPublicKey,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    random: Random,
  ): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array }
  hpkeOpen(key: KemPrivateKey, kemOutput: Uint8Array, info: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined

  /**
   * HPKE base mode used as an exporter (RFC 9180 §5.3; RFC 9420 §8.3 external initialisation): `SetupBaseS(to, info)`, then
   * `Export(exporterContext, lengthBytes)`; and its receiving side, undefined for a `kemOutput` that is not one.
   */
  hpkeExportTo(
    to: KemPublicKey,
    info: Uint8Array,
    exporterContext: Uint8Array,
    lengthBytes: number,
    random: Random,
  ): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array }
  hpkeExportFrom(
    key: KemPrivateKey,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    lengthBytes: number,
  ): Uint8Array | undefined

  /** Ed25519 for all three suites. The private key is its 32-byte seed. */
  signatureKeyPair(random: Random): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** `n` fresh, uniformly random, unpredictable bytes. Handed in, so that the simulator can replay it. */
export type Random = (sizeBytes: number) => Uint8Array

/** A platform: the suites it can do, and what the transparency checks need. `supports` says which. */
export interface CryptoProvider extends LogCrypto {
  suite(id: CipherSuiteId): SuiteCrypto
  readonly random: Random
}
