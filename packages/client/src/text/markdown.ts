// The part of GFM-MIMI Markdown that a chat shows: emphasis, code, links, lists, quotes. The answer is a tree of plain data that is
// drawn as elements or printed; nothing here ever becomes HTML text. Time is linear in the length of the message, depth is bounded, and every
// letter of the source is in the tree: what is not understood is shown as it stands.

import { type Inline, parseInline } from "./inline.ts"

export interface ListItem {
  /** What the line begins with, as it was written: `- `, `3) `. */
  readonly lead: string
  readonly children: readonly Inline[]
}

export type Block = {
  /** Empty lines above it. */
  readonly gap: number
} & (
  | { readonly type: "paragraph" | "quote"; readonly children: readonly Inline[] }
  /** `info`: the words beside the fence, usually a language. */
  | { readonly type: "code"; readonly info: string; readonly text: string }
  | { readonly type: "list"; readonly items: readonly ListItem[] }
)

export function parseMarkdown(source: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = source.replaceAll(/\r\n?/g, "\n").split("\n")
  let at = 0
  let gap = 0
  const add = (block: Block): void => {
    blocks.push(block)
    gap = 0
  }
  while (at < lines.length) {
    const line = lines[at] ?? ""
    if (line.trim() === "") {
      // Empty lines count between blocks only.
      if (blocks.length > 0) gap++
      at++
      continue
    }
    const start = at
    const fence = openingFence(line)
    if (fence !== undefined) {
      at++
      while (at < lines.length && !closesFence(lines[at] ?? "", fence.mark)) at++
      add({ type: "code", gap, info: fence.info, text: lines.slice(start + 1, at).join("\n") })
      at++
      continue
    }
    if (listItem(line) !== undefined) {
      const items: ListItem[] = []
      for (let item = listItem(line); item !== undefined; item = listItem(lines[at] ?? "")) {
        items.push({ lead: item.lead, children: parseInline(item.text) })
        at++
      }
      add({ type: "list", gap, items })
      continue
    }
    if (line.startsWith(">")) {
      while (lines[at]?.startsWith(">") === true) at++
      const quoted = lines.slice(start, at).map((quote) => quote.replace(/^> ?/, ""))
      add({ type: "quote", gap, children: parseInline(quoted.join("\n")) })
      continue
    }
    while (at < lines.length && (at === start || isParagraphLine(lines[at] ?? ""))) at++
    // Without an empty line, Markdown would take the words after a list or a quote for a part of it: that line was not written by anybody.
    const apart = needsEmptyLine(blocks.at(-1)) ? 1 : 0
    add({ type: "paragraph", gap: Math.max(0, gap - apart), children: parseInline(lines.slice(start, at).join("\n")) })
  }
  return blocks
}

export function needsEmptyLine(before: { readonly type: Block["type"] } | undefined): boolean {
  return before?.type === "list" || before?.type === "quote"
}

function isParagraphLine(line: string): boolean {
  return line.trim() !== "" && openingFence(line) === undefined && !line.startsWith(">") && listItem(line) === undefined
}

export function listItem(line: string): { readonly lead: string; readonly text: string } | undefined {
  const match = /^(\s*(?:[-*•]|\d{1,9}[.)])[ \t]+)(\S.*)$/.exec(line)
  // `- - -` and `* * *` are lines, not lists.
  if (match?.[1] === undefined || match[2] === undefined || /^[-*\s]+$/.test(line)) return undefined
  return { lead: match[1], text: match[2] }
}

function openingFence(line: string): { readonly mark: string; readonly info: string } | undefined {
  const match = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  // Backticks after a fence of backticks: a piece of code within a line.
  return match[1].startsWith("`") && match[2].includes("`") ? undefined : { mark: match[1], info: match[2].trim() }
}

function closesFence(line: string, mark: string): boolean {
  const text = line.trim()
  return text.startsWith(mark) && text === (mark[0] ?? "").repeat(text.length)
}
