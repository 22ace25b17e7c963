// Who is mentioned in a message.

import type { Inline } from "./inline.ts"
import { parseMarkdown } from "./markdown.ts"
import { mentionsMax } from "./mention.ts"

/** Accounts in hexadecimal, each once, those that are mentioned first. Code mentions nobody. */
export function mentionedIn(markdown: string): readonly string[] {
  // Most messages mention nobody, and need not be read for that.
  if (!markdown.includes("](mimi://")) return []
  const found = new Set<string>()
  const look = (nodes: readonly Inline[]): void => {
    for (const node of nodes) {
      if (node.type === "mention" && found.size < mentionsMax) found.add(node.account)
      else if ("children" in node) look(node.children)
    }
  }
  for (const block of parseMarkdown(markdown)) {
    if (block.type === "list") for (const item of block.items) look(item.children)
    else if (block.type !== "code") look(block.children)
  }
  return [...found]
}
