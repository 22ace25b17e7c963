// The linking code: 15 random bytes that one device shows and the other takes, as 25 characters in groups of five or inside a link. The
// last character is a check: one wrong character, or two neighbours that changed places, make it no code.

import { ClientError } from "../core/client-error.ts"
import { linkTexts } from "../texts/en-link.ts"

/** As many characters of five bits as fill 24 places. */
export const codeSecretBytes = 15

/** Crockford's base 32: no I, L, O and U. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const places = 24

/** In groups of five. */
export function codeText(secret: Uint8Array): string {
  const digits = digitsOf(secret)
  const text = [...digits, checkOf(digits)].map((digit) => alphabet[digit] ?? "").join("")
  return (text.match(/.{5}/g) ?? []).join(" ")
}

export function codeLink(serverUrl: string, secret: Uint8Array): string {
  return `${new URL(serverUrl).origin}/#link/${codeText(secret).replaceAll(" ", "-")}`
}

export interface LinkCode {
  readonly secret: Uint8Array
  /** Where the code was shown, if it came as a link. */
  readonly serverUrl?: string
}

/** Typed or scanned: upper or lower case, O for 0, I or L for 1, with any spaces and dashes. @throws ClientError `link_code_invalid` */
export function readCode(typed: string): LinkCode {
  if (typed.length > 2_048) throw invalid()
  const link = /^\s*(https?:\/\/[^\s#]+)#\/?link\/([^\s]+)\s*$/i.exec(typed)
  const [, address, inLink] = link ?? []
  if (address !== undefined && !URL.canParse(address)) throw invalid()
  const letters = (inLink ?? typed)
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1")
  const digits = [...letters].map((letter) => alphabet.indexOf(letter))
  const check = digits.pop()
  if (digits.length !== places || digits.includes(-1) || check !== checkOf(digits)) throw invalid()
  return { secret: secretOf(digits), ...(address !== undefined && { serverUrl: new URL(address).origin }) }
}

function digitsOf(secret: Uint8Array): number[] {
  let bits = 0n
  for (const byte of secret) bits = (bits << 8n) | BigInt(byte)
  return Array.from({ length: places }, (_, at) => Number((bits >> BigInt(5 * (places - 1 - at))) & 31n))
}

function secretOf(digits: readonly number[]): Uint8Array {
  let bits = 0n
  for (const digit of digits) bits = (bits << 5n) | BigInt(digit)
  return Uint8Array.from({ length: codeSecretBytes }, (_, at) => Number((bits >> BigInt(8 * (codeSecretBytes - 1 - at))) & 255n))
}

/** The value of the polynomial with these coefficients, over GF(32) with x⁵ + x² + 1, at 2: each place has a weight of its own. */
function checkOf(digits: readonly number[]): number {
  let sum = 0
  for (const digit of digits) {
    sum = doubled(sum ^ digit)
  }
  return sum
}

function doubled(value: number): number {
  const shifted = value << 1
  return shifted > 31 ? shifted ^ 0b100101 : shifted
}

function invalid(): ClientError {
  return new ClientError("link_code_invalid", linkTexts.codeInvalid)
}
