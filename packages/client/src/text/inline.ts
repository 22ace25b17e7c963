// A line of words with its marks. Two notations share one rule, that a mark stands at the border of a word: GFM-MIMI Markdown, which
// goes over the wire, and what people type, as in other messengers. Anything that is not a mark is kept as text, so nothing is lost.

import { addressAt, showsItsHost, webHref } from "./address.ts"
import { type Mention, mentionAt, mentionLink } from "./mention.ts"

export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "strong" | "emphasis" | "strike"; readonly children: readonly Inline[] }
  | { readonly type: "code"; readonly text: string }
  | {
      readonly type: "link"
      readonly href: string
      readonly text: string
      /** Where it leads, when the words do not say it: to be shown beside them, and asked about before it opens. */
      readonly address: string | undefined
    }
  /** Who is meant is the account. `text` is what the writer called them, which may be anybody's name. */
  | ({ readonly type: "mention" } & Mention)
  | { readonly type: "break" }

/** `markdown`: GFM-MIMI. `typed`: `*bold*`, `_italic_`, `~struck~`, each on one line. */
export type Notation = "markdown" | "typed"

/** `people`: whom `@Name` means in what is typed. */
export function parseInline(source: string, notation: Notation = "markdown", people: readonly Mention[] = []): readonly Inline[] {
  return nest(new Line(tokenize(source, notation, people), notation), 0, undefined, 0)
}

type Style = "strong" | "emphasis" | "strike"

type Token =
  | { readonly type: "text"; text: string }
  | { readonly type: "mark"; readonly char: string; readonly size: number }
  | { readonly type: "node"; readonly node: Inline; readonly shown: string }

const maxDepth = 4
const escapable = /[!-/:-@[-`{-~]/

function tokenize(source: string, notation: Notation, people: readonly Mention[]): Token[] {
  const tokens: Token[] = []
  const unclosed = new Set<number>()
  let at = 0
  /** The last character that was read, as it is shown. */
  let before: string | undefined
  const text = (more: string): void => {
    const last = tokens.at(-1)
    if (last?.type === "text") last.text += more
    else tokens.push({ type: "text", text: more })
    before = lastOf(more)
  }
  const node = (made: Inline, shown: string): void => {
    tokens.push({ type: "node", node: made, shown })
    before = lastOf(shown)
  }
  while (at < source.length) {
    const char = source[at] ?? ""
    const next = source[at + 1]
    if (notation === "markdown" && char === "\\" && next !== undefined && (next === "\n" || escapable.test(next))) {
      if (next !== "\n") text(next)
      at += next === "\n" ? 1 : 2
      continue
    }
    if (char === "\n") {
      node({ type: "break" }, "\n")
      at++
      continue
    }
    if (char === "`") {
      const size = runLength(source, at)
      const end = unclosed.has(size) ? -1 : closingRun(source, at + size, size)
      const code = end < 0 ? "" : source.slice(at + size, end)
      if (end >= 0 && !(notation === "typed" && code.includes("\n"))) {
        node({ type: "code", text: notation === "markdown" ? unpadded(code) : code }, "`")
        at = end + size
        continue
      }
      if (end < 0) unclosed.add(size)
      text(source.slice(at, at + size))
      at += size
      continue
    }
    if (char === "@" && notation === "typed") {
      const mention = mentionAt(source, { at, before, people })
      if (mention !== undefined) {
        node({ type: "mention", ...mention }, mention.text)
        at += mention.text.length
        continue
      }
    }
    if (char === "[" && notation === "markdown") {
      const link = mentionLink(source, at) ?? bracketLink(source, at)
      if (link !== undefined) {
        node(link.node, link.node.text)
        at += link.length
        continue
      }
    }
    if (char === "<" && notation === "markdown") {
      const link = angleLink(source, at)
      if (link !== undefined) {
        node({ type: "link", href: link.href, text: link.text, address: undefined }, link.text)
        at += link.text.length + 2
        continue
      }
    }
    if (char === "*" || char === "_" || char === "~") {
      const size = runLength(source, at)
      tokens.push({ type: "mark", char, size })
      before = char
      at += size
      continue
    }
    const address = addressAt(source, at, before)
    if (address !== undefined) {
      const raw = source.slice(at, at + address.length)
      if (address.href === undefined) text(raw)
      else node({ type: "link", href: address.href, text: raw, address: address.hidden }, raw)
      at += address.length
      continue
    }
    const point = String.fromCodePoint(source.codePointAt(at) ?? 0)
    text(point)
    at += point.length
  }
  return tokens
}

/** Tokens, and what must be known of them without counting again. */
class Line {
  readonly tokens: readonly Token[]
  readonly notation: Notation
  /** How many tokens before each place hold more than punctuation, and how many are breaks. */
  readonly words: readonly number[]
  readonly breaks: readonly number[]

