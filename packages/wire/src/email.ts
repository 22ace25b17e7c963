// E-mail addresses as people have them: with an apostrophe, a plus, dots in odd places, in domains of any alphabet.

import { limits } from "./limits.ts"

/** What mail programs put before the @ without quotes (RFC 5322 §3.2.3, RFC 6531 §3.3), and dots wherever providers let them be. */
const localPart = /^[\p{L}\p{N}\p{M}.!#$%&'*+/=?^_`{|}~-]+$/u
/** Letters of any alphabet, digits, hyphens, and the dots that other keyboards have. */
const writtenDomain = /^[\p{L}\p{N}\p{M}.\-\u3002\uff0e\uff61]+$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The address in the one spelling in which it is sent, stored and compared: without what a paste brings along, its domain in small letters and
 * ASCII (IDNA). Undefined if it is none. Whether somebody reads it is shown by the code that is sent there, and by nothing else.
 */
export function emailAddress(text: string): string | undefined {
  const plain = text
    .normalize("NFC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .trim()
    .replace(/^mailto:/i, "")
  const at = plain.lastIndexOf("@")
  const [local, written] = [plain.slice(0, Math.max(at, 0)), plain.slice(at + 1)]
  if (!localPart.test(local) || !writtenDomain.test(written)) return undefined
  const domain = URL.parse(`http://${written}`)?.hostname ?? ""
  const labels = domain.split(".")
  // A last label of digits is an IP address.
  if (labels.length < 2 || !labels.every((each) => label.test(each)) || /^\d+$/.test(labels.at(-1) ?? "")) return undefined
  const address = `${local}@${domain}`
  const encoder = new TextEncoder()
  return encoder.encode(local).length <= 64 && encoder.encode(address).length <= limits.emailBytes ? address : undefined
}

/** What a person reads when a text is none. */
export const noEmailText = "This is no e-mail address. It looks like name@example.org."
