// libsodium compiled to WebAssembly, called without its wrappers: an arena in its memory for the arguments of one call, wiped after it.

// @ts-expect-error libsodium ships no types; what is used of it is `SodiumModule` below.
import libsodium from "libsodium"
import { assert } from "@nodoor/bytes"

/** The functions of libsodium's C interface that the browser provider calls. 64-bit lengths are two 32-bit arguments, low first. */
interface SodiumModule {
  readonly HEAPU8: Uint8Array
  _sodium_init(): number
  _malloc(sizeBytes: number): number
  _free(pointer: number): void
  _crypto_sign_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  _crypto_sign_detached(signature: number, signatureLength: number, message: number, low: number, high: number, secretKey: number): number
  _crypto_sign_verify_detached(signature: number, message: number, low: number, high: number, publicKey: number): number
  _crypto_scalarmult_base(point: number, scalar: number): number
  _crypto_scalarmult(shared: number, scalar: number, point: number): number
  // prettier-ignore
  _crypto_aead_chacha20poly1305_ietf_encrypt(out: number, outLength: number, message: number, low: number, high: number, aad: number, aadLow: number, aadHigh: number, none: number, nonce: number, key: number): number
  // prettier-ignore
  _crypto_aead_chacha20poly1305_ietf_decrypt(out: number, outLength: number, none: number, ciphertext: number, low: number, high: number, aad: number, aadLow: number, aadHigh: number, nonce: number, key: number): number
  _crypto_kdf_hkdf_sha256_extract(prk: number, salt: number, saltLength: number, ikm: number, ikmLength: number): number
  _crypto_hash_sha3256(out: number, data: number, low: number, high: number): number
  _crypto_xof_shake256(out: number, outLength: number, data: number, low: number, high: number): number
  _crypto_kem_mlkem768_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  _crypto_kem_mlkem768_enc_deterministic(ciphertext: number, shared: number, publicKey: number, seed: number): number
  _crypto_kem_mlkem768_dec(shared: number, ciphertext: number, secretKey: number): number
}

/** Loads libsodium once per provider. */
export async function loadSodium(): Promise<Sodium> {
  // libsodium seeds itself when it starts; nothing here uses its generator.
  const module = (await libsodium({ getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0] })) as SodiumModule
  assert(module._sodium_init() >= 0, "libsodium initialises")
  return new Sodium(module)
}

const firstArenaBytes = 1 << 16

export class Sodium {
  readonly module: SodiumModule
  #start: number
  #sizeBytes = firstArenaBytes
  #used = 0

  constructor(module: SodiumModule) {
    this.module = module
    this.#start = this.#allocate(firstArenaBytes)
  }

  /**
   * One call: `argumentsBytes` of room for all its arguments, then everything it left in the arena is wiped. Not reentrant.
   * `call` must place everything with `put` and `room`, and take results out with `take`.
   */
  call<T>(argumentsBytes: number, call: (module: SodiumModule) => T): T {
    // Each argument is aligned to 16 bytes; no call has more than eight.
    const needed = argumentsBytes + 8 * 16
    if (needed > this.#sizeBytes) {
      this.module._free(this.#start)
      this.#start = this.#allocate(needed)
      this.#sizeBytes = needed
    }
    try {
      return call(this.module)
    } finally {
      this.module.HEAPU8.fill(0, this.#start, this.#start + this.#used)
      this.#used = 0
    }
  }

  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length)
    this.module.HEAPU8.set(bytes, at)
    return at
  }

  room(sizeBytes: number): number {
    const at = this.#start + this.#used
    this.#used += (sizeBytes + 15) & ~15
    assert(this.#used <= this.#sizeBytes, "an arena with room for all arguments of the call")
    return at
  }

  take(pointer: number, sizeBytes: number): Uint8Array {
    return this.module.HEAPU8.slice(pointer, pointer + sizeBytes)
  }

  #allocate(sizeBytes: number): number {
    const pointer = this.module._malloc(sizeBytes)
    assert(pointer !== 0, "memory for libsodium's arguments")
    return pointer
  }
}