  constructor(tokens: readonly Token[], notation: Notation) {
    this.tokens = tokens
    this.notation = notation
    const words = [0]
    const breaks = [0]
    tokens.forEach((token, i) => {
      words.push((words[i] ?? 0) + (token.type === "node" ? (token.node.type === "break" ? 0 : 1) : isWordy(token) ? 1 : 0))
      breaks.push((breaks[i] ?? 0) + (token.type === "node" && token.node.type === "break" ? 1 : 0))
    })
    this.words = words
    this.breaks = breaks
  }

  /** What a mark says, by its size; undefined if it says nothing. */
  style(mark: { readonly char: string; readonly size: number }): readonly Style[] | undefined {
    const { char, size } = mark
    if (char === "~") return size <= 2 ? ["strike"] : undefined
    if (this.notation === "typed") return char === "*" ? (size <= 2 ? ["strong"] : undefined) : size === 1 ? ["emphasis"] : undefined
    if (size === 3) return ["emphasis", "strong"]
    return size === 1 ? ["emphasis"] : size === 2 ? ["strong"] : undefined
  }
}

function nest(line: Line, from: number, end: number | undefined, depth: number): readonly Inline[] {
  const to = end ?? line.tokens.length
  const nodes: Inline[] = []
  const closers = depth < maxDepth ? closersOf(line, from, to) : new Map<string, number[]>()
  const text = (more: string): void => {
    const last = nodes.at(-1)
    if (last?.type === "text") nodes[nodes.length - 1] = { type: "text", text: last.text + more }
    else nodes.push({ type: "text", text: more })
  }
  for (let at = from; at < to; at++) {
    const token = line.tokens[at]
    if (token === undefined) break
    if (token.type === "text") text(token.text)
    else if (token.type === "node") nodes.push(token.node)
    else {
      const styles = line.style(token)
      const close =
        styles !== undefined && depth < maxDepth && opens(line, at, from) ? nextAfter(closers.get(keyOf(token)), at + 1) : undefined
      if (styles === undefined || close === undefined || !belongs(line, at, close)) {
        text(token.char.repeat(token.size))
        continue
      }
      let children = nest(line, at + 1, close, depth + styles.length)
      for (const style of styles.toReversed()) children = [{ type: style, children }]
      nodes.push(...children)
      at = close
    }
  }
  return nodes
}

function closersOf(line: Line, from: number, to: number): Map<string, number[]> {
  const closers = new Map<string, number[]>()
  for (let at = from + 1; at < to; at++) {
    const token = line.tokens[at]
    if (token?.type !== "mark" || line.style(token) === undefined || !closes(line, at, to)) continue
    const key = keyOf(token)
    const places = closers.get(key)
    if (places === undefined) closers.set(key, [at])
    else places.push(at)
  }
  return closers
}

const keyOf = (mark: { readonly char: string; readonly size: number }): string => `${mark.char}${mark.size}`

/** In ascending numbers, the first above `least`. */
function nextAfter(places: readonly number[] | undefined, least: number): number | undefined {
  if (places === undefined) return undefined
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? 0) > least - 1) high = middle
    else low = middle + 1
  }
  return places[low]
}

/** Something stands between the marks, and what is typed stays on its line. */
function belongs(line: Line, open: number, close: number): boolean {
  const count = (sums: readonly number[]): number => (sums[close] ?? 0) - (sums[open + 1] ?? 0)
  return count(line.words) > 0 && (line.notation === "markdown" || count(line.breaks) === 0)
}

