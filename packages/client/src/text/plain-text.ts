// What a message says without drawing it: for a terminal, the clipboard, the chat list, search and what a screen reader announces.

import type { Inline } from "./inline.ts"
import { type Block, parseMarkdown } from "./markdown.ts"

/** The words of a message as they are shown, line by line. */
export function shownText(markdown: string): string {
  return parseMarkdown(markdown)
    .map((block, index) => (index === 0 ? "" : "\n".repeat(1 + block.gap)) + linesOf(block, "> "))
    .join("")
}

/** The same on one line. */
export function plainText(markdown: string): string {
  return parseMarkdown(markdown)
    .map((block) => linesOf(block, ""))
    .join(" ")
    .replaceAll(/\s+/g, " ")
    .trim()
}

/** Words with a link's address beside those that do not say it. */
function wordsOf(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.type === "break") return "\n"
      if (node.type === "link" && node.address !== undefined) return `${node.text} (${node.address})`
      return "children" in node ? wordsOf(node.children) : node.text
    })
    .join("")
}

function linesOf(block: Block, quoteLead: string): string {
  switch (block.type) {
    case "paragraph":
      return wordsOf(block.children)
    case "quote":
      return wordsOf(block.children)
        .split("\n")
        .map((line) => (quoteLead + line).trimEnd())
        .join("\n")
    case "list":
      return block.items.map((item) => item.lead + wordsOf(item.children)).join("\n")
    case "code":
      return block.info === "" ? block.text : `${block.info}\n${block.text}`
  }
}
