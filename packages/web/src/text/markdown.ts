// The small part of GFM-MIMI markdown that a chat shows: emphasis, code, links, lists, quotes. The answer is a tree of plain data that is
// drawn as elements; nothing here or there ever becomes HTML text. Time is linear in the length of the message, depth is bounded.

import { withoutDirectionMarks } from "./direction.ts"

export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "strong" | "emphasis" | "strike"; readonly children: readonly Inline[] }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "link"; readonly href: string; readonly text: string }
  | { readonly type: "break" }

export type Block =
  | { readonly type: "paragraph"; readonly children: readonly Inline[] }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "quote"; readonly children: readonly Inline[] }
  | { readonly type: "list"; readonly start: number | undefined; readonly items: readonly (readonly Inline[])[] }

const maxDepth = 4

export function parseMarkdown(source: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = source.replaceAll("\r\n", "\n").split("\n")
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ""
    if (line.trim() === "") {
      at++
      continue
    }
    const start = at
    if (line.startsWith("```")) {
      at++
      while (at < lines.length && !lines[at]?.startsWith("```")) at++
      blocks.push({ type: "code", text: lines.slice(start + 1, at).join("\n") })
      at++
      continue
    }
    if (listItem(line) !== undefined) {
      const ordered = listItem(line)?.number
      const items: (readonly Inline[])[] = []
      for (
        let item = listItem(line);
        item !== undefined && (item.number === undefined) === (ordered === undefined);
        item = listItem(lines[at] ?? "")
      ) {
        items.push(parseInline(item.text))
        at++
      }
      blocks.push({ type: "list", start: ordered, items })
      continue
    }
    if (line.startsWith(">")) {
      while (lines[at]?.startsWith(">") === true) at++
      const quoted = lines.slice(start, at).map((quote) => quote.replace(/^> ?/, ""))
      blocks.push({ type: "quote", children: parseInline(quoted.join("\n")) })
      continue
    }
    while (at < lines.length && (at === start || continuesParagraph(lines[at] ?? ""))) at++
    blocks.push({ type: "paragraph", children: parseInline(lines.slice(start, at).join("\n")) })
  }
  return blocks
}

/** The words without their marks: for the chat list, replies and what a screen reader announces. */
export function plainText(source: string): string {
  const words = (nodes: readonly Inline[]): string =>
    nodes.map((node) => (node.type === "break" ? " " : "children" in node ? words(node.children) : node.text)).join("")
  return parseMarkdown(source)
    .map((block) =>
      block.type === "code"
        ? block.text.replaceAll("\n", " ")
        : block.type === "list"
          ? block.items.map(words).join(", ")
          : words(block.children),
    )
    .join(" ")
    .trim()
}

function continuesParagraph(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("```") && !line.startsWith(">") && listItem(line) === undefined
}

function listItem(line: string): { readonly number: number | undefined; readonly text: string } | undefined {
  const bullet = /^ {0,3}[-*•] +(\S.*)$/.exec(line)
  if (bullet?.[1] !== undefined) return { number: undefined, text: bullet[1] }
  const numbered = /^ {0,3}(\d{1,6})[.)] +(\S.*)$/.exec(line)
  if (numbered?.[1] !== undefined && numbered[2] !== undefined) return { number: Number(numbered[1]), text: numbered[2] }
  return undefined
}

const marks = [
  { mark: "**", type: "strong" },
  { mark: "__", type: "strong" },
  { mark: "~~", type: "strike" },
  { mark: "*", type: "emphasis" },
  { mark: "_", type: "emphasis" },
] as const

