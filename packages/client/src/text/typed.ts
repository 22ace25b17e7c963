// What a person types becomes GFM-MIMI Markdown, and back for changing it. `*bold*`, `_italic_`, `~struck~`, code, quotes and lists are
// meant; every other sign is escaped, so that readers in any program see what was typed.

import { addressAt } from "./address.ts"
import { type Inline, parseInline } from "./inline.ts"
import type { Mention } from "./mention.ts"
import { type Block, listItem, needsEmptyLine, parseMarkdown } from "./markdown.ts"

/** Empty lines around what was typed are dropped, nothing else. `people`: who is mentioned by `@Name`. */
export function markdownOf(typed: string, people: readonly Mention[] = []): string {
  const lineOf = (line: string): string => writtenLine(line, people)
  const lines = typed
    .replaceAll(/\r\n?/g, "\n")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd()
    .split("\n")
  const lastFence = lines.findLastIndex((line) => line.includes("```"))
  const out: string[] = []
  let before: Block["type"] | undefined
  let number: Count | undefined
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ""
    const code = line.startsWith("```") && at < lastFence ? codeBlock(lines, at) : undefined
    if (code !== undefined) {
      out.push(...code.lines)
      before = "code"
      // What stands behind the closing fence goes on as a line of its own.
      if (code.rest.trim() !== "") lines[code.last] = code.rest.trimStart()
      at = code.rest.trim() === "" ? code.last : code.last - 1
      continue
    }
    if (line.trim() === "") {
      out.push("")
      number = undefined
      continue
    }
    const quote = /^> ?(?=\s*\S)|^>\s*$/.exec(line)
    if (quote !== null && (line.startsWith("> ") || (before === "quote" && out.at(-1) !== ""))) {
      out.push(`> ${lineOf(line.slice(quote[0].length))}`.trimEnd())
      before = "quote"
      continue
    }
    const item = meantItem(line, before === "list" ? number : undefined)
    if (item !== undefined) {
      out.push(item.lead + lineOf(item.text))
      number = item.number
      before = "list"
      continue
    }
    if (needsEmptyLine(before === undefined ? undefined : { type: before })) out.push("")
    out.push(lineOf(line))
    before = "paragraph"
  }
  return out.join("\n")
}

/** What a person would have to type for this Markdown. */
export function typedOf(markdown: string): string {
  return parseMarkdown(markdown)
    .map((block, index) => (index === 0 ? "" : "\n".repeat(1 + block.gap)) + typedBlock(block))
    .join("")
}

interface Count {
  readonly value: number
  readonly sign: string
}

/** A list that counts on: another program would number 5, 7 as 5, 6. */
function meantItem(
  line: string,
  previous: Count | undefined,
): { readonly lead: string; readonly text: string; readonly number: Count | undefined } | undefined {
  const item = listItem(line)
  if (item === undefined) return undefined
  const match = /(\d+)([.)])/.exec(item.lead)
  if (match?.[1] === undefined || match[2] === undefined) return { ...item, number: undefined }
  const number = { value: Number(match[1]), sign: match[2] }
  const counts = previous === undefined || previous.sign !== number.sign || number.value === previous.value + 1
  return counts ? { ...item, number } : undefined
}

