import { concat, toUtf8 } from "@nodoor/bytes"
import type { KemPrivateKey, KemPublicKey, Random } from "./provider.ts"
import { type Hkdf, LabeledKdf, twoBytes } from "./kdf.ts"
import type { Kem } from "./kem.ts"
import type { Aead } from "./primitives.ts"

/** What HPKE is composed of for one suite: KDF is HKDF-SHA256 (0x0001) always. */
export interface HpkeParts {
  readonly kem: Kem
  readonly hkdf: Hkdf
  readonly aead: Aead
  /** HPKE AEAD identifier: 0x0001 AES-128-GCM, 0x0003 ChaCha20Poly1305. */
  readonly aeadId: number
  readonly keyBytes: number
  readonly nonceBytes: number
}

const empty = new Uint8Array(0)
const kdfId = 0x0001
const baseMode = Uint8Array.of(0)

/** HPKE base mode (RFC 9180 §5.1.1), single shot (§6.1), and its exporter (§5.3). */
export class Hpke {
  readonly #parts: HpkeParts
  readonly #kdf: LabeledKdf
  readonly #pskIdHash: Uint8Array
  #hashedInfo: { readonly info: Uint8Array; readonly hash: Uint8Array } | undefined

  constructor(parts: HpkeParts) {
    this.#parts = parts
    this.#kdf = new LabeledKdf(parts.hkdf, concat(toUtf8("HPKE"), twoBytes(parts.kem.id), twoBytes(kdfId), twoBytes(parts.aeadId)))
    this.#pskIdHash = this.#kdf.extract(empty, "psk_id_hash", empty)
  }

  seal(
    to: KemPublicKey,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    random: Random,
  ): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array } {
    const { sharedSecret, kemOutput } = this.#parts.kem.encapsulate(to, random)
    const { key, nonce } = this.#messageKey(this.#schedule(sharedSecret, info))
    return { kemOutput, ciphertext: this.#parts.aead.seal(key, nonce, aad, plaintext) }
  }

  open(
    privateKey: KemPrivateKey,
    kemOutput: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined {
    const sharedSecret = this.#parts.kem.decapsulate(privateKey, kemOutput)
    if (sharedSecret === undefined) return undefined
    const { key, nonce } = this.#messageKey(this.#schedule(sharedSecret, info))
    return this.#parts.aead.open(key, nonce, aad, ciphertext)
  }

  exportTo(
    to: KemPublicKey,
    info: Uint8Array,
    exporterContext: Uint8Array,
    lengthBytes: number,
    random: Random,
  ): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array } {
    const { sharedSecret, kemOutput } = this.#parts.kem.encapsulate(to, random)
    return {
      kemOutput,
      secret: this.#export(this.#schedule(sharedSecret, info), exporterContext, lengthBytes),
    }
  }

  exportFrom(
    privateKey: KemPrivateKey,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    lengthBytes: number,
  ): Uint8Array | undefined {
    const sharedSecret = this.#parts.kem.decapsulate(privateKey, kemOutput)
    return sharedSecret === undefined ? undefined : this.#export(this.#schedule(sharedSecret, info), exporterContext, lengthBytes)
  }

  /** KeySchedule (RFC 9180 §5.1) as far as all uses share it. */
  #schedule(sharedSecret: Uint8Array, info: Uint8Array): { readonly secret: Uint8Array; readonly context: Uint8Array } {
    const context = concat(baseMode, this.#pskIdHash, this.#infoHash(info))
    return { secret: this.#kdf.extract(sharedSecret, "secret", empty), context }
  }

  /** A Welcome seals many group secrets under one `info`, the whole GroupInfo: the same array is hashed once. */
  #infoHash(info: Uint8Array): Uint8Array {
    if (this.#hashedInfo?.info !== info) this.#hashedInfo = { info, hash: this.#kdf.extract(empty, "info_hash", info) }
    return this.#hashedInfo.hash
  }

  #messageKey({ secret, context }: { readonly secret: Uint8Array; readonly context: Uint8Array }): {
    readonly key: Uint8Array
    readonly nonce: Uint8Array
  } {
    return {
      key: this.#kdf.expand(secret, "key", context, this.#parts.keyBytes),
      nonce: this.#kdf.expand(secret, "base_nonce", context, this.#parts.nonceBytes),
    }
  }

  #export(
    { secret, context }: { readonly secret: Uint8Array; readonly context: Uint8Array },
    exporterContext: Uint8Array,
    lengthBytes: number,
  ): Uint8Array {
    const exporterSecret = this.#kdf.expand(secret, "exp", context, 32)
    return this.#kdf.expand(exporterSecret, "sec", exporterContext, lengthBytes)
  }
}
