import { CodecError } from "./codec-error.ts"

const hexByte = /^(?:[0-9a-f]{2})*$/
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export function toHex(bytes: Uint8Array): string {
  let out = ""
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0")
  return out
}

/** Lower-case hexadecimal only. @throws CodecError `invalid_value` */
export function fromHex(text: string): Uint8Array {
  if (!hexByte.test(text)) throw new CodecError("invalid_value", "hexadecimal text")
  const out = new Uint8Array(text.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return out
}

export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** @throws CodecError `invalid_value` for bytes that are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new CodecError("invalid_value", "UTF-8 text")
  }
}

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ""
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}

/** Standard, padded, canonical base64 only. @throws CodecError `invalid_value` or `non_canonical` */
export function fromBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new CodecError("invalid_value", "base64 text")
  let binary: string
  try {
    binary = atob(text)
  } catch {
    throw new CodecError("invalid_value", "base64 text")
  }
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i)
  if (toBase64(out) !== text) throw new CodecError("non_canonical", "base64 text")
  return out
}

/** URL-safe base64 without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

/** URL-safe, unpadded, canonical base64 only. @throws CodecError `invalid_value` or `non_canonical` */
export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new CodecError("invalid_value", "base64url text")
  const standard = text.replaceAll("-", "+").replaceAll("_", "/")
  return fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="))
}
