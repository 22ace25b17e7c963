// The forms in which one value may come back: hashed, keyed, cut, spelled. Eight bytes from either end tell whether it is the same.

import { createHmac, hash } from "node:crypto"

/** What our own programs derive things under. An attacker reads the source. */
const labels = [
  "nodoor/seat-key/v1",
  "nodoor/seat-read/v1",
  "nodoor/post/v2",
  "nodoor/commit/v2",
  "nodoor/create/v2",
  "nodoor/rekey/v1",
  "nodoor/introduction/v1",
  "nodoor/session/v1",
  "nodoor delivery",
  "seat",
  "device",
]

/** The value and, of an id, everything that can be computed from it. */
export function transformed(value: Uint8Array, isId: boolean): Uint8Array[] {
  const simple = [value, digest("sha256", value)]
  if (!isId) return simple
  return [
    ...simple,
    ...["sha1", "md5", "sha384", "sha512", "sha3-256"].map((name) => digest(name, value)),
    digest("sha256", digest("sha256", value)),
    ...labels.flatMap((label) => [
      new Uint8Array(createHmac("sha256", label).update(value).digest()),
      new Uint8Array(createHmac("sha256", value).update(label).digest()),
      digest("sha256", Buffer.concat([Buffer.from(`${label}\0`), value])),
    ]),
    value.toReversed(),
  ]
}

function digest(name: string, value: Uint8Array): Uint8Array {
  return new Uint8Array(hash(name, value, "buffer"))
}

/** As bytes, and as the usual texts. */
export function spellings(value: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(value)
  return [value, ...(["hex", "base64"] as const).map((name) => new Uint8Array(Buffer.from(buffer.toString(name))))]
}

/** Whatever is cut off, eight bytes of one end stay. */
export function headAndTail(value: Uint8Array): string[] {
  if (value.length < 8) return []
  // Zeros and their like stand everywhere.
  return [value.subarray(0, 8), value.subarray(-8)].filter(isVaried).map(latin)
}

/** More than four different bytes. */
function isVaried(eight: Uint8Array): boolean {
  let different = 0
  for (let at = 0; at < eight.length; at++) if (eight.indexOf(eight[at] as number) === at) different++
  return different > 4
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
}

/** Who has which eight bytes, and where those stand in a file. */
export class KeyFinder<Owner> {
  readonly #owners = new Map<string, Set<Owner>>()
  /** One bit for each beginning of two bytes and for each end, so that most places of a file cost one look. */
  readonly #beginnings = new Uint8Array(1 << 24)

  add(key: string, owner: Owner): void {
    const owners = this.#owners.get(key)
    if (owners !== undefined) owners.add(owner)
    else {
      this.#owners.set(key, new Set([owner]))
      this.#beginnings[beginning(key.charCodeAt(0), key.charCodeAt(1), key.charCodeAt(2))] = 1
    }
  }

  get(key: string): ReadonlySet<Owner> | undefined {
    return this.#owners.get(key)
  }

  entries(): IterableIterator<[string, ReadonlySet<Owner>]> {
    return this.#owners.entries()
  }

  in(file: Uint8Array): { readonly at: number; readonly owners: ReadonlySet<Owner> }[] {
    const found = []
    for (let at = 0; at + 8 <= file.length; at++) {
      if (this.#beginnings[beginning(file[at] as number, file[at + 1] as number, file[at + 2] as number)] === 0) continue
      const owners = this.#owners.get(latin(file.subarray(at, at + 8)))
      if (owners !== undefined) found.push({ at, owners })
    }
    return found
  }
}

function beginning(a: number, b: number, c: number): number {
  return (a << 16) | (b << 8) | c
}
