// The key of one epoch, ready to check posts: HMAC-SHA256 (RFC 2104) as two one-shot hashes over buffers that are filled once per key. An
// `Hmac` object per post would be work for the garbage collector's finalisers.

import { hash, timingSafeEqual } from "node:crypto"
import { postMacInput } from "@nodoor/wire/delivery"

const blockBytes = 64
const hashBytes = 32

export class MacKey {
  /** 32 bytes, as stored. */
  readonly raw: Uint8Array
  /** Key with the inner pad, then everything of the input that stays the same; flags and the body's hash are written for each post. */
  readonly #inner: Buffer
  readonly #outer: Buffer
  readonly #flagsAt: number

  constructor(raw: Uint8Array, { groupId, epoch }: { readonly groupId: Uint8Array; readonly epoch: number }) {
    this.raw = raw
    const input = postMacInput({ groupId, epoch, flags: 0, bodyHash: new Uint8Array(hashBytes) })
    this.#flagsAt = blockBytes + input.length - hashBytes - 1
    this.#inner = Buffer.concat([padded(raw, 0x36), input])
    this.#outer = Buffer.concat([padded(raw, 0x5c), Buffer.alloc(hashBytes)])
  }

  /** Whether `mac` is that of a body with this hash. Takes the same time for every wrong one. */
  fits(flags: number, bodyHash: Uint8Array, mac: Uint8Array): boolean {
    this.#inner[this.#flagsAt] = flags
    this.#inner.set(bodyHash, this.#flagsAt + 1)
    this.#outer.set(hash("sha256", this.#inner, "buffer"), blockBytes)
    return timingSafeEqual(hash("sha256", this.#outer, "buffer"), mac)
  }
}

function padded(key: Uint8Array, byte: number): Buffer {
  const out = Buffer.alloc(blockBytes, byte)
  for (const [at, value] of key.entries()) out[at] = value ^ byte
  return out
}
