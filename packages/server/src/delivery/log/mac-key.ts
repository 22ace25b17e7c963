// The key of one epoch, ready to check posts: HMAC-SHA256 (RFC 2104) as two one-shot hashes over buffers that are filled once per key. An
// `Hmac` object per post would be work for the garbage collector's finalisers, and a `Buffer` for each hash costs as much as the hash: hashes are
// strings of one character for each byte (`latin1`) here.

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
  readonly #found: Buffer = Buffer.alloc(hashBytes)

  constructor(raw: Uint8Array, { groupId, epoch }: { readonly groupId: Uint8Array; readonly epoch: number }) {
    this.raw = raw
    const input = postMacInput({ groupId, epoch, flags: 0, bodyHash: new Uint8Array(hashBytes) })
    this.#flagsAt = blockBytes + input.length - hashBytes - 1
    this.#inner = Buffer.concat([padded(raw, 0x36), input])
    this.#outer = Buffer.concat([padded(raw, 0x5c), Buffer.alloc(hashBytes)])
  }

  /** Whether `mac` is that of a body with this hash, in `latin1`. Takes the same time for every wrong one. */
  fits(flags: number, bodyHash: string, mac: Uint8Array): boolean {
    this.#inner[this.#flagsAt] = flags
    this.#inner.write(bodyHash, this.#flagsAt + 1, "latin1")
    this.#outer.write(hash("sha256", this.#inner, "latin1"), blockBytes, "latin1")
    this.#found.write(hash("sha256", this.#outer, "latin1"), 0, "latin1")
    return timingSafeEqual(this.#found, mac)
  }
}

function padded(key: Uint8Array, byte: number): Buffer {
  const out = Buffer.alloc(blockBytes, byte)
  for (const [at, value] of key.entries()) out[at] = value ^ byte
  return out
}
