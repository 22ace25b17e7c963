// Addresses in running text: where one begins, where it ends, and where it leads. Web addresses with a scheme or `www.`, addresses of the
// local network, e-mail addresses and phone numbers. People see an address as they typed it; only its target is worked out.

export interface Address {
  /** Characters of the source that it takes. */
  readonly length: number
  /** Undefined: it looks like an address and must not be one (a name and a password before the host). */
  readonly href: string | undefined
  /** Set when what was typed does not show where it leads: letters of other scripts that pose as Latin ones, a number that is a host. */
  readonly hidden: string | undefined
}

const maxAddressChars = 2048
const asciiText = /^[\x21-\x7e]*$/
const word = /[\p{L}\p{N}]/u

/** The address that begins at `at`, if one does. `before` is the character in front of it. */
export function addressAt(source: string, at: number, before: string | undefined): Address | undefined {
  if (before !== undefined && word.test(before)) return undefined
  const char = source.charCodeAt(at)
  const digit = char >= 0x30 && char <= 0x39
  const letter = (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a)
  if (letter) return webAddress(source, at, before) ?? mailAddress(source, at, before)
  if (digit) return localAddress(source, at, before) ?? mailAddress(source, at, before) ?? phoneNumber(source, at, before)
  return char === 0x2b || char === 0x28 ? phoneNumber(source, at, before) : undefined
}

/** Where http and https lead, written as a browser asks for it; undefined for everything else. */
export function webHref(text: string): string | undefined {
  const url = /^https?:\/\/./i.test(text) ? URL.parse(text) : null
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" ? url.href : undefined
}

/** Whether the host stands in the text as a browser asks for it. */
export function showsItsHost(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && asciiText.test(text.slice(0, url.origin.length)) && text.toLowerCase().startsWith(url.origin)
}

function webAddress(source: string, at: number, before: string | undefined): Address | undefined {
  const scheme = matchAt(/https?:\/\//iy, source, at)
  const bare = scheme === undefined && !/[.@/\-_]/.test(before ?? "") ? matchAt(/www\.(?=[^.])/iy, source, at) : undefined
  if (scheme === undefined && bare === undefined) return undefined
  const raw = addressText(source, at)
  if (bare !== undefined && !/^www\.[^/?#]+\.[^/?#.]{2}/i.test(raw)) return undefined
  if (raw.length <= (scheme ?? "").length) return undefined
  const full = bare === undefined ? raw : `https://${raw}`
  const href = webHref(full)
  return { length: raw.length, href, hidden: href === undefined || showsItsHost(full) ? undefined : href }
}

/** A computer of the local network by its number, as routers and printers are told apart. */
function localAddress(source: string, at: number, before: string | undefined): Address | undefined {
  if (/[.\-/:@+_]/.test(before ?? "")) return undefined
  const number = matchAt(/\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)(?::\d{1,5}(?!\d))?/y, source, at)
  if (number === undefined) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = number.split(/[.:]/).map(Number)
  if ([a, b, c, d].some((part) => part > 255)) return undefined
  if (!(a === 10 || a === 127 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31))) return undefined
  const raw = source[at + number.length] === "/" ? addressText(source, at) : number
  const href = webHref(`http://${raw}`)
  return href === undefined ? undefined : { length: raw.length, href, hidden: undefined }
}

function mailAddress(source: string, at: number, before: string | undefined): Address | undefined {
  if (/[._%+\-/@]/.test(before ?? "")) return undefined
  const raw = matchAt(
    /[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\p{L}\p{N}@]|[-.][\p{L}\p{N}])/uy,
    source,
    at,
  )
  return raw === undefined ? undefined : { length: raw.length, href: `mailto:${encodeURI(raw)}`, hidden: undefined }
}

const phones = [
  // +49 (0)30 1234567
  /\+\d(?:[ \u00a0.\-/()]{0,2}\d){6,14}(?![\p{L}\p{N}]|[.,]\d)/uy,
  // 030 1234567, (0221) 123-4567
  /\(?0\d{2,5}\)?[ \u00a0/-]{1,2}\d(?:[ \u00a0-]?\d){5,9}(?![\p{L}\p{N}]|[.,:]\d)/uy,
  // (555) 123-4567
  /\(?[2-9]\d{2}\)?[ \u00a0.-]\d{3}[.-]\d{4}(?![\p{L}\p{N}]|[-.,:]\d)/uy,
]

function phoneNumber(source: string, at: number, before: string | undefined): Address | undefined {
  if (before !== undefined && !/[\s(:]/.test(before)) return undefined
  for (const pattern of phones) {
    const raw = matchAt(pattern, source, at)
    if (raw === undefined || count(raw, "(") !== count(raw, ")")) continue
    const digits = raw.replace("(0)", "").replaceAll(/\D/g, "")
    return { length: raw.length, href: `tel:${raw.startsWith("+") ? "+" : ""}${digits}`, hidden: undefined }
  }
  return undefined
}

/**
 * Nothing that a sentence puts after an address belongs to it: quotation marks, the punctuation of Chinese, Japanese, Arabic and Hindi, what
 * turns the direction of writing. A backslash neither, because in Markdown it only escapes what follows.
 */
const address =
  /[^\s\p{Cc}\p{Bidi_Control}\u200b\ufeff<>"`\\\u2018-\u201f\u2039\u203a\u00ab\u00bb\u2026\u2014\u3000-\u3003\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u060c\u061b\u061f\u06d4\u0964]+/uy

/** A long run of characters, without the punctuation at its end and without a closing bracket that was not opened inside. */
function addressText(source: string, at: number): string {
  const whole = matchAt(address, source.slice(at, at + maxAddressChars), 0) ?? ""
  const run = whole.slice(0, hostEnd(whole) ?? whole.length)
  const open = new Map<string, number>(brackets.map(([opening, closing]) => [closing, count(run, opening) - count(run, closing)]))
  let end = run.length
  for (; end > 0; end--) {
    const last = run[end - 1] ?? ""
    const balance = open.get(last)
    if (balance !== undefined && balance < 0) open.set(last, balance + 1)
    else if (!".,;:!?'*_~\u2013".includes(last)) break
  }
  return run.slice(0, end)
}

/** Where something stands in the place of the host that no host has in its name: there an address ends. */
function hostEnd(run: string): number | undefined {
  const host = /^(?:https?:\/\/)?[^/?#]*/i.exec(run)?.[0] ?? ""
  const start = host.indexOf("//") < 0 ? 0 : host.indexOf("//") + 2
  const length = /^(?:\[[0-9a-f:]*\])?[\p{L}\p{N}\p{M}.:@%_-]*/iu.exec(host.slice(start))?.[0].length ?? 0
  return start + length < host.length ? start + length : undefined
}

const brackets = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
] as const

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