export function parseInline(source: string, depth = 0): readonly Inline[] {
  const nodes: Inline[] = []
  /** Marks that nothing closes any more from some place on: asking again would make the time quadratic. */
  const unclosed = new Set<string>()
  let text = ""
  const flush = (): void => {
    if (text !== "") nodes.push({ type: "text", text })
    text = ""
  }
  const closing = (mark: string, from: number): number => {
    if (unclosed.has(mark)) return -1
    const end = source.indexOf(mark, from)
    if (end < 0) unclosed.add(mark)
    return end
  }
  let at = 0
  while (at < source.length) {
    const char = source[at] ?? ""
    if (char === "\\" && /[\\`*_~[\]]/.test(source[at + 1] ?? "")) {
      text += source[at + 1]
      at += 2
      continue
    }
    if (char === "\n") {
      flush()
      nodes.push({ type: "break" })
      at++
      continue
    }
    if (char === "`") {
      const end = closing("`", at + 1)
      if (end > at + 1) {
        flush()
        nodes.push({ type: "code", text: source.slice(at + 1, end) })
        at = end + 1
        continue
      }
    }
    if (char === "[") {
      const link = bracketLink(source, at)
      if (link !== undefined) {
        flush()
        nodes.push({ type: "link", href: link.href, text: link.text })
        at = link.end
        continue
      }
    }
    if (char === "h" && !isWord(source[at - 1])) {
      const href = bareLink(source, at)
      if (href !== undefined) {
        flush()
        nodes.push({ type: "link", href: new URL(href).href, text: shownAddress(href) })
        at += href.length
        continue
      }
    }
    const found = depth < maxDepth ? marks.find(({ mark }) => source.startsWith(mark, at)) : undefined
    if (found !== undefined && opens(source, at, found.mark)) {
      const end = closing(found.mark, at + found.mark.length)
      if (
        end > at + found.mark.length &&
        !/\s/.test(source[end - 1] ?? "") &&
        (found.mark[0] !== "_" || !isWord(source[end + found.mark.length]))
      ) {
        flush()
        nodes.push({ type: found.type, children: parseInline(source.slice(at + found.mark.length, end), depth + 1) })
        at = end + found.mark.length
        continue
      }
      text += found.mark
      at += found.mark.length
      continue
    }
    text += char
    at++
  }
  flush()
  return nodes
}

/** `snake_case` and `2 * 3` are words, not emphasis. */
function opens(source: string, at: number, mark: string): boolean {
  const before = source[at - 1]
  const after = source[at + mark.length]
  return after !== undefined && !/\s/.test(after) && (mark[0] !== "_" || !isWord(before))
}

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

const maxLinkChars = 2048

/** Only https, and only what the URL parser takes. */
function safeHref(text: string): string | undefined {
  if (!text.startsWith("https://")) return undefined
  const url = URL.parse(text)
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "" ? url.href : undefined
}

function bareLink(source: string, at: number): string | undefined {
  if (!source.startsWith("https://", at)) return undefined
  const raw = /^https:\/\/[^\s<>"'`]+/.exec(source.slice(at, at + maxLinkChars))?.[0].replace(/[.,;:!?)\]*_~]+$/, "")
  return raw !== undefined && safeHref(raw) !== undefined ? raw : undefined
}

function bracketLink(source: string, at: number): { readonly href: string; readonly text: string; readonly end: number } | undefined {
  const match = /^\[([^[\]\n]{1,500})\]\(([^\s()<>]{1,2000})\)/.exec(source.slice(at, at + maxLinkChars + 600))
  const href = match?.[2] === undefined ? undefined : safeHref(match[2])
  if (match?.[1] === undefined || href === undefined) return undefined
  const label = withoutDirectionMarks(match[1])
  // A label that looks like an address must not cover another address, nor may one that shows nothing.
  const text = looksLikeAddress(label) ? href : label
  return { href, text, end: at + match[0].length }
}

/** As it was typed if it is plain ASCII; as the browser will ask for it, with the host in punycode, if it is not: letters of other scripts pose as Latin ones. */
function shownAddress(raw: string): string {
  return /^[\x21-\x7e]*$/.test(raw) && raw.toLowerCase().startsWith(new URL(raw).origin) ? raw : new URL(raw).href
}

/** Signs that are drawn like a dot or a slash of an address and that NFKC leaves as they are: U+3002, U+00B7, U+2044 and the like. */
const dotsAndSlashes =
  /[./\\\u3002\u00b7\u0387\u2022\u2024\u2027\u2219\u22c5\u30fb\ua4f8\u06d4\u0701\u0702\u2044\u2215\u29f8\u27cb\u2571\u3033]/u

/** Or like nothing at all. */
function looksLikeAddress(label: string): boolean {
  const seen = label.normalize("NFKC").replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cc}\s]/gu, "")
  return seen === "" || dotsAndSlashes.test(seen)
}
