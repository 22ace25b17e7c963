// libsodium compiled to WebAssembly, called without its wrappers: an arena in its memory for the arguments of one call, wiped after it.
// scripts/slim-libsodium.ts makes libsodium.wasm of the libsodium package, with only what is called here.

import { assert } from "@nodoor/bytes"

/** The functions of libsodium's C interface that the browser provider calls. 64-bit lengths are two 32-bit arguments, low first. */
interface SodiumModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  sodium_init(): number
  malloc(sizeBytes: number): number
  free(pointer: number): void
  crypto_sign_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  crypto_sign_detached(signature: number, signatureLength: number, message: number, low: number, high: number, secretKey: number): number
  crypto_sign_verify_detached(signature: number, message: number, low: number, high: number, publicKey: number): number
  crypto_scalarmult_base(point: number, scalar: number): number
  crypto_scalarmult(shared: number, scalar: number, point: number): number
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_encrypt(out: number, outLength: number, message: number, low: number, high: number, aad: number, aadLow: number, aadHigh: number, none: number, nonce: number, key: number): number
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_decrypt(out: number, outLength: number, none: number, ciphertext: number, low: number, high: number, aad: number, aadLow: number, aadHigh: number, nonce: number, key: number): number
  crypto_kdf_hkdf_sha256_extract(prk: number, salt: number, saltLength: number, ikm: number, ikmLength: number): number
  crypto_hash_sha3256(out: number, data: number, low: number, high: number): number
  crypto_xof_shake256(out: number, outLength: number, data: number, low: number, high: number): number
  crypto_kem_mlkem768_seed_keypair(publicKey: number, secretKey: number, seed: number): number
  crypto_kem_mlkem768_enc_deterministic(ciphertext: number, shared: number, publicKey: number, seed: number): number
  crypto_kem_mlkem768_dec(shared: number, ciphertext: number, secretKey: number): number
}

/** Loads libsodium once per provider. */
export async function loadSodium(): Promise<Sodium> {
  const module = await instantiate(await wasmBytes())
  assert(module.sodium_init() >= 0, "libsodium initialises")
  return new Sodium(module)
}

/** What of the platform is used here and has no types in a package that knows no platform. */
interface Platform {
  readonly WebAssembly: { instantiate(wasm: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: unknown } }> }
  /** Node only. */
  readonly process?: { getBuiltinModule?(id: "node:fs"): { readFileSync(path: URL): Uint8Array } }
}

const platform = globalThis as unknown as Platform

/** The file beside this one: from disk in Node, from wherever the bundler has put it in a browser. */
async function wasmBytes(): Promise<Uint8Array> {
  const url = new URL("./libsodium.wasm", import.meta.url)
  const files = url.protocol === "file:" ? platform.process?.getBuiltinModule?.("node:fs") : undefined
  if (files !== undefined) return files.readFileSync(url)
  const response = await fetch(url)
  if (!response.ok) throw new TypeError(`libsodium.wasm: HTTP status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** The numbers by which libsodium's code asks for the one piece of JavaScript that gives it random bits. */
const randomBitsCode = 40216

async function instantiate(wasm: Uint8Array): Promise<SodiumModule> {
  const imports = {
    // Failed assertions and abort.
    a: () => assert(false, "libsodium's own assertions hold"),
    c: () => assert(false, "libsodium does not abort"),
    // libsodium seeds its generator when it starts; nothing here uses it.
    b: (code: number) => (code === randomBitsCode ? crypto.getRandomValues(new Uint32Array(1))[0] : 0),
    // Growing the heap, to at least so many bytes.
    d(sizeBytes: number) {
      const { memory } = module
      const missing = sizeBytes - memory.buffer.byteLength
      return missing <= 0 || memory.grow(Math.ceil(missing / 65_536)) >= 0 ? 1 : 0
    },
  }
  const { instance } = await platform.WebAssembly.instantiate(wasm, { a: imports })
  const module = instance.exports as SodiumModule
  return module
}

const firstArenaBytes = 1 << 16

export class Sodium {
  readonly module: SodiumModule
  #start: number
  #sizeBytes = firstArenaBytes
  #used = 0
  #view: Uint8Array = new Uint8Array(0)

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
      this.module.free(this.#start)
      this.#start = this.#allocate(needed)
      this.#sizeBytes = needed
    }
    try {
      return call(this.module)
    } finally {
      this.#heap().fill(0, this.#start, this.#start + this.#used)
      this.#used = 0
    }
  }

  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length)
    this.#heap().set(bytes, at)
    return at
  }

  room(sizeBytes: number): number {
    const at = this.#start + this.#used
    this.#used += (sizeBytes + 15) & ~15
    assert(this.#used <= this.#sizeBytes, "an arena with room for all arguments of the call")
    return at
  }

  take(pointer: number, sizeBytes: number): Uint8Array {
    return this.#heap().slice(pointer, pointer + sizeBytes)
  }

  /** Made anew when the memory has grown, which leaves the old buffer detached. */
  #heap(): Uint8Array {
    const { buffer } = this.module.memory
    if (this.#view.buffer !== buffer) this.#view = new Uint8Array(buffer)
    return this.#view
  }

  #allocate(sizeBytes: number): number {
    const pointer = this.module.malloc(sizeBytes)
    assert(pointer !== 0, "memory for libsodium's arguments")
    return pointer
  }
}