const opening =
  /[\s([{"'\u00a1\u00bf\u00ab\u2039\u2018\u201a\u201c\u201e\u2013\u2014\u3001\u3002\u3008\u300a\u300c\u300e\u3010\uff08\uff0c\uff1a\uff1b]/u
/** After these no word begins: `*.txt`, `*)`, `"*"`. */
const noBeginning = /[\s.,;:!?/\\)\]}>|&%='"\u2019\u201d\u00bb\u203a]/u

function opens(line: Line, at: number, from: number): boolean {
  const before = at > from ? lastOf(shownOf(line.tokens[at - 1])) : undefined
  const after = firstOf(shownOf(line.tokens[at + 1]))
  if (after === undefined || (before !== undefined && !opening.test(before))) return false
  // A quotation is a word when nothing stands before the mark: *"yes"*, but not "*" and "*".
  if (/["']/.test(after)) return before === undefined || /[\s([{]/.test(before)
  return !noBeginning.test(after)
}

/** Then a word has ended. A full stop that is followed by a letter ends none: `__init__.py`. */
const ending =
  /^(?:\s|[)\]}>\u00bb\u203a\u2019\u201d\u2026\u2013\u2014\u3001\u3002\u3009\u300b\u300d\u300f\u3011\uff09\uff0c\uff01\uff1f\uff1a\uff1b\u060c\u061b\u061f\u06d4\u0964]|[.,;:!?"']+(?![\p{L}\p{N}_.,;:!?"']))/u
const noEnd = /[\s([{<\u00ab\u2039\u201a\u201c\u201e\u00a1\u00bf]/u

function closes(line: Line, at: number, to: number): boolean {
  const before = lastOf(shownOf(line.tokens[at - 1]))
  if (before === undefined || noEnd.test(before)) return false
  if (at + 1 >= to) return true
  const after = following(line, at + 1, to)
  if (!ending.test(after)) return false
  return !(/["']/.test(before) && /^["']/.test(after))
}

/** The next few characters that are shown. */
function following(line: Line, from: number, to: number): string {
  let shown = ""
  for (let at = from; at < to && shown.length < 8; at++) shown += shownOf(line.tokens[at])?.slice(0, 8) ?? ""
  return shown
}

function isWordy(token: { readonly type: "text"; readonly text: string } | { readonly type: "mark" }): boolean {
  return token.type === "text" && /[\p{L}\p{N}\p{So}]/u.test(token.text)
}

function shownOf(token: Token | undefined): string | undefined {
  if (token === undefined) return undefined
  return token.type === "text" ? token.text : token.type === "mark" ? token.char.repeat(token.size) : token.shown
}

function firstOf(text: string | undefined): string | undefined {
  const point = text?.codePointAt(0)
  return point === undefined ? undefined : String.fromCodePoint(point)
}

function lastOf(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined
  const low = text.charCodeAt(text.length - 1)
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(-2) : text.slice(-1)
}

function runLength(source: string, at: number): number {
  let end = at + 1
  while (source[end] === source[at]) end++
  return end - at
}

/** Where a run of exactly so many backticks begins. */
function closingRun(source: string, from: number, size: number): number {
  for (let at = source.indexOf("`", from); at >= 0;) {
    const found = runLength(source, at)
    if (found === size) return at
    at = source.indexOf("`", at + found)
  }
  return -1
}

/** CommonMark §6.1: one space at both ends belongs to the marks. */
function unpadded(code: string): string {
  return code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "" ? code.slice(1, -1) : code
}

/** `<https://host/…>`: an address with its borders. */
function angleLink(source: string, at: number): { readonly href: string; readonly text: string } | undefined {
  const pattern = /<(https?:\/\/[^\s<>`\\\p{Cc}\p{Bidi_Control}]{1,2048})>/iuy
  pattern.lastIndex = at
  const text = pattern.exec(source)?.[1]
  const href = text === undefined ? undefined : webHref(text)
  return text === undefined || href === undefined || !showsItsHost(text) ? undefined : { href, text }
}

/** `[words](address)`. Anything else is shown as written. */
function bracketLink(
  source: string,
  at: number,
): { readonly node: Extract<Inline, { type: "link" }>; readonly length: number } | undefined {
  const label = /\[((?:[^[\]\n\\]|\\.){1,500})\]\(/y
  label.lastIndex = at
  const match = label.exec(source)
  if (match === null) return undefined
  const start = at + match[0].length
  if (!/^https?:\/\//i.test(source.slice(start, start + 8))) return undefined
  const raw = source.slice(start, closingBracket(source, start))
  const href = webHref(raw)
  // An address that hides its host in other letters is shown as it stands, with the host beside it.
  if (href === undefined || !/^[\x21-\x7e]+$/.test(raw) || !showsItsHost(raw) || source[start + raw.length] !== ")") return undefined
  const text = withoutDirection((match[1] ?? "").replaceAll(/\\([!-/:-@[-`{-~])/g, "$1"))
  return {
    node: { type: "link", href, text, address: says(text, raw) ? undefined : raw },
    length: match[0].length + raw.length + 1,
  }
}

function closingBracket(source: string, from: number): number {
  let open = 0
  let at = from
  for (; at < source.length && at - from < 2048; at++) {
    const char = source.charCodeAt(at)
    if (char <= 0x20 || char === 0x5c || char === 0x3c || char === 0x3e) break
    if (char === 0x28) open++
    else if (char === 0x29 && open-- === 0) break
  }
  return at
}

/** Whether the words are the address itself, with or without its scheme. */
function says(text: string, raw: string): boolean {
  const bare = (address: string): string => address.replace(/^https?:\/\//i, "").replace(/\/$/, "")
  return bare(text) === bare(raw)
}

/** A link's words cannot turn their surroundings around. */
function withoutDirection(text: string): string {
  return text.replaceAll(/\p{Bidi_Control}/gu, "")
}