/** From a line that begins with three backticks to the next three on another line. */
function codeBlock(
  lines: readonly string[],
  first: number,
): { readonly lines: readonly string[]; readonly rest: string; readonly last: number } | undefined {
  const beside = (lines[first] ?? "").slice(3)
  if (beside.includes("`")) return undefined
  let last = first + 1
  while (last < lines.length && lines[last]?.includes("```") !== true) last++
  if (last === lines.length) return undefined
  const end = lines[last] ?? ""
  const place = end.indexOf("```")
  const info = place === 0 && /^[\w+#.-]{1,20}$/.test(beside)
  const code = [...(info || beside === "" ? [] : [beside]), ...lines.slice(first + 1, last), ...(place > 0 ? [end.slice(0, place)] : [])]
  if (code.every((line) => line.trim() === "")) return undefined
  return { lines: [`\`\`\`${info ? beside : ""}`, ...code, "```"], rest: end.slice(place + 3), last }
}

/** One line of words. */
function writtenLine(line: string, people: readonly Mention[]): string {
  const written = write(parseInline(line, "typed", people), new Set())
  const lead = /^\s*/.exec(line)?.[0] ?? ""
  const rest = line.slice(lead.length)
  // Only what the line begins with is left to be escaped; signs of emphasis already are.
  if (/^(?:#{1,6}(?:\s|$)|[-+](?:\s|$)|>|[-=|:][-=|:*_\s]*$)/.test(rest)) return `${lead}\\${written.slice(lead.length)}`
  const counted = /^(\d{1,9})[.)](?:\s|$)/.exec(rest)
  if (counted?.[1] === undefined) return written
  const place = lead.length + counted[1].length
  return `${written.slice(0, place)}\\${written.slice(place)}`
}

const signs = { strong: "**", emphasis: "_", strike: "~~" } as const

function write(nodes: readonly Inline[], inside: ReadonlySet<string>): string {
  return nodes
    .map((node, index) => {
      switch (node.type) {
        case "text":
          return escaped(node.text, nodes[index + 1])
        case "code":
          return codeSpan(node.text)
        case "link":
          return written(node.text, nodes[index + 1])
        case "mention":
          return `[${escaped(node.text, undefined).replaceAll("]", "\\]")}](mimi://${node.origin}/u/${node.account})`
        case "break":
          return "\n"
        default: {
          const children = write(node.children, new Set([...inside, node.type]))
          return inside.has(node.type) ? children : signs[node.type] + children + signs[node.type]
        }
      }
    })
    .join("")
}

/** Other programs take all up to the next space for the address, and an escape for a part of it: then its borders are given. */
function written(address: string, next: Inline | undefined): string {
  const glued = next?.type === "text" ? escaped(/^\S*/.exec(next.text)?.[0] ?? "", undefined) : ""
  const isPlain = !glued.includes("\\") && (/^[^/]*(?:\/\/)?[^/?#]*\./.test(address) || !/[*_~[&]/.test(address))
  if (isPlain) return address
  const bordered = /^www\./i.test(address) ? `[${escaped(address, undefined)}](https://${address})` : `<${address}>`
  const [link, more] = parseInline(bordered)
  return link?.type === "link" && link.text === address && link.address === undefined && more === undefined ? bordered : address
}

const between = /[\p{L}\p{N}]/u

function escaped(text: string, next: Inline | undefined): string {
  return text.replaceAll(/[\\*_~`[<&!]/g, (sign: string, at: number) => {
    const after = text[at + 1]
    switch (sign) {
      case "\\":
        // Before a letter or a space it is a sign like others; what follows the text may begin with a mark.
        return after === undefined || /[!-/:-@[-`{-~]/.test(after) ? "\\\\" : sign
      case "_":
        return between.test(codePointBefore(text, at)) && between.test(codePointAfter(text, at + 1)) ? sign : "\\_"
      case "!":
        // An address behind it may be written in brackets, and would be a picture.
        return after === undefined && (next?.type === "link" || next?.type === "mention") ? "\\!" : sign
      case "<":
        return /[A-Za-z/!?]/.test(after ?? "") || (after === undefined && next !== undefined) ? "\\<" : sign
      case "&":
        return /^&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/.test(text.slice(at, at + 36)) ? "\\&" : sign
      default:
        return `\\${sign}`
    }
  })
}

function codePointBefore(text: string, at: number): string {
  const point = text.slice(Math.max(0, at - 2), at)
  return point.codePointAt(0) !== undefined && (point.codePointAt(0) ?? 0) > 0xffff ? point : point.slice(-1)
}

function codePointAfter(text: string, at: number): string {
  const point = text.codePointAt(at)
  return point === undefined ? "" : String.fromCodePoint(point)
}

function codeSpan(code: string, taken: Iterable<number> = []): string {
  const fence = "`".repeat(freeSize(code, taken))
  const apart = (code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "") || code.startsWith("`") || code.endsWith("`")
  return apart ? `${fence} ${code} ${fence}` : fence + code + fence
}

/** The smallest number of backticks that does not occur in the code as a run of its own. */
function freeSize(code: string, taken: Iterable<number>): number {
  const sizes = new Set([...taken, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length)])
  let size = 1
  while (sizes.has(size)) size++
  return size
}

const typedSigns = { strong: "*", emphasis: "_", strike: "~" } as const

function typedBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return typedInline(block.children, literalRuns(block.children))
    case "quote":
      return typedInline(block.children, literalRuns(block.children))
        .split("\n")
        .map((line) => (line === "" ? ">" : `> ${line}`))
        .join("\n")
    case "list":
      return block.items.map((item) => item.lead + typedInline(item.children, literalRuns(item.children))).join("\n")
    case "code":
      return `\`\`\`${block.info}\n${block.text}\n\`\`\``
  }
}

/** Backticks that are only that: no code may be fenced by as many. */
function literalRuns(nodes: readonly Inline[]): ReadonlySet<number> {
  return new Set(
    nodes.flatMap((node) => {
      if ("children" in node) return [...literalRuns(node.children)]
      return node.type === "text" ? Array.from(node.text.matchAll(/`+/g), ([run]) => run.length) : []
    }),
  )
}

function typedInline(nodes: readonly Inline[], taken: ReadonlySet<number>): string {
  return nodes
    .map((node) => {
      switch (node.type) {
        case "text":
        case "mention":
          return node.text
        case "code":
          return codeSpan(node.text, taken)
        case "link":
          return node.address === undefined || isAddress(node.text) ? node.text : `[${node.text}](${node.address})`
        case "break":
          return "\n"
        default:
          return typedSigns[node.type] + typedInline(node.children, taken) + typedSigns[node.type]
      }
    })
    .join("")
}

function isAddress(text: string): boolean {
  return addressAt(text, 0, undefined)?.length === text.length
}
