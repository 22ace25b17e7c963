// A message in one line, for lists, quotes and screen readers.

import type { MessageContent } from "@nodoor/client"
import { plainText } from "./markdown.ts"
import { t } from "./catalogue.ts"

const wordless: Readonly<Record<Exclude<MessageContent["type"], "text" | "event"> | "absent", string>> = {
  deleted: t.message.deleted,
  waiting: t.message.waiting,
  shared_history: t.message.shared.line,
  unsupported: t.message.unsupportedLine,
  absent: t.message.absent,
}

export function messageWords(message: { readonly kind: MessageContent["type"] | "absent"; readonly text: string }): string {
  return message.kind === "text" || message.kind === "event" ? plainText(message.text) : wordless[message.kind]
}
