import { concat, toUtf8 } from "@nodoor/bytes"

type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array

const hashBytes = 32
const noSalt = new Uint8Array(hashBytes)
const version = toUtf8("HPKE-v1")

/** HKDF-SHA256 (RFC 5869). */
export class Hkdf {
  readonly #hmac: Hmac

  constructor(hmacSha256: Hmac) {
    this.#hmac = hmacSha256
  }

  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array {
    return this.#hmac(salt.length === 0 ? noSalt : salt, ikm)
  }

  /** At most 255 · 32 bytes. */
  expand(prk: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
    if (lengthBytes <= hashBytes) {
      const input = new Uint8Array(info.length + 1)
      input.set(info)
      input[info.length] = 1
      const block = this.#hmac(prk, input)
      return lengthBytes === hashBytes ? block : block.slice(0, lengthBytes)
    }
    if (lengthBytes > 255 * hashBytes) throw new RangeError("HKDF-Expand: more than 255 blocks")
    const out = new Uint8Array(lengthBytes)
    let block: Uint8Array = new Uint8Array(0)
    for (let at = 0, counter = 1; at < lengthBytes; at += hashBytes, counter++) {
      block = this.#hmac(prk, concat(block, info, Uint8Array.of(counter)))
      out.set(block.subarray(0, Math.min(hashBytes, lengthBytes - at)), at)
    }
    return out
  }
}

/** LabeledExtract and LabeledExpand of RFC 9180 §4 for one `suite_id`. */
export class LabeledKdf {
  readonly #hkdf: Hkdf
  readonly #suiteId: Uint8Array

  constructor(hkdf: Hkdf, suiteId: Uint8Array) {
    this.#hkdf = hkdf
    this.#suiteId = suiteId
  }

  extract(salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
    return this.#hkdf.extract(salt, concat(version, this.#suiteId, toUtf8(label), ikm))
  }

  expand(prk: Uint8Array, label: string, info: Uint8Array, lengthBytes: number): Uint8Array {
    return this.#hkdf.expand(prk, concat(twoBytes(lengthBytes), version, this.#suiteId, toUtf8(label), info), lengthBytes)
  }
}

/** The input of the one-stage LabeledDerive (draft-ietf-hpke-pq): the XOF's input for `lengthBytes` bytes under a label. */
export function labeledDeriveInput(
  suiteId: Uint8Array,
  input: { readonly ikm: Uint8Array; readonly label: string; readonly lengthBytes: number },
): Uint8Array {
  const label = toUtf8(input.label)
  return concat(input.ikm, version, suiteId, twoBytes(label.length), label, twoBytes(input.lengthBytes))
}

/** I2OSP(value, 2). */
export function twoBytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}
