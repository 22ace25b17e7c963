declare const brand: unique symbol

/** Bytes whose meaning is known. Made only by a decoder, a KDF or a random source. */
export type Bytes<Name extends string> = Uint8Array & { readonly [brand]: Name }

/** Gives bytes their name. For decoders, KDFs and random sources; nobody else has a reason to call it. */
export function bytes<Name extends string>(raw: Uint8Array): Bytes<Name> {
  return raw as Bytes<Name>
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0
  for (const part of parts) sizeBytes += part.length
  const out = new Uint8Array(sizeBytes)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Whether two byte strings are equal. Time depends on the lengths only, never on the contents. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Order of two byte strings as unsigned big-endian text: negative, 0 or positive. Not constant time; for public bytes. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Bytewise exclusive or of two strings of one length. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length !== b.length) throw new RangeError("xor: lengths differ")
  return a.map((byte, i) => byte ^ (b[i] as number))
}
